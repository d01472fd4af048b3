// SPDX-License-Identifier: Apache-2.0
// Learns from a refusal which feature a model does not have.
// A function without state: any thread.
#pragma once

#include "plugins/provider/bedrock/errors.hpp"
#include "plugins/provider/bedrock/model.hpp"
#include "plugins/provider/bedrock/request.hpp"

#include <optional>

namespace gatehouse::bedrock {

struct Quirk {
    const char* what;      // for the log
    bool for_good = true;  // false: for this request only
};

/// The feature in `sent` that `refusal`, of a response with status 400, names.  Removes it from
/// `capabilities`.  Nothing if a second request would be the same.
std::optional<Quirk> learn(const ErrorText& refusal, const Sent& sent, Capabilities& capabilities);

}  // namespace gatehouse::bedrock
