// SPDX-License-Identifier: Apache-2.0
// Base64 and base64url (RFC 4648, 4 and 5).  Functions without state: any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::common {

/// Length of the base64 of `bytes` bytes, with padding.
constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

/// Appends the base64 of `bytes` with padding, on one line.
void append_base64(std::string& out, std::string_view bytes);
std::string to_base64(std::string_view bytes);

/// Returns nothing if `text` is not base64.  Padding is optional; line ends are skipped.
std::optional<std::string> from_base64(std::string_view text);

/// base64url as JSON Web Signatures write it (RFC 7515, 2): no padding, no blanks, and one
/// spelling for each sequence of bytes.  Returns nothing for a character of another alphabet,
/// an impossible length, and bits at the end that are not zero.
std::optional<std::string> from_base64url(std::string_view text);

/// The bytes of base64 or base64url, with or without padding.  Stops at a character of neither.
std::string from_any_base64(std::string_view text);

}  // namespace gatehouse::common
