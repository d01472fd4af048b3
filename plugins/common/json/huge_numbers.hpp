// SPDX-License-Identifier: Apache-2.0
// Numbers that are JSON and yet larger than any that can be read.  A plain function.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::json {

/// `text` with a 0 in place of each number that is written with more than a few digits, so
/// that simdjson judges all but their size.  Empty: a number is malformed.
std::string without_huge_numbers(std::string_view text);

}  // namespace gatehouse::json
