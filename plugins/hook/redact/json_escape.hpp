// SPDX-License-Identifier: Apache-2.0
// The escape sequences within JSON's strings, "\n" and "\u00e9".  Functions without
// state: any thread.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::redact {

/// What a hexadecimal digit stands for; -1: it is none.
int hex_digit(char c);

/// The number of "\uXXXX" at the start of `text`; -1: it is none.
int code_unit(std::string_view text);

// The halves of a character that takes two of them.
inline bool is_high(int unit) { return unit >= 0xD800 && unit < 0xDC00; }
inline bool is_low(int unit) { return unit >= 0xDC00 && unit < 0xE000; }

/// What a complete escape sequence means, which may be two halves of a character.
std::string meaning(std::string_view escape);

}  // namespace gatehouse::redact
