// SPDX-License-Identifier: Apache-2.0
// Advice for an operator when TLS with an upstream fails.  [any thread]
#pragma once

#include <string_view>

namespace gatehouse::core {

/// `said` is the error text of OpenSSL, or of libcurl including it.  Returns "" if there is no advice.
std::string_view tls_advice(std::string_view said);

/// Whether `said` names a cause that stays until an operator changes something, such as an upstream
/// without TLS or without a common version.  "handshake failure" does not: a load balancer also sends
/// it while it has no server.
bool is_permanent_tls_failure(std::string_view said);

}  // namespace gatehouse::core
