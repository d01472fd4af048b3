// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/inbound/credential.hpp"

#include "plugins/common/text/text.hpp"

namespace gatehouse::inbound {

namespace {

constexpr std::string_view blanks = " \t";

/// The token of `Bearer TOKEN`.  Returns nothing for another scheme.
std::string_view token_of(std::string_view value) {
    constexpr std::string_view scheme = "Bearer ";
    value = common::trimmed(value, blanks);
    if (!http::equal_ignoring_case(value.substr(0, scheme.size()), scheme)) return {};
    return common::trimmed(value.substr(scheme.size()), blanks);
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
    return token.empty() ? common::trimmed(api_key.value, blanks) : token;
}

}  // namespace gatehouse::inbound
