// SPDX-License-Identifier: Apache-2.0
// Encodes vectors as base64 (RFC 4648, section 4) of little-endian float32, the default of
// OpenAI's clients.  [any thread]
#pragma once

#include <gatehouse/base64.hpp>

#include <string>
#include <vector>

namespace gatehouse::openai_dialect {

void append_base64(std::string& out, const std::vector<float>& vector);

}  // namespace gatehouse::openai_dialect
