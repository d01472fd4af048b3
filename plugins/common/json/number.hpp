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
    huge,  // a number of JSON's grammar that neither 64 bits nor a double can hold
};
NumberCheck check_number(std::string_view text);

// REQUIRES of both: check_number(text) has found nothing malformed.

/// Nothing: it is too large.  What is too small for a double is 0.
std::optional<double> double_of(std::string_view text);
/// A whole number, also written 1.0 or 1e3, that fits.
std::optional<std::int64_t> integer_of(std::string_view text);

}  // namespace gatehouse::json
