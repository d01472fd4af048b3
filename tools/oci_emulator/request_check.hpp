// SPDX-License-Identifier: Apache-2.0
// Whether the service would take a chat request: its fields, its messages, and
// what the model behind it refuses.  Pure functions: [any thread].
#pragma once

#include "tools/oci_emulator/answers.hpp"
#include "tools/oci_emulator/catalogue.hpp"
#include "tools/oci_emulator/json.hpp"

#include <set>
#include <string>

namespace gatehouse::emulator {

struct RequestRules {
    /// Compartments that exist.  Empty: every well-formed OCID of one, or of a tenancy, does.
    std::set<std::string> compartments = {};
    bool any_compartment = false;  // any text will do
    /// Refuse $ref and $defs in schemas, and anyOf in those of tools (reference, 2.2).
    bool strict_schemas = false;
};

/// The fields of ChatDetails and of a GENERIC request, and the model it is for.
Refusal check_chat(const Json& details, const RequestRules& rules, Model& model);

/// The roles, contents and parts of GENERIC messages, and the pairing of tool results.
Refusal check_messages(const Json& messages, const Model& model);

/// Fields that the API has and this model refuses, in its vendor's words.
Refusal check_quirks(const Json& request, const Model& model);

}  // namespace gatehouse::emulator
