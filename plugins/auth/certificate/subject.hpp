// SPDX-License-Identifier: Apache-2.0
// Reads names in a certificate's subject, which has the form of RFC 2253, and in its
// alternative names.
// Functions without state: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::certificate {

/// Returns the value of `CN` unchanged, with its escapes.  Returns nothing if the CN is missing
/// or repeated, because other software could read another CN.  Valid as long as `subject`.
std::optional<std::string_view> common_name(std::string_view subject);

/// The kind that an alternative name, or a pattern of one, begins with: "DNS:", "URI:", "email:"
/// or "IP:"; empty: none of them.
std::string_view kind_of(std::string_view name);

/// Returns whether `text` matches `pattern`, in which a star matches any text, also an empty
/// one.  Case-sensitive.
bool fits(std::string_view pattern, std::string_view text);

}  // namespace gatehouse::certificate
