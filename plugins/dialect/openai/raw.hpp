// SPDX-License-Identifier: Apache-2.0
// Moderations, images and speech: operations of which the gateway reads only the model.
// parse_raw_request() is pure [any thread]; a formatter belongs to one attempt.
#pragma once

#include "plugins/dialect/openai/request_parser.hpp"

#include <gatehouse/dialect.hpp>

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::openai_dialect {

/// The operations, which are also their paths below the prefix.
inline constexpr std::array<std::string_view, 3> raw_operations = {"moderations", "images/generations",
                                                                   "audio/speech"};

/// `operation` is one of raw_operations.  The error is
/// bad_request with `param`.
Result<RawRequest> parse_raw_request(std::string body, std::string_view operation, const Bounds& bounds);

/// Writes the bytes of the upstream's response.
std::unique_ptr<ResponseFormatter> raw_formatter();

}  // namespace gatehouse::openai_dialect
