// SPDX-License-Identifier: Apache-2.0
#include "core/request/inner_address.hpp"

#include "core/request/text_pieces.hpp"

#include <array>
#include <charconv>
#include <string>

namespace gatehouse::core {

namespace {

bool is_ipv4(std::string_view text) {
    const auto parts = split(text, '.');
    return parts.size() == 4 && std::ranges::all_of(parts, [](std::string_view part) {
               int number = 0;
               std::from_chars(part.data(), part.data() + part.size(), number);
               return all_digits(part) && part.size() <= 3 && number <= 255;
           });
}

/// A time of the day has colons too.
bool is_ipv6(std::string_view text) {
    if (std::ranges::count(text, ':') < 2 ||
        !std::ranges::all_of(text, [](char c) { return is_hex(c) || c == ':' || c == '.'; }))
        return false;
    return text.find("::") != text.npos || std::ranges::count(text, ':') == 7;
}

bool is_inner_name(std::string_view name, std::string_view upstream_host) {
    static constexpr std::array suffixes = {".local", ".localdomain", ".internal", ".intranet", ".lan",
                                            ".corp",  ".private",     ".home",     ".svc",      ".consul",
                                            ".test",  ".invalid",     ".localhost"};
    static constexpr std::array labels = {".svc.",  ".internal.", ".intranet.",
                                          ".corp.", ".private.",  ".cluster."};
    const std::string lower = lower_case(name);
    if (lower == "localhost" || (!lower.empty() && lower == lower_case(upstream_host))) return true;
    return std::ranges::any_of(suffixes, [&](const char* end) { return lower.ends_with(end); }) ||
           std::ranges::any_of(labels, [&](const char* label) { return lower.find(label) != lower.npos; });
}

bool is_port(std::string_view text) {
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return all_digits(text) && text.size() <= 5 && (number == 80 || number == 443 || number >= 1024);
}

/// A name with a dot, a hyphen or a digit and a port is a host, "column:2048" is not.
bool is_host_and_port(std::string_view token) {
    const std::size_t colon = token.find(':');
    if (colon == token.npos || colon == 0 || !is_port(token.substr(colon + 1))) return false;
    const std::string_view name = token.substr(0, colon);
    return std::ranges::all_of(name, is_name) && is_letter(name.front()) &&
           std::ranges::any_of(name, [](char c) { return c == '.' || c == '-' || is_digit(c); });
}

/// Hosts of the upstream's domain with help for its users, such as docs.example.com.
bool is_for_readers(std::string_view host) {
    static constexpr std::array<std::string_view, 13> labels = {
        "www",   "docs", "help",  "support",   "platform", "console",   "status",
        "learn", "blog", "forum", "community", "dev",      "developers"};
    return contains(labels, lower_case(host.substr(0, host.find('.'))));
}

std::string_view parent_of(std::string_view host) {
    const std::size_t dot = host.find('.');
    return dot == host.npos || host.find('.', dot + 1) == host.npos ? host : host.substr(dot + 1);
}

}  // namespace

bool is_inner_host(std::string_view token, std::string_view upstream_host) {
    const std::string_view name = without_numbers(token);
    return is_ipv4(name) || is_ipv6(token) || is_host_and_port(token) ||
           (std::ranges::all_of(name, is_name) && is_inner_name(name, upstream_host));
}

bool is_inner_url(std::string_view url, std::string_view upstream_host) {
    constexpr std::string_view public_scheme = "https://";
    if (!lower_case(url).starts_with(public_scheme)) return true;
    url.remove_prefix(public_scheme.size());
    const std::string_view host = url.substr(0, url.find_first_of("/?#"));
    if (host.find('.') == host.npos || !std::ranges::all_of(host, is_name) ||
        is_inner_host(host, upstream_host))
        return true;
    const bool of_upstream = lower_case(host).ends_with(lower_case(parent_of(upstream_host)));
    return !upstream_host.empty() && of_upstream && !is_for_readers(host);
}

}  // namespace gatehouse::core
