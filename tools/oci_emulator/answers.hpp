// SPDX-License-Identifier: Apache-2.0
// Errors in the service's forms (plugins/provider/oci/PROTOCOL.md, section 5).
// Pure functions: [any thread].
#pragma once

#include <gatehouse/http.hpp>

#include <optional>
#include <string>

namespace gatehouse::emulator {

/// An error of the service: status, `code` of the body, message.
struct ServiceError {
    int status = 400;
    std::string code = "400";
    std::string message = {};
    bool numeric_code = false;  // write the code as a number
    std::optional<int> retry_after_seconds = {};
    std::string openai_body = {};  // the complete body, if it is in OpenAI's form
    std::string debug = {};        // for a header that the real service does not send
};

/// A failed check, or nothing.
using Refusal = std::optional<ServiceError>;

/// Returns the service's error for `status`, with its usual code and text.
ServiceError usual_error(int status);

/// A load balancer's response: HTML without opc-request-id.
http::Response load_balancer_error(int status);

/// The error as a response.  The caller adds opc-request-id and date.
http::Response to_response(const ServiceError& error);

}  // namespace gatehouse::emulator
