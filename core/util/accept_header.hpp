// SPDX-License-Identifier: Apache-2.0
// Elements of `accept` and `accept-encoding` (RFC 9110, 12.4.2 and 12.5).  [any thread]
#pragma once

#include <string_view>

namespace gatehouse::core {

/// Takes the next element from the list, without blanks around it; empty at the end.
std::string_view next_element(std::string_view& list);
/// The value of a parameter such as `q` in `type;q=0.5`; empty without it.
std::string_view parameter(std::string_view element, std::string_view name);
/// The weight, 1 without `q`; a value that is not a number counts as 0.
double quality(std::string_view element);
/// Whether the value of `accept-encoding` allows gzip.  An empty value does not.
bool accepts_gzip(std::string_view accepted);

}  // namespace gatehouse::core
