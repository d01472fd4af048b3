// SPDX-License-Identifier: Apache-2.0
// Masks all text in a client's request.
// A plain function.  [any thread]
#pragma once

#include "plugins/hook/redact/rules.hpp"

#include <gatehouse/operation.hpp>

#include <functional>

namespace gatehouse::redact {

/// Masks `operation`.  Calls `looked` after each part with its name for an error
/// ("messages[2]").  Stops when `looked` returns false.
void mask_request(const Rules& rules, Tally& tally, Operation& operation,
                  const std::function<bool(const std::string& part)>& looked);

}  // namespace gatehouse::redact
