// SPDX-License-Identifier: Apache-2.0
// Advice for an operator when TLS with an upstream fails.  [any thread]
#pragma once

#include <string_view>

namespace gatehouse::core {

/// `said` is the error text of OpenSSL, or of libcurl including it.  Returns "" if there is no advice.
std::string_view tls_advice(std::string_view said);

}  // namespace gatehouse::core
