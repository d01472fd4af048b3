// SPDX-License-Identifier: Apache-2.0
// What a library wants sent, and headers as it gets them.  Functions without state:
// any thread.
#pragma once

#include <gatehouse/http.hpp>

#include <string>
#include <string_view>

namespace gatehouse::c_bridge {

/// `json` is used up.  Throws Mistake.
http::Request read_request(std::string& json, std::string_view body);

/// As one object: names in lower case, values of the same name joined.
std::string headers_json(const http::Headers& headers);

}  // namespace gatehouse::c_bridge
