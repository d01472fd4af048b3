// SPDX-License-Identifier: Apache-2.0
// The static pages of admin resources at /NAME/, with the headers that protect them in a browser.
// Functions without state: any thread.
#pragma once

#include "core/instances/config_snapshot.hpp"

#include <gatehouse/http.hpp>

#include <optional>

namespace gatehouse::core {

/// The response to a request for a page; 421 if its host is not allowed.  Returns nullopt if no resource has
/// pages at this path.
std::optional<http::Response> admin_page(const http::RequestHead& head, const ConfigSnapshot& snapshot);

}  // namespace gatehouse::core
