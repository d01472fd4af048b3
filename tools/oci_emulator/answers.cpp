// SPDX-License-Identifier: Apache-2.0
// The table of codes and texts, and the two layouts of an error body.
#include "tools/oci_emulator/answers.hpp"

#include "tools/oci_emulator/json.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::emulator {

namespace {
struct Known {
    int status;
    const char* code;
    const char* message;
};
constexpr std::array known = {
    Known{400, "InvalidParameter", "The request is not valid."},
    Known{401, "NotAuthenticated",
          "The required information to complete authentication was not provided or was incorrect."},
    Known{403, "NotAllowed", "Tenant is not allowed to perform this operation."},
    Known{404, "NotAuthorizedOrNotFound", "Authorization failed or requested resource not found."},
    Known{405, "MethodNotAllowed", "The method is not allowed."},
    Known{409, "IncorrectState", "The requested state for the resource conflicts with its current state."},
    Known{412, "NoEtagMatch", "The ETag does not match."},
    Known{413, "RequestEntityTooLarge", "Request entity too large."},
    Known{429, "TooManyRequests", "Too many requests for the user."},
    Known{500, "InternalServerError", "Internal Server Error"},
    Known{501, "MethodNotImplemented", "The operation is not implemented."},
    Known{503, "ServiceUnavailable", "The service is currently unavailable."},
};
}  // namespace

ServiceError usual_error(int status) {
    const auto found =
        std::find_if(known.begin(), known.end(), [&](const Known& k) { return k.status == status; });
    if (found == known.end()) return {status, std::to_string(status), "The request failed."};
    return {status, found->code, found->message};
}

http::Response load_balancer_error(int status) {
    const std::string title = std::to_string(status) + (status == 502   ? " Bad Gateway"
                                                        : status == 504 ? " Gateway Time-out"
                                                                        : " Error");
    return {{status, {{"content-type", "text/html"}}},
            "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
                "</h1></center>\r\n</body>\r\n</html>\r\n"};
}

http::Response to_response(const ServiceError& error) {
    Json body;
    if (error.numeric_code)
        body["code"] = error.status;
    else
        body["code"] = error.code;
    body["message"] = error.message;
    http::Response response{{error.status, {{"content-type", "application/json"}}}, to_text(body)};
    if (!error.openai_body.empty()) response.body = error.openai_body;
    if (error.status == 401)  // the authentication layer pretty-prints
        response.body =
            "{\n  \"code\" : " + to_text(error.code) + ",\n  \"message\" : " + to_text(error.message) + "\n}";
    if (error.retry_after_seconds)
        response.head.headers.add("retry-after", std::to_string(*error.retry_after_seconds));
    if (!error.debug.empty()) response.head.headers.add("x-emulator-reason", error.debug);
    return response;
}

}  // namespace gatehouse::emulator
