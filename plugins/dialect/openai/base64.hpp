// SPDX-License-Identifier: Apache-2.0
// Encodes vectors as base64 (RFC 4648, section 4) of little-endian float32, the default of
// OpenAI's clients.  [any thread]
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace gatehouse::openai_dialect {

/// Length of the base64 of `bytes` bytes, with padding.
constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

void append_base64(std::string& out, const std::vector<float>& vector);

}  // namespace gatehouse::openai_dialect
