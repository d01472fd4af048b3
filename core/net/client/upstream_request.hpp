// SPDX-License-Identifier: Apache-2.0
// Checks a request before it is sent, and writes its head with the default headers that it
// lacks.  Plain functions: [any thread].
#pragma once

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <string>
#include <string_view>

namespace gatehouse::core {

/// The default headers that a request already has.
struct RequestFields {
    bool accept = false, type = false, agent = false, encoding = false, length = false;
    bool close = false;          // the request asks to close the connection
    std::string_view host = {};  // views the request
};

Error unsendable(std::string why);

/// Returns an error if `request` is malformed or must not be sent.
Result<RequestFields> check_request(const http::Request& request);

/// Whether the request is sent with a body, including an empty one.
bool has_body(const http::Request& request);

/// The default headers: name, ": " and value.
inline constexpr std::string_view agent_field = "user-agent: gatehouse/" GATEHOUSE_VERSION;
inline constexpr std::string_view encoding_field = "accept-encoding: identity";

/// Returns the head in wire format for the origin-form `target` and the `host` of the URL,
/// with capacity for `room` more bytes.
std::string request_head(const http::Request& request, const RequestFields& fields, std::string_view target,
                         std::string_view host, std::size_t room);

}  // namespace gatehouse::core
