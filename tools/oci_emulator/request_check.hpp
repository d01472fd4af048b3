// SPDX-License-Identifier: Apache-2.0
// Whether the service would take a chat request: its fields, its messages, and
// what the model behind it refuses.  Pure functions: [any thread].
#pragma once

#include "tools/oci_emulator/answers.hpp"
#include "tools/oci_emulator/catalogue.hpp"
#include "tools/oci_emulator/fields.hpp"

#include <set>
#include <string>

namespace gatehouse::emulator {

struct RequestRules {
    /// Compartments that exist.  Empty: every well-formed OCID of one, or of a tenancy, does.
    std::set<std::string> compartments = {};
    bool any_compartment = false;  // any text will do
    /// Reject $ref and $defs in schemas, and anyOf in those of tools
    /// (plugins/provider/oci/PROTOCOL.md, section 2.2).
    bool strict_schemas = false;
    /// OCIDs of models and endpoints, and the names of the models that they stand for.
    ModelNames models = {};
};

/// The fields of ChatDetails and of a request in one of the three formats, and the model it is for.
Refusal check_chat(const Json& details, const RequestRules& rules, Model& model);

/// A servingMode, and the model it is about, which must have the operation.
Refusal check_serving(const Json& serving, const RequestRules& rules, Operation operation, Model& model);

bool compartment_exists(std::string_view id, const RequestRules& rules);
ServiceError model_not_found(std::string_view id);

/// The fields of a COHERE request (cohere_check.cpp) and of a COHEREV2 one (cohere_v2_check.cpp).
Refusal check_cohere(const Json& request, const Model& model);
Refusal check_cohere_v2(const Json& request, const Model& model);
/// What both of them have: sampling, limits, stops, streaming.
std::vector<FieldRule> cohere_common_fields();
/// On demand a Cohere model says at most 4000 tokens.
Refusal check_cohere_limit(const Json& request, const Model& model);

/// A data: URL with base64, one with an address in it, or an address.
Check media_url();
/// Every tool result answers a call of the assistant message right before it.
Refusal check_pairing(const Json& messages);

/// The roles, contents and parts of GENERIC messages, and the pairing of tool results.
Refusal check_messages(const Json& messages, const Model& model);

/// Fields that the API has and this model refuses, in its vendor's words.
Refusal check_quirks(const Json& request, const Model& model);

}  // namespace gatehouse::emulator
