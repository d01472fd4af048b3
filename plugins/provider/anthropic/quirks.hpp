// SPDX-License-Identifier: Apache-2.0
// Learns a model's capabilities from the wording of a refusal; refusals have no code.  A
// changed request may succeed.
// A function without state: any thread.
#pragma once

#include "plugins/provider/anthropic/errors.hpp"
#include "plugins/provider/anthropic/request.hpp"

namespace gatehouse::anthropic {

struct Quirk {
    std::string_view what;  // for the log
    bool for_good = true;   // true for the model, not only for this request
};

/// Changes `capabilities` so that the refused feature is not sent again.  Returns nothing if
/// there is no change.
std::optional<Quirk> learn(const ErrorBody& refusal, const Sent& sent, Capabilities& capabilities);

}  // namespace gatehouse::anthropic
