// SPDX-License-Identifier: Apache-2.0
// Advice for an operator whose upstream cannot be reached.  The core gives it for every provider,
// because the core makes the connections.  A plain function.  [any thread]
#pragma once

#include "core/net/client/transfer_failure.hpp"

#include <string>
#include <string_view>

namespace gatehouse::core {

/// One sentence.  `origin`: scheme, host and port of the request; `provider`: the name of its table.
/// Empty if the message of such a failure says all.
std::string transfer_advice(TransferFault fault, std::string_view origin, std::string_view provider);

}  // namespace gatehouse::core
