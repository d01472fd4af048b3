// SPDX-License-Identifier: Apache-2.0
// The OpenAI-compatible surface (plugins/provider/oci/PROTOCOL.md, section 1.3):
// chat completions in OpenAI's format from the same model.  Pure functions:
// [any thread].
#pragma once

#include "tools/oci_emulator/call.hpp"
#include "tools/oci_emulator/request_check.hpp"

#include <string>

namespace gatehouse::emulator {

/// Whether `path` is the path of chat completions or its older alias.
bool is_openai_path(std::string_view path);

/// Checks whether the service would accept the request, and finds its model.
/// `as_response`: it came to the Responses API, which has models that chat completions lack.
Refusal check_completion(const Json& request, const RequestRules& rules, Model& model,
                         bool as_response = false);

/// An error in OpenAI's form, unwrapped, as this surface sends it.
ServiceError openai_error(std::string message, const std::string& param, const char* code = nullptr);

/// REQUIRES: check_completion() has accepted `request` and found `model`.  `id`
/// and `created` belong to the response.
ChatCall read_completion(const Json& request, const Model& model, const std::string& id,
                         std::int64_t created);

}  // namespace gatehouse::emulator
