// SPDX-License-Identifier: Apache-2.0
// What an operator can do when TLS with an upstream fails.  [any thread]
#pragma once

#include <string_view>

namespace gatehouse::core {

/// `said` are the words of OpenSSL, or of libcurl with those in them.  Empty: nothing is known.
std::string_view tls_advice(std::string_view said);

}  // namespace gatehouse::core
