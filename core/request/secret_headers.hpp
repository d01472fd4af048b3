// SPDX-License-Identifier: Apache-2.0
// Finds credentials among the headers of a request.  Plain function: [any thread].
#pragma once

#include <gatehouse/http.hpp>

#include <string>
#include <vector>

namespace gatehouse::core {

/// The values of those headers whose names say that they hold a credential.
std::vector<std::string> secrets_of(const http::Headers& headers);

}  // namespace gatehouse::core
