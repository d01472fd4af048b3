// SPDX-License-Identifier: Apache-2.0
// `parameterDefinitions` of the COHERE format: a flat list of parameters with
// Python's names for their types.  What of a schema has no place in it (enums,
// ranges, nested schemas) is said in the description, where the model reads it.
// Functions without state: any thread.
#pragma once

#include <gatehouse/json_writer.hpp>

#include <string>
#include <string_view>

namespace gatehouse::oci {

/// Writes the members `description` and `parameterDefinitions` of a tool for the
/// schema of its arguments.
void write_cohere_parameters(JsonWriter& json, std::string_view description, std::string_view schema);

}  // namespace gatehouse::oci
