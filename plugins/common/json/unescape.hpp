// SPDX-License-Identifier: Apache-2.0
// The inside of a JSON string: whether its escapes are right, and what it means.
// Functions without state: any thread.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::json {

enum class Escapes { none, right, wrong };

/// What `inside` has of them.  A half of a surrogate pair is wrong.
/// REQUIRES: 64 bytes behind its end may be read.
Escapes check_escapes(std::string_view inside);

/// Appends what `inside` means.  REQUIRES: its escapes are right.
void append_unescaped(std::string_view inside, std::string& out);

}  // namespace gatehouse::json
