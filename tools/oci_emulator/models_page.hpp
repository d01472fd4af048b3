// SPDX-License-Identifier: Apache-2.0
// The control plane's list of models (plugins/provider/oci/PROTOCOL.md,
// section 1.4).  Pure: [any thread].
#pragma once

#include "tools/oci_emulator/request_check.hpp"

#include <string>

namespace gatehouse::emulator {

/// Returns the response to GET /20231130/models?`query` in `region`.
http::Response list_models(const std::string& query, const std::string& region, const RequestRules& rules);

}  // namespace gatehouse::emulator
