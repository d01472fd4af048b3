// SPDX-License-Identifier: Apache-2.0
// The error for a path that no dialect serves.  Plain function: [any thread].
#pragma once

#include "core/instances/routing.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

namespace gatehouse::core {

struct UnknownPath {
    Error error;
    const NamedDialect* dialect;  // serves the endpoint that the client probably means; null: none is similar
};

/// Names the path of `request`, and the endpoint that it probably means.  If only `/v1` is missing or
/// repeated, says how the base URL must end.
UnknownPath unknown_path(const Routing& routing, const http::RequestHead& request);

}  // namespace gatehouse::core
