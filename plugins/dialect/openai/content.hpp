// SPDX-License-Identifier: Apache-2.0
// What the head says about the body, and about the model in the path.
// Pure functions.  [any thread]
#pragma once

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <string>
#include <string_view>

namespace gatehouse::openai_dialect {

/// Refuses, with 415, a body that is said to be something else than JSON in
/// UTF-8, or to be compressed.  No content type at all is accepted.
Result<void> check_content(const http::Headers& headers);

/// `text` with its percent escapes resolved; nothing if one of them is malformed.
Result<std::string> percent_decoded(std::string_view text);

}  // namespace gatehouse::openai_dialect
