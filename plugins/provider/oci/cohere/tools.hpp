// SPDX-License-Identifier: Apache-2.0
// `parameterDefinitions` of the COHERE format: a flat list of parameters with
// Python's names for their types.  The description, which the model reads, carries
// the rest of the schema (enums, ranges, nested schemas).  Stateless functions:
// any thread.
#pragma once

#include <gatehouse/json_writer.hpp>

#include <string>
#include <string_view>

namespace gatehouse::oci {

/// Writes a tool's members `description` and `parameterDefinitions` from the
/// schema of its arguments.
void write_cohere_parameters(JsonWriter& json, std::string_view description, std::string_view schema);

}  // namespace gatehouse::oci
