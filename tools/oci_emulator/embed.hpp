// SPDX-License-Identifier: Apache-2.0
// embedText and rerankText: checks of their requests, and vectors and scores that
// depend on the text alone (plugins/provider/oci/PROTOCOL.md, sections 2.6, 2.7,
// 3.5 and 3.6).  Pure: [any thread].
#pragma once

#include "tools/oci_emulator/request_check.hpp"

#include <string>
#include <vector>

namespace gatehouse::emulator {

/// Returns the response to an embedText request; `id` is the request's id.
http::Response embed(const Json& details, const RequestRules& rules, const std::string& id);

/// Returns the response to a rerankText request.
http::Response rerank(const Json& details, const RequestRules& rules, const std::string& id);

/// A unit vector, the same for the same text.
std::vector<float> vector_of(std::string_view text, int dimensions);

}  // namespace gatehouse::emulator
