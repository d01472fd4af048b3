// SPDX-License-Identifier: Apache-2.0
// Mends JSON with half surrogate pairs and invalid UTF-8, which parsers refuse.
// Functions without state.  [any thread]
#pragma once

#include "gatehouse/json_unescape.hpp"
#include "gatehouse/text.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace gatehouse {

namespace detail {

inline constexpr std::string_view lost_character = "\xEF\xBF\xBD";  // U+FFFD

// A mark is a private character of four bytes, which stands for half a character: U+10F800 to
// U+10FFFF for the surrogates U+D800 to U+DFFF, U+10F780 to U+10F7FF for the bytes 80 to FF.
inline constexpr unsigned first_byte_mark = 0x10F780, first_mark = 0x10F800, last_mark = 0x10FFFF;
inline constexpr std::size_t mark_bytes = 4;

inline void append_code_point(std::string& out, unsigned code) {
    char eight[8] = {};
    out.append(eight, write_utf8(code, eight));
}

/// The surrogate that stands at the start of `text` as three bytes, which are not valid UTF-8, or 0.
inline unsigned raw_surrogate(std::string_view text) {
    auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    if (text.size() < 3 || byte(0) != 0xED || byte(1) < 0xA0 || byte(1) > 0xBF || (byte(2) & 0xC0) != 0x80)
        return 0;
    return 0xD000u | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
}

}  // namespace detail

/// The mark of a half.  REQUIRES: `surrogate` is one.
inline std::string marked_half(unsigned surrogate) {
    std::string out;
    detail::append_code_point(out, detail::first_mark + (surrogate & 0x7FF));
    return out;
}

/// `json` without lone surrogates and invalid UTF-8, which become U+FFFD, or with `marks` marks.
[[gnu::cold]] inline std::string mended_json(std::string_view json, bool marks) {
    std::string out;
    out.reserve(json.size() + 64);
    for (std::string_view rest = json; !rest.empty();) {
        std::size_t length = 1;
        const int unit = detail::code_unit(rest);
        const auto raw = marks ? detail::raw_surrogate(rest) : 0;
        if ((unit >= 0xD800 && unit < 0xE000) || raw) {
            length = raw ? 3 : std::max<std::size_t>(detail::code_point(rest).length, 6);
            if (length == 12)
                out += rest.substr(0, length);
            else
                out += marks ? marked_half(raw ? raw : static_cast<unsigned>(unit))
                             : std::string(detail::lost_character);
        } else if (rest[0] == '\\' && rest.size() > 1) {
            length = static_cast<unsigned char>(rest[1]) < 0x80 ? 2 : 1;
            out += rest.substr(0, length);
        } else if (const std::size_t valid = detail::utf8_length(rest)) {
            out += rest.substr(0, length = valid);
        } else if (marks) {
            detail::append_code_point(out,
                                      detail::first_byte_mark - 0x80 + static_cast<unsigned char>(rest[0]));
        } else {
            out += detail::lost_character;
        }
        rest.remove_prefix(length);
    }
    return out;
}

}  // namespace gatehouse
