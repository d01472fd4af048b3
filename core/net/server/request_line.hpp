// SPDX-License-Identifier: Apache-2.0
// The first line of a request.  Plain functions.
#pragma once

#include "core/net/framing/token.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <string>
#include <string_view>

namespace gatehouse::core {

/// The error for a request that is refused for its form.
Error refusal(std::string message, int status = 400);

/// Whether `text` is a host with an optional port, as in Host and in absolute targets.
bool is_authority(std::string_view text);

/// Reads method, path, query and version of `line`, which has lost its end.
Result<void> read_request_line(std::string_view line, http::RequestHead& head, bool& http_1_0);

/// The path of what may be the beginning of a request, for the error answer;
/// empty if none can be seen.
std::string_view path_of(std::string_view bytes);

}  // namespace gatehouse::core
