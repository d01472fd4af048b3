// SPDX-License-Identifier: Apache-2.0
// From what the API says when it refuses or fails to what a client is told: the
// project's table, with a message that helps whoever has to act.
// Functions without state: any thread.
#pragma once

#include "plugins/provider/anthropic/model.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace gatehouse::anthropic {

/// {"type":"error","error":{"type":"…","message":"…","details":{"error_code":"…"}}}, each fit to be shown.
struct ErrorBody {
    std::string type = {}, message = {}, code = {};
};
ErrorBody read_error(std::string_view body);

/// Whether the account behind the key has nothing left, which comes with several statuses.
bool says_no_credit(const ErrorBody& body);

/// Of an answer whose status is not 2xx.  `model` without an id: a list was asked for.
Error explain(int status, const http::Headers& headers, std::string_view body, const Model& model,
              std::chrono::system_clock::time_point now);

/// Of an error in the place of an answer, or in the middle of one.
Error explain_event(std::string_view json, const Model& model);

}  // namespace gatehouse::anthropic
