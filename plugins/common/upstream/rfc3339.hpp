// SPDX-License-Identifier: Apache-2.0
// The times of JSON APIs, "2025-02-19T08:30:00.5+01:00" (RFC 3339).
// A function without state: any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::upstream {

/// Returns Unix seconds, or 0 if `text` is not such a time or is before 1970.
std::int64_t read_rfc3339(std::string_view text);

}  // namespace gatehouse::upstream
