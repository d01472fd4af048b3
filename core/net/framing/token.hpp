// SPDX-License-Identifier: Apache-2.0
// The tokens of request and response heads.  Plain functions: [any thread].
#pragma once

#include <array>
#include <string_view>

namespace gatehouse::core {

inline constexpr std::array<bool, 256> token_bytes = [] {
    std::array<bool, 256> table{};
    for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32] = true;
    for (int c = '0'; c <= '9'; ++c) table[c] = true;
    for (char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'})
        table[static_cast<unsigned char>(c)] = true;
    return table;
}();

/// Whether `text` is a token of RFC 9110, 5.6.2: a method or a header's name.
inline bool is_token(std::string_view text) {
    for (const unsigned char c : text)
        if (!token_bytes[c]) return false;
    return !text.empty();
}

/// `text` without the blanks around it.
inline std::string_view without_blanks(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace gatehouse::core
