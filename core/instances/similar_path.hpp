// SPDX-License-Identifier: Apache-2.0
// Finds the endpoint that a client probably means with a wrong path.  Plain function: [any thread].
#pragma once

#include "core/instances/routing.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// Returns "METHOD PATH" of the endpoint that has the most segments in common with `path`, with
/// small mistakes.  Returns "" if no endpoint is similar.
std::string similar_endpoint(const std::vector<NamedDialect>& dialects, std::string_view method,
                             std::string_view path);

}  // namespace gatehouse::core
