// SPDX-License-Identifier: Apache-2.0
// A certificate's subject as RFC 2253 writes it, and its alternative names, read as far as
// they say who somebody is.
// Functions without state: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::certificate {

/// The value of `CN`, as it stands there, escapes included; nothing if there is none, or
/// several, of which others might read another one.  Valid as long as `subject`.
std::optional<std::string_view> common_name(std::string_view subject);

/// The kind that an alternative name, or a pattern of one, begins with: "DNS:", "URI:", "email:"
/// or "IP:"; empty: none of them.
std::string_view kind_of(std::string_view name);

/// Whether `text` is what `pattern` says, in which a star is any rest, also an empty one.
/// Upper and lower case differ.
bool fits(std::string_view pattern, std::string_view text);

}  // namespace gatehouse::certificate
