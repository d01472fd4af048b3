// SPDX-License-Identifier: Apache-2.0
// The operation applyGuardrails, and the list of the guardrails' versions
// (plugins/provider/oci/PROTOCOL.md, sections 2.8 and 3.7).  Pure functions: [any thread].
#pragma once

#include "tools/oci_emulator/request_check.hpp"

#include <gatehouse/http.hpp>

#include <string_view>

namespace gatehouse::emulator {

/// Words and patterns decide: README.md lists them.
http::Response apply_guardrails(const Json& details, const RequestRules& rules);

/// `compartment` is the header opc-compartment-id.
http::Response list_guardrail_versions(std::string_view compartment, const RequestRules& rules);

}  // namespace gatehouse::emulator
