// SPDX-License-Identifier: Apache-2.0
// Small text helpers of all kinds of plugins.  Functions without state: any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::common {

/// Appends `one` to `list`, "a, b".
inline void add_to_list(std::string& list, std::string_view one) {
    list.append(list.empty() ? "" : ", ").append(one);
}

/// "a, b, c"
template <typename Names>
std::string joined(const Names& names) {
    std::string list;
    for (const auto& name : names) add_to_list(list, name);
    return list;
}

/// `text` without the characters of `blanks` at both ends.
inline std::string_view trimmed(std::string_view text, std::string_view blanks = " \t\r\n") {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// ASCII letters in lower case, independent of any locale.
inline std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
/// Whether `c` is white space of JSON (RFC 8259, 2).
inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// Whether `c` is a byte of a UTF-8 character after its first.
inline bool is_inside_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The beginning of `text` in at most `most` bytes, which does not end within a UTF-8 character.
inline std::string_view beginning(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && is_inside_character(text[most])) --most;
    return text.substr(0, most);
}

/// The number of UTF-8 characters in `text`.
inline std::int64_t characters(std::string_view text) {
    return std::ranges::count_if(text, [](char c) { return !is_inside_character(c); });
}

}  // namespace gatehouse::common
