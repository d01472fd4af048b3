// SPDX-License-Identifier: Apache-2.0
// Decodes base64 (RFC 4648, 4).  Clients send text files in base64; the API requires the text.
// A function without state: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::anthropic {

/// Returns nothing if `text` is not base64.  Padding is optional; line ends are skipped.
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace gatehouse::anthropic
