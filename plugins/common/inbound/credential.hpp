// SPDX-License-Identifier: Apache-2.0
// What a client shows of itself.  Functions without state: any thread.
#pragma once

#include <gatehouse/http.hpp>

#include <string_view>

namespace gatehouse::inbound {

/// The token of `Authorization: Bearer TOKEN`; empty if there is none, if it is another
/// scheme, or if the header comes twice: whoever is before or behind us might read the
/// other one.  Valid as long as `headers`.
std::string_view bearer_token(const http::Headers& headers);

/// The same, or the value of `x-api-key` if there is no such token.  Empty if
/// either header comes twice.
std::string_view bearer_or_api_key(const http::Headers& headers);

}  // namespace gatehouse::inbound
