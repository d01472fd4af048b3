// SPDX-License-Identifier: Apache-2.0
// Finds credentials among the headers of an upstream request, to remove them from error
// texts.  No header of a client is passed on: the provider's exchange writes the headers of the upstream
// request, and the signer adds the credential.
// Plain function: [any thread].
#pragma once

#include <gatehouse/http.hpp>

#include <string>
#include <vector>

namespace gatehouse::core {

/// The values of those headers whose names say that they hold a credential.
std::vector<std::string> secrets_of(const http::Headers& headers);

}  // namespace gatehouse::core
