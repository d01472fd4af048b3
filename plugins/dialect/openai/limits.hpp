// SPDX-License-Identifier: Apache-2.0
// The headers of OpenAI's API that tell a client how far its limits are used: x-ratelimit-….
// Pure functions.  [any thread]
#pragma once

#include <gatehouse/standing.hpp>

#include <chrono>
#include <string>

namespace gatehouse::openai_dialect {

/// Replaces headers of the same names, which come from an upstream.
void add_limits(const Standing& standing, http::Headers& headers);

/// As OpenAI writes it: "17ms", "1.2s", "6m0s".
std::string duration_text(std::chrono::milliseconds time);

}  // namespace gatehouse::openai_dialect
