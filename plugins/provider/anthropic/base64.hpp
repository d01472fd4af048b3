// SPDX-License-Identifier: Apache-2.0
// Reads base64 (RFC 4648, 4): files of text come so, and the API wants the text.
// A function without state: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::anthropic {

/// Nothing: it is no base64.  Padding may be left out; line ends are passed over.
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace gatehouse::anthropic
