// SPDX-License-Identifier: Apache-2.0
// Reads the content type and content coding of a request, and the model in its path.
// Pure functions.  [any thread]
#pragma once

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <string>
#include <string_view>

namespace gatehouse::client {

/// Refuses, with 415, a compressed body, and a content type other than JSON in UTF-8.  A
/// request without a content type is accepted.
Result<void> check_content(const http::Headers& headers);

/// Decodes the percent escapes of `text`.  Returns nothing if an escape is malformed.
Result<std::string> percent_decoded(std::string_view text);

/// The decoded value of `name` in a query; empty if it is absent.
Result<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace gatehouse::client
