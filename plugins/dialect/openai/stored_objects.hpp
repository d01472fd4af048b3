// SPDX-License-Identifier: Apache-2.0
// Files, vector stores and containers: objects that an upstream keeps.  Their requests and responses pass
// through unchanged.  Pure functions: any thread.
#pragma once

#include <gatehouse/http.hpp>
#include <gatehouse/operation.hpp>
#include <gatehouse/result.hpp>

#include <array>
#include <string>
#include <string_view>

namespace gatehouse::openai_dialect {

/// The operations, which are also their paths below the prefix.
inline constexpr std::array<std::string_view, 3> stored_objects = {"files", "vector_stores", "containers"};

/// `path` is the part of the client's path behind the operation's own.  `model` is the name that selects the
/// route.  The error is not_found for a path that cannot name an object, otherwise bad_request.
Result<RawRequest> parse_stored_object(const http::RequestHead& head, std::string_view operation,
                                       std::string_view path, std::string body, const std::string& model);

}  // namespace gatehouse::openai_dialect
