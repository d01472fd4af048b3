// SPDX-License-Identifier: Apache-2.0
// Checked by hand: it is small, and what is accepted goes into the request line
// as it stands.
#include "plugins/provider/anthropic/base_url.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/schema.hpp>

#include <algorithm>
#include <charconv>

namespace gatehouse::anthropic {

namespace {

bool only(std::string_view text, std::string_view others) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) != others.npos;
    });
}

bool is_host(std::string_view host) {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        return host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") == host.npos;
    return !host.empty() && host.size() <= 253 && only(host, "-._") &&
           std::string_view("-.").find(host.front()) == std::string_view::npos;
}

bool is_port(std::string_view text) {
    unsigned port = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
    return !text.empty() && text.size() <= 5 && read.ptr == text.data() + text.size() && port > 0 &&
           port <= 65535;
}

}  // namespace

BaseUrl parse_base_url(std::string_view text) {
    auto wrong = [](const std::string& why) {
        return KeyError("base_url", why + ": give https://host, http://host:port or https://host/base");
    };
    std::string_view scheme;
    for (std::string_view known : {"https://", "http://"})
        if (http::equal_ignoring_case(text.substr(0, known.size()), known)) scheme = known;
    if (scheme.empty()) throw wrong("base_url begins with neither https:// nor http://");
    text.remove_prefix(scheme.size());

    const std::string_view authority = text.substr(0, text.find_first_of("/?#"));
    std::string_view path = text.substr(authority.size());
    if (authority.find('@') != authority.npos) throw wrong("base_url must not have a user or a password");
    if (path.find_first_of("?#") != path.npos)
        throw wrong("base_url must have neither a query nor a fragment");

    std::string_view host = authority;
    const std::size_t colon = authority.rfind(':');
    if (colon != authority.npos && authority.find(']', colon) == authority.npos) {
        host = authority.substr(0, colon);
        if (!is_port(authority.substr(colon + 1))) throw wrong("base_url has no valid port");
    }
    if (!is_host(host)) throw wrong("base_url has no valid host");
    if (!only(path, "/-._~%!$&'()*+,;=:@"))
        throw wrong("the path of base_url has a character that must be percent-encoded");

    auto strip = [&] {
        while (path.ends_with('/')) path.remove_suffix(1);
    };
    strip();
    // Some write the version into it; every URL of ours has it.
    if (path.ends_with("/v1")) path.remove_suffix(3);
    strip();
    return {std::string(scheme).append(authority).append(path), std::string(authority)};
}

}  // namespace gatehouse::anthropic
