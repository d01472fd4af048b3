// SPDX-License-Identifier: Apache-2.0
// Advice to the operator after an error of OCI, for `gatehouse check --live`.
// Stateless function: any thread.
#pragma once

#include "plugins/provider/oci/errors.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace gatehouse::oci {

/// Returns one sentence a line, or an empty text if there is nothing to add to
/// `error`.  `head` has status 0 if there was no response.
std::string advise(const http::ResponseHead& head, std::string_view body, const Asked& asked,
                   std::chrono::system_clock::time_point now);

}  // namespace gatehouse::oci
