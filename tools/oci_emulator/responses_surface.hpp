// SPDX-License-Identifier: Apache-2.0
// The Responses API of the OpenAI-compatible surface (plugins/provider/oci/PROTOCOL.md,
// section 1.3), from the same model as chat completions.  Pure functions: [any thread].
#pragma once

#include "tools/oci_emulator/call.hpp"
#include "tools/oci_emulator/request_check.hpp"

#include <string>
#include <string_view>

namespace gatehouse::emulator {

/// Whether `path` is the path of responses or its older alias.
bool is_responses_path(std::string_view path);

/// Checks whether the service would accept the request, and finds its model.  `project` is
/// the header OpenAI-Project, which only the older path does not require.
Refusal check_response(const Json& request, const RequestRules& rules, std::string_view path,
                       std::string_view project, Model& model);

/// REQUIRES: check_response() has accepted `request` and found `model`.  `id` and `created`
/// belong to the response.
ChatCall read_response(const Json& request, const Model& model, const std::string& id, std::int64_t created);

}  // namespace gatehouse::emulator
