// SPDX-License-Identifier: Apache-2.0
// A request on its way out: what no upstream could read is refused, and what is
// missing in its head is known.  Plain functions: [any thread].
#pragma once

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <string>
#include <string_view>

namespace gatehouse::core {

/// Which fields a request brings of those that a client adds.
struct RequestFields {
    bool accept = false, type = false, agent = false, encoding = false, length = false;
    bool close = false;          // it asks for the connection to be closed
    std::string_view host = {};  // views the request
};

Error unsendable(std::string why);

/// An error if no upstream could, or should, read `request`.
Result<RequestFields> check_request(const http::Request& request);

/// Whether it is sent with a body, be it an empty one.
bool has_body(const http::Request& request);

/// What is added where it is missing: name, ": " and value.
inline constexpr std::string_view agent_field = "user-agent: gatehouse/" GATEHOUSE_VERSION;
inline constexpr std::string_view encoding_field = "accept-encoding: identity";

/// The head as it goes over the wire, for the origin-form `target` and the `host` of the URL,
/// with room for so many bytes behind it.
std::string request_head(const http::Request& request, const RequestFields& fields, std::string_view target,
                         std::string_view host, std::size_t room);

}  // namespace gatehouse::core
