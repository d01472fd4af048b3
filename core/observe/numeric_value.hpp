// SPDX-License-Identifier: Apache-2.0
// The fields of log lines that are numbers.  Callers give all values as text, so the name decides: the type
// of a field does not depend on a client's text.  [any thread]
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::core {

/// The number of a field whose name is a quantity, such as `status`, `count` or `next_try_s`.  Nothing if the
/// name is not a quantity, or the value is not a decimal integer.
std::optional<std::int64_t> numeric_value(std::string_view name, std::string_view value);

}  // namespace gatehouse::core
