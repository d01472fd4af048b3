// SPDX-License-Identifier: Apache-2.0
// Pieces of a message's text.  Plain functions: [any thread].
#pragma once

#include "core/util/ascii.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// Whether `c` may be in the name of a host or a file.
inline bool is_name(char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_'; }

inline bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

template <typename List>
bool contains(const List& list, std::string_view word) {
    return std::ranges::find(list, word) != list.end();
}

inline std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == text.npos) return parts;
        text.remove_prefix(at + 1);
    }
}

/// `text` without ":PORT" or ":LINE:COLUMN" at its end.
inline std::string_view without_numbers(std::string_view text) {
    for (std::size_t colon; (colon = text.rfind(':')) != text.npos && all_digits(text.substr(colon + 1));)
        text = text.substr(0, colon);
    return text;
}

}  // namespace gatehouse::core
