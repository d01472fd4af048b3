// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/inbound/credential.hpp"

namespace gatehouse::inbound {

namespace {

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The token of `Bearer TOKEN`.  Returns nothing for another scheme.
std::string_view token_of(std::string_view value) {
    constexpr std::string_view scheme = "Bearer ";
    value = trim(value);
    if (!http::equal_ignoring_case(value.substr(0, scheme.size()), scheme)) return {};
    return trim(value.substr(scheme.size()));
}

struct Found {
    std::string_view value = {};
    int times = 0;
};

Found find(const http::Headers& headers, std::string_view wanted) {
    Found found;
    for (const auto& [name, value] : headers)
        if (http::equal_ignoring_case(name, wanted)) {
            found.value = value;
            ++found.times;
        }
    return found;
}

}  // namespace

std::string_view bearer_token(const http::Headers& headers) {
    const Found authorization = find(headers, "authorization");
    return authorization.times == 1 ? token_of(authorization.value) : std::string_view();
}

std::string_view bearer_or_api_key(const http::Headers& headers) {
    const Found authorization = find(headers, "authorization"), api_key = find(headers, "x-api-key");
    if (authorization.times > 1 || api_key.times > 1) return {};
    const std::string_view token = token_of(authorization.value);
    return token.empty() ? trim(api_key.value) : token;
}

}  // namespace gatehouse::inbound
