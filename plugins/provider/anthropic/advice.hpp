// SPDX-License-Identifier: Apache-2.0
// Advice for an operator after an error of Anthropic, for `gatehouse check --live`.  A
// function without state: any thread.
#pragma once

#include "plugins/provider/anthropic/errors.hpp"

#include <string>
#include <string_view>

namespace gatehouse::anthropic {

/// Returns sentences, one per line.  Empty if `error` needs no explanation.  `status` is 0 if
/// there was no response.
std::string advise(int status, std::string_view body, const Model& model, const std::string& host);

}  // namespace gatehouse::anthropic
