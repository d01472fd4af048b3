// SPDX-License-Identifier: Apache-2.0
// Parses the first line of a request.  Plain functions.  [any thread]
#pragma once

#include "core/net/framing/token.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <string>
#include <string_view>

namespace gatehouse::core {

/// The error for a malformed request.
Error refusal(std::string message, int status = 400);

/// Whether `text` is a host with an optional port, as in Host and in absolute targets.
bool is_authority(std::string_view text);

/// Reads method, path, query and version of `line`, without its line end.
Result<void> read_request_line(std::string_view line, http::RequestHead& head, bool& http_1_0);

/// Returns the path in the first bytes of a request, for the error response; empty if there is
/// no path.
std::string_view path_of(std::string_view bytes);

}  // namespace gatehouse::core
