// SPDX-License-Identifier: Apache-2.0
// Masks what a client asks for, in every place that holds text.
// A plain function.  [any thread]
#pragma once

#include "plugins/hook/redact/rules.hpp"

#include <gatehouse/operation.hpp>

#include <functional>

namespace gatehouse::redact {

/// Masks `operation`.  `looked` is called after each part with its name, as an
/// error would give it ("messages[2]"), and ends the work when it returns false.
void mask_request(const Rules& rules, Tally& tally, Operation& operation,
                  const std::function<bool(const std::string& part)>& looked);

}  // namespace gatehouse::redact
