// SPDX-License-Identifier: Apache-2.0
// Small text helpers of the providers.  Functions without state: any thread.
#pragma once

#include "plugins/common/text/text.hpp"

#include <string>
#include <string_view>

namespace gatehouse::upstream {

using common::lower_case;

/// `text` as TOML and JSON write a string, for messages and paths of keys.
inline std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out += '"';
}

/// `text` as the value of a query parameter, or as a segment of a path (RFC 3986, 2.3).
inline std::string percent_encoded(std::string_view text) {
    constexpr std::string_view unreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (unreserved.find(c) != unreserved.npos)
            out += c;
        else
            out.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
    return out;
}

}  // namespace gatehouse::upstream
