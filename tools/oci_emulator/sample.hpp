// SPDX-License-Identifier: Apache-2.0
// Makes a value that fits a JSON schema.  Pure: [any thread].
#pragma once

#include "tools/oci_emulator/json.hpp"

#include <string>

namespace gatehouse::emulator {

/// Returns a value that `schema` accepts, always the same.  `name` varies strings.
Json sample_of(const Json& schema, const std::string& name);

}  // namespace gatehouse::emulator
