// SPDX-License-Identifier: Apache-2.0
// One request to a provider for a command, which waits for the response.
#pragma once

#include "core/request/background_request.hpp"

#include <string>

namespace gatehouse::core {

/// Blocks for at most a minute; the request runs on the loop of `worker`.  REQUIRES: another thread runs the
/// loop.  [main thread]
BackgroundRequest::Outcome ask_provider(const WorkerServices& worker, const NamedProvider& provider,
                                        Operation operation, Log& log);

/// A failed outcome in one line: status, message and cause, and the upstream's request id.
std::string described(const BackgroundRequest::Outcome& outcome);

/// Whether the provider itself has refused the operation, without a request to the upstream.
bool is_unsupported(const BackgroundRequest::Outcome& outcome);

}  // namespace gatehouse::core
