// SPDX-License-Identifier: Apache-2.0
#include "core/admin/problem.hpp"

#include "core/net/server/response_writer.hpp"

#include <gatehouse/json_writer.hpp>

namespace gatehouse::core {

http::Response problem(const Error& error) {
    http::Response response;
    response.head.status = status_of(error);
    response.head.headers = {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}};
    if (error.retry_after_seconds > 0)
        response.head.headers.add("retry-after", std::to_string(error.retry_after_seconds));
    JsonWriter json(response.body);
    json.begin_object().member("type", "about:blank").member("title", reason_phrase(response.head.status));
    json.member("status", response.head.status).member("detail", error.message);
    if (!error.code.empty()) json.member("code", error.code);
    if (!error.param.empty()) json.member("param", error.param);
    json.end_object();
    return response;
}

http::Response not_allowed(const std::string& allow) {
    http::Response response =
        problem({.kind = ErrorKind::unsupported, .message = "allowed here: " + allow, .status = 405});
    response.head.headers.add("allow", allow);
    return response;
}

}  // namespace gatehouse::core
