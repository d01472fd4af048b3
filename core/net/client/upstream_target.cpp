// SPDX-License-Identifier: Apache-2.0
// Parses the host of an upstream's URL, for messages and for the choice of the proxy.  libcurl
// parses the URL again for the request.
#include "core/net/client/upstream_target.hpp"

#include "core/util/ascii.hpp"

#include <arpa/inet.h>
#include <gatehouse/http.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace gatehouse::core {

namespace {

Error refused(std::string why) {
    return {ErrorKind::internal, "the URL of the upstream cannot be used: " + std::move(why)};
}

bool has_scheme(std::string_view url, std::string_view scheme) {
    return url.size() >= scheme.size() && http::equal_ignoring_case(url.substr(0, scheme.size()), scheme);
}

bool is_host_byte(char c) { return is_lower(c) || is_digit(c) || c == '.' || c == '-' || c == '_'; }

bool is_local(const in_addr& address) {
    const auto value = ntohl(address.s_addr);
    return value >> 24 == 127 || value >> 16 == 0xa9fe;  // 127/8, 169.254/16
}

bool is_local(const in6_addr& address) {
    static constexpr unsigned char metadata[16] = {0xfd, 0, 0, 0xc1, 0,    0,    0,    0,
                                                   0,    0, 0, 0,    0xa9, 0xfe, 0xa9, 0xfe};
    const unsigned char* bytes = address.s6_addr;
    if (IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_LINKLOCAL(&address)) return true;
    if (IN6_IS_ADDR_V4MAPPED(&address)) {
        in_addr inner;
        std::memcpy(&inner, bytes + 12, sizeof inner);
        return is_local(inner);
    }
    return std::memcmp(bytes, metadata, sizeof metadata) == 0;
}

}  // namespace

Result<UpstreamTarget> upstream_target(std::string_view url) {
    if (!is_url_text(url))
        return refused("it contains a blank, a control character or a non-ASCII character");
    std::size_t start = 0;
    if (has_scheme(url, "https://"))
        start = 8;
    else if (has_scheme(url, "http://"))
        start = 7;
    else
        return refused("it must begin with http:// or https://");
    std::string authority = lower_case(url.substr(start, url.find_first_of("/?#\\", start) - start));
    if (authority.find('@') != std::string::npos)
        return refused("a URL must not contain credentials; use a signer");

    UpstreamTarget target;
    std::string_view port;
    if (authority.starts_with('[')) {
        const std::size_t end = authority.find(']');
        if (end == std::string::npos) return refused("its IPv6 address has no closing bracket");
        target.host = authority.substr(1, end - 1);
        port = std::string_view(authority).substr(end + 1);
    } else {
        const std::size_t colon = authority.find(':');
        target.host = authority.substr(0, colon);
        if (colon != std::string::npos) port = std::string_view(authority).substr(colon);
        if (!std::all_of(target.host.begin(), target.host.end(), is_host_byte))
            return refused("its host contains an invalid character");
    }
    if (target.host.empty()) return refused("it has no host");
    if (!port.empty() &&
        (port[0] != ':' || port.size() > 6 || !std::all_of(port.begin() + 1, port.end(), is_digit)))
        return refused("its port is not a number");
    in_addr four;
    target.is_name =
        authority[0] != '[' && inet_aton(target.host.c_str(), &four) != 1 && !never_proxied(target.host);
    target.label = std::move(authority);
    return target;
}

bool never_proxied(std::string_view name) {
    std::string host = lower_case(name.substr(0, name.find('%')));  // fe80::1%eth0
    if (host.ends_with('.')) host.pop_back();
    if (host == "localhost" || host.ends_with(".localhost")) return true;
    in6_addr six;
    if (inet_pton(AF_INET6, host.c_str(), &six) == 1) return is_local(six);
    in_addr four;
    // As in libcurl, 127.1, 2130706433 and 0x7f000001 are 127.0.0.1.
    if (!host.empty() && inet_aton(host.c_str(), &four) == 1) return is_local(four);
    return false;
}

bool is_url_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool may_proxy(std::string_view proxy) {
    if (!proxy.empty()) return proxy != "none";
    for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
        if (const char* value = std::getenv(name); value && *value) return true;
    return false;
}

}  // namespace gatehouse::core
