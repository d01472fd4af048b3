// SPDX-License-Identifier: Apache-2.0
// Checks whether the service would accept a chat request: its fields, its
// messages, and the model's own refusals.  Pure functions: [any thread].
#pragma once

#include "tools/oci_emulator/answers.hpp"
#include "tools/oci_emulator/catalogue.hpp"
#include "tools/oci_emulator/fields.hpp"

#include <set>
#include <string>

namespace gatehouse::emulator {

struct RequestRules {
    /// Existing compartments.  Empty: every well-formed OCID of a compartment or
    /// tenancy exists.
    std::set<std::string> compartments = {};
    bool any_compartment = false;  // any text is a compartment
    /// Reject $ref and $defs in schemas, and anyOf in those of tools
    /// (plugins/provider/oci/PROTOCOL.md, section 2.2).
    bool strict_schemas = false;
    /// OCIDs of models and endpoints, and the names of the models behind them.
    ModelNames models = {};
};

/// Checks the fields of ChatDetails and of a request in one of the three formats,
/// and finds its model.
Refusal check_chat(const Json& details, const RequestRules& rules, Model& model);

/// Checks a servingMode and finds its model, which must support the operation.
Refusal check_serving(const Json& serving, const RequestRules& rules, Operation operation, Model& model);

bool compartment_exists(std::string_view id, const RequestRules& rules);
ServiceError model_not_found(std::string_view id);

/// The fields of a COHERE request (cohere_check.cpp) and of a COHEREV2 one (cohere_v2_check.cpp).
Refusal check_cohere(const Json& request, const Model& model);
Refusal check_cohere_v2(const Json& request, const Model& model);
/// Fields of both formats: sampling, limits, stop strings, streaming.
std::vector<FieldRule> cohere_common_fields();
/// An on-demand Cohere model generates at most 4000 tokens.
Refusal check_cohere_limit(const Json& request, const Model& model);

/// A data: URL with base64, a data: URL that contains a URL, or a URL.
Check media_url();
/// Checks that every tool result belongs to a call of the assistant message
/// directly before it.
Refusal check_pairing(const Json& messages);

/// The roles, contents and parts of GENERIC messages, and the pairing of tool results.
Refusal check_messages(const Json& messages, const Model& model);

/// Checks for fields of the API that this model refuses.  Errors have the vendor's
/// text.
Refusal check_quirks(const Json& request, const Model& model);

}  // namespace gatehouse::emulator
