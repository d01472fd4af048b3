// SPDX-License-Identifier: Apache-2.0
// Small text helpers of all kinds of plugins.  Functions without state: any thread.
#pragma once

#include <gatehouse/text.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::common {

using gatehouse::beginning;
using gatehouse::lower_case;
using gatehouse::trimmed;

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

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
/// Whether `c` is white space of JSON (RFC 8259, 2).
inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// Whether `c` is a byte of a UTF-8 character after its first.
inline bool is_inside_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The number of UTF-8 characters in `text`.
inline std::int64_t characters(std::string_view text) {
    return std::ranges::count_if(text, [](char c) { return !is_inside_character(c); });
}

}  // namespace gatehouse::common
