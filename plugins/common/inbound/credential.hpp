// SPDX-License-Identifier: Apache-2.0
// Credentials in the headers of a client.  Functions without state: any thread.
#pragma once

#include <gatehouse/http.hpp>

#include <string_view>

namespace gatehouse::inbound {

/// The token of `Authorization: Bearer TOKEN`.  Returns an empty view without such a header,
/// with another scheme, or with two headers: a proxy or an upstream might read the other
/// one.  Valid as long as `headers`.
std::string_view bearer_token(const http::Headers& headers);

/// The bearer token, or the value of `x-api-key` if there is no bearer token.  Returns an
/// empty view if either header appears twice.
std::string_view bearer_or_api_key(const http::Headers& headers);

}  // namespace gatehouse::inbound
