// SPDX-License-Identifier: Apache-2.0
// Further lists of the control plane: the model discovery, dedicated endpoints, imported models, routing
// profiles and API keys (plugins/provider/oci/PROTOCOL.md, section 1.5), each as one page.
// Functions without state: [any thread].
#pragma once

#include "tools/oci_emulator/request_check.hpp"

#include <gatehouse/http.hpp>

#include <set>
#include <string>
#include <string_view>

namespace gatehouse::emulator {

/// Whether `path` is one of these lists.
bool is_further_list(std::string_view path);

/// REQUIRES: is_further_list(path).  `query` is the text behind the question mark, `secrets` are the API
/// keys.
http::Response further_list(std::string_view path, std::string_view query, const std::string& region,
                            const RequestRules& rules, const std::set<std::string, std::less<>>& secrets);

}  // namespace gatehouse::emulator
