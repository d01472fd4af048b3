// SPDX-License-Identifier: Apache-2.0
// Errors in the service's forms (plugins/provider/oci/PROTOCOL.md, section 5).
// Pure functions: [any thread].
#pragma once

#include <gatehouse/http.hpp>

#include <optional>
#include <string>

namespace gatehouse::emulator {

/// An error of the service: status, `code` as it stands in the body, message.
struct ServiceError {
    int status = 400;
    std::string code = "400";
    std::string message = {};
    bool numeric_code = false;  // the code is written as a number
    std::optional<int> retry_after_seconds = {};
    std::string openai_body = {};  // the whole body, where it is in OpenAI's form
    std::string debug = {};        // for a header; the service would not say it
};

/// A failed check, or nothing.
using Refusal = std::optional<ServiceError>;

/// The error that the service answers for `status`, with its usual code and text.
ServiceError usual_error(int status);

/// What a load balancer in front of the service answers: HTML, no opc-request-id.
http::Response load_balancer_error(int status);

/// The error as an answer.  The caller adds opc-request-id and date.
http::Response to_response(const ServiceError& error);

}  // namespace gatehouse::emulator
