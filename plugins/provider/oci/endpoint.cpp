// SPDX-License-Identifier: Apache-2.0
// Checks an endpoint by hand: it is small, and what is accepted goes into the
// request line and the signature as it stands.
#include "plugins/provider/oci/endpoint.hpp"

#include "plugins/provider/oci/regions.hpp"
#include "plugins/provider/oci/text.hpp"

#include <algorithm>
#include <charconv>

namespace gatehouse::oci {

namespace {

constexpr std::string_view version = "/20231130";

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_host(std::string_view host) {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        return std::all_of(host.begin() + 1, host.end() - 1, [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
                   c == '.';
        });
    return !host.empty() && host.size() <= 253 && is_alphanumeric(host.front()) &&
           std::all_of(host.begin(), host.end(),
                       [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; });
}

bool is_port(std::string_view text) {
    unsigned port = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
    return !text.empty() && text.size() <= 5 && read.ptr == text.data() + text.size() && port > 0 &&
           port < 65536;
}

bool is_path(std::string_view path) {
    constexpr std::string_view others = "/-._~%!$&'()*+,;=:@";
    return std::all_of(path.begin(), path.end(),
                       [&](char c) { return is_alphanumeric(c) || others.find(c) != others.npos; });
}

bool take_ignoring_case(std::string_view& text, std::string_view prefix) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (text.size() < prefix.size() || !std::equal(prefix.begin(), prefix.end(), text.begin(),
                                                   [&](char a, char b) { return a == lower(b); }))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

Endpoint parse(std::string_view text, const std::string& key) {
    auto wrong = [&](const std::string& why) {
        return KeyError(key, why + ": give https://host, http://host:port or https://host/base");
    };
    std::string scheme;
    if (take_ignoring_case(text, "https://"))
        scheme = "https://";
    else if (take_ignoring_case(text, "http://"))
        scheme = "http://";
    else
        throw wrong("the endpoint begins with neither https:// nor http://");

    const std::string_view authority = text.substr(0, text.find_first_of("/?#"));
    std::string_view path = text.substr(authority.size());
    if (authority.find('@') != authority.npos) throw wrong("the endpoint must not have a user or a password");
    if (path.find_first_of("?#") != path.npos)
        throw wrong("the endpoint must have neither a query nor a fragment");

    std::string_view host = authority, port;
    const std::size_t colon = authority.rfind(':');
    const bool has_port = colon != authority.npos && authority.find(']', colon) == authority.npos;
    if (has_port) {
        host = authority.substr(0, colon);
        port = authority.substr(colon + 1);
    }
    if (!is_host(host)) throw wrong("the endpoint has no valid host");
    if (has_port && !is_port(port)) throw wrong("the endpoint has no valid port");
    if (!is_path(path)) throw wrong("the endpoint's path has a character that must be percent-encoded");

    while (path.ends_with('/')) path.remove_suffix(1);
    // Some write the version into the endpoint; it is appended to each URL.
    if (path.ends_with(version)) path.remove_suffix(version.size());
    while (path.ends_with('/')) path.remove_suffix(1);
    Endpoint endpoint{.base = scheme + std::string(authority) + std::string(path),
                      .host = std::string(authority),
                      .region = ""};
    // The control plane has the same name without the first label.
    constexpr std::string_view service = "inference.";
    const bool is_inference = authority.starts_with("inference.generativeai.");
    endpoint.control_base =
        scheme + std::string(is_inference ? authority.substr(service.size()) : authority) + std::string(path);
    return endpoint;
}

}  // namespace

std::string Endpoint::url(std::string_view operation) const {
    return base + std::string(version) + std::string(operation);
}

std::vector<Endpoint> find_endpoints(const Options& options, const RegionEnvironment& environment) {
    // An empty text is what a variable that is not set has left.
    const auto given = [](std::vector<std::string> list) {
        std::erase(list, "");
        return list;
    };
    const auto key_of = [](const char* key, std::size_t index, std::size_t count) {
        return count == 1 ? key : key + ("[" + std::to_string(index) + "]");
    };
    std::vector<Region> regions;
    for (std::size_t i = 0; i < options.region.size(); ++i) {
        const std::string& name = options.region[i];
        if (name.empty()) continue;
        if (!is_region_name(name))
            throw KeyError(key_of("region", i, options.region.size()),
                           in_quotes(name) + " is no region: give one such as us-chicago-1");
        regions.push_back(find_region(name, environment));
    }
    std::vector<Endpoint> all;
    for (std::size_t i = 0; i < options.endpoint.size(); ++i) {
        if (options.endpoint[i].empty()) continue;
        Endpoint endpoint = parse(options.endpoint[i], key_of("endpoint", i, options.endpoint.size()));
        if (std::string_view host = endpoint.host; take_ignoring_case(host, "inference.generativeai."))
            endpoint.region = host.substr(0, host.find('.'));
        else if (given(options.endpoint).size() == 1 && regions.size() == 1)
            endpoint.region = regions.front().id;
        all.push_back(std::move(endpoint));
    }
    if (!all.empty()) return all;
    for (const Region& region : regions) {
        const std::string host = inference_host(region, environment.dual_stack);
        all.push_back({.base = "https://" + host,
                       .host = host,
                       .region = region.id,
                       .region_known = region.known,
                       .control_base = "https://" + control_host(region, environment.dual_stack)});
    }
    if (all.empty())
        throw KeyError("",
                       "neither region nor endpoint is given: one of them is needed, such as region = "
                       "\"us-chicago-1\"");
    return all;
}

}  // namespace gatehouse::oci
