// SPDX-License-Identifier: Apache-2.0
// base64url as in JSON Web Signatures (RFC 7515, 2): no padding, no blanks, and exactly
// one spelling for each text.  A function without state: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::jwt {

/// Returns the decoded bytes.  Returns nothing if `text` has a character of another
/// alphabet, padding, an impossible length, or unused bits that are not zero.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace gatehouse::jwt
