// SPDX-License-Identifier: Apache-2.0
// Converts the API's errors into the gateway's errors, with a message for the client or for the
// operator.  An error has a type, in the header x-amzn-errortype or in `__type`, and a message
// (Amazon Bedrock API Reference, "Converse", Errors; Smithy, "AWS restJson1 protocol").
// Functions without state: any thread.
#pragma once

#include "plugins/provider/bedrock/model.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace gatehouse::bedrock {

/// "ThrottlingException" and the message, without credentials.  The type may be empty.
struct ErrorText {
    std::string type = {}, message = {};
};
ErrorText read_error(const http::ResponseHead& head, std::string_view body);

/// The error of a response whose status is not 2xx.  `model` has no id for a list of models.
Error explain(const http::ResponseHead& head, std::string_view body, const Model& model,
              std::chrono::system_clock::time_point now);

/// The error of an exception in a stream: its type, such as "throttlingException", and its payload.
Error explain_exception(std::string_view type, std::string_view payload, const Model& model);

/// Hints for an operator, or nothing.
std::string advise(const http::ResponseHead& head, std::string_view body, const Model& model);

}  // namespace gatehouse::bedrock
