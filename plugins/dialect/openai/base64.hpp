// SPDX-License-Identifier: Apache-2.0
// Vectors as base64 (RFC 4648, section 4) of their numbers in float32,
// little-endian: what OpenAI's clients ask for by default.  [any thread]
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace gatehouse::openai_dialect {

/// How many characters `bytes` bytes have, padding included.
constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

void append_base64(std::string& out, const std::vector<float>& vector);

}  // namespace gatehouse::openai_dialect
