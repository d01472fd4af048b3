// SPDX-License-Identifier: Apache-2.0
// Reads a library's request, and writes headers for it.  Functions without state:
// any thread.
#pragma once

#include <gatehouse/http.hpp>

#include <string>
#include <string_view>

namespace gatehouse::c_bridge {

/// Overwrites `json`.  Throws Mistake.
http::Request read_request(std::string& json, std::string_view body);

/// The headers as one object: lower-case names, values of the same name joined.
std::string headers_json(const http::Headers& headers);

}  // namespace gatehouse::c_bridge
