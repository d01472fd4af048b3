// SPDX-License-Identifier: Apache-2.0
// Numbers as JSON writes them (RFC 8259, 6).  Functions without state: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::json {

enum class NumberCheck {
    fine,
    malformed,
    long_integer,  // well-formed, but too large for 64 bits
    huge,          // well-formed, but too large for a double
};
NumberCheck check_number(std::string_view text);

// REQUIRES for both: check_number(text) is not malformed.

/// Returns nothing if the number is too large, and 0 if it is too small for a double.
std::optional<double> double_of(std::string_view text);
/// An integer, also written 1.0 or 1e3.  Returns nothing if it does not fit.
std::optional<std::int64_t> integer_of(std::string_view text);

}  // namespace gatehouse::json
