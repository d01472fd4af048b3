// SPDX-License-Identifier: Apache-2.0
// The parts of the check of a dialect.
#pragma once

#include "core/plugin_check/suites.hpp"

#include <gatehouse/dialect.hpp>

#include <utility>

namespace gatehouse::core::plugin_check {

/// Requests of well-known protocols, by name; each names the model "check-model".
std::vector<std::pair<std::string, std::string>> client_bodies();

/// Streaming and non-streaming responses, written by the formatters of each kind of request.
void check_formatters(Check& check, Target& target);

}  // namespace gatehouse::core::plugin_check
