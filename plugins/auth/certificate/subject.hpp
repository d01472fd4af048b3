// SPDX-License-Identifier: Apache-2.0
// A certificate's subject as RFC 2253 writes it, read as far as it says who somebody is.
// Functions without state: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::certificate {

/// The value of `CN`, as it stands there, escapes included; nothing if there is none, or
/// several, of which others might read another one.  Valid as long as `subject`.
std::optional<std::string_view> common_name(std::string_view subject);

/// Whether `text` is what `pattern` says, in which a star is any rest, also an empty one.
/// Upper and lower case differ.
bool fits(std::string_view pattern, std::string_view text);

}  // namespace gatehouse::certificate
