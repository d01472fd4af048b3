// SPDX-License-Identifier: Apache-2.0
// The escape sequences of JSON strings, such as "\n" and "\u00e9".  Functions without
// state: any thread.
#pragma once

#include <gatehouse/json_unescape.hpp>

#include <string>
#include <string_view>

namespace gatehouse::redact {

using gatehouse::detail::code_unit;
using gatehouse::detail::hex_digit;

// The halves of a surrogate pair.
inline bool is_high(int unit) { return unit >= 0xD800 && unit < 0xDC00; }
inline bool is_low(int unit) { return unit >= 0xDC00 && unit < 0xE000; }

/// Decodes a complete escape sequence, which may be a surrogate pair.
std::string meaning(std::string_view escape);

}  // namespace gatehouse::redact
