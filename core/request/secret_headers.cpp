// SPDX-License-Identifier: Apache-2.0
#include "core/request/secret_headers.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace gatehouse::core {

namespace {

/// Whether the name of a header says that its value is a credential.
bool holds_secret(std::string_view name) {
    using namespace std::string_view_literals;
    static constexpr std::array harmless = {"accept"sv,     "content-length"sv, "content-type"sv,
                                            "date"sv,       "host"sv,           "x-content-sha256"sv,
                                            "user-agent"sv, "traceparent"sv};
    if (std::ranges::find(harmless, name) != harmless.end()) return false;  // most headers, at little cost
    static constexpr std::array words = {"auth", "key", "token", "secret", "cookie", "signature", "session"};
    const auto same = [](char a, char b) { return (a | 0x20) == b; };
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
        return std::search(name.begin(), name.end(), word.begin(), word.end(), same) != name.end();
    });
}

}  // namespace

std::vector<std::string> secrets_of(const http::Headers& headers) {
    std::vector<std::string> secrets;
    for (const auto& [name, value] : headers)
        if (holds_secret(name)) secrets.push_back(value);
    return secrets;
}

}  // namespace gatehouse::core
