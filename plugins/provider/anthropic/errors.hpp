// SPDX-License-Identifier: Apache-2.0
// Converts the API's errors into the gateway's errors, with a message for the client or for
// the operator.
// Functions without state: any thread.
#pragma once

#include "plugins/provider/anthropic/model.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::anthropic {

/// {"type":"error","error":{"type":"…","message":"…","details":{"error_code":"…"}}}, each without
/// credentials.
struct ErrorBody {
    std::string type = {}, message = {}, code = {};
    bool context_length = false;             // the code or the type says so
    std::optional<std::int64_t> limit = {};  // the context window, if it is a member
};
ErrorBody read_error(std::string_view body);

/// Whether the account has no credit left.  Several statuses report it.
bool says_no_credit(const ErrorBody& body);

/// The error of a response whose status is not 2xx.  `model` has no id for a list of models.
Error explain(int status, const http::Headers& headers, std::string_view body, const Model& model,
              std::chrono::system_clock::time_point now);

/// The error of an error object in a response with status 2xx, at its start or inside it.
Error explain_event(std::string_view json, const Model& model);

}  // namespace gatehouse::anthropic
