// SPDX-License-Identifier: Apache-2.0
// base64url as JSON Web Signatures write it (RFC 7515, 2): no padding, no blanks, and
// one spelling for each text.  A function without state: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::jwt {

/// The bytes, or nothing: a character of another alphabet, padding, a length that
/// cannot be, or bits at the end that are not zero.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace gatehouse::jwt
