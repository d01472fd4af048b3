// SPDX-License-Identifier: Apache-2.0
// Classes of ASCII characters, independent of the locale.  Plain functions: [any thread].
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::core {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_letter(char c) { return is_lower(c) || is_upper(c); }
constexpr bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// Whether `c` may be in a key of TOML without quotes.
constexpr bool is_of_bare_key(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; }

constexpr char to_lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr char to_upper(char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; }

/// `text` with ASCII letters in lower case.
inline std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) c = to_lower(c);
    return lower;
}

}  // namespace gatehouse::core
