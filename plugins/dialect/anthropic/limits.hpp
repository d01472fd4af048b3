// SPDX-License-Identifier: Apache-2.0
// The headers of Anthropic's API that tell a client how far its limits are used: anthropic-ratelimit-….
// Pure functions.  [any thread]
#pragma once

#include <gatehouse/standing.hpp>

#include <chrono>
#include <string>

namespace gatehouse::anthropic_dialect {

/// Replaces headers of the same names, which come from an upstream.
void add_limits(const Standing& standing, std::chrono::system_clock::time_point now, http::Headers& headers);

/// A time as RFC 3339 has it, rounded up to a second.
std::string rfc3339(std::chrono::system_clock::time_point time);

}  // namespace gatehouse::anthropic_dialect
