// SPDX-License-Identifier: Apache-2.0
#include "core/admin/session_resource.hpp"

#include "core/admin/caller.hpp"

#include <gatehouse/json.hpp>
#include <gatehouse/json_writer.hpp>

namespace gatehouse::core {

std::vector<AdminMethod> SessionResource::methods() const {
    return {{"POST", "login", "Exchanges {\"code\": …} or {\"token\": …} for the token of a session."},
            {"DELETE", "login", "Ends the session of the caller."}};
}

void SessionResource::handle(AdminRequest request, Completion<http::Response> done) {
    if (!request.path.empty()) return done(Error{ErrorKind::not_found, "a session has no parts"});
    if (request.method == "POST") return done(open(request));
    sessions_.close(bearer(request.headers));
    done(http::Response{{.status = 204}, {}});
}

Result<http::Response> SessionResource::open(const AdminRequest& request) {
    const auto body = read_json(request.body);
    if (!body) return Error{ErrorKind::bad_request, "the body is not valid JSON"};
    const auto snapshot = current_();
    if (!snapshot) return Error{ErrorKind::unavailable, "the gateway is stopping"};
    const Settings& settings = snapshot->settings;
    const std::string code = (*body)["code"].string().value_or(""),
                      token = (*body)["token"].string().value_or("");
    if (code.empty() == token.empty())
        return Error{ErrorKind::bad_request, "the body must have \"code\" or \"token\""};
    if (!code.empty() && settings.admin.console.empty())
        return Error{ErrorKind::forbidden, "[admin] console = [] refuses logins by a code"};
    const auto opened = token.empty() ? sessions_.open_by_code(code, std::chrono::system_clock::now())
                                      : sessions_.open_by_token(token, settings.admin_tokens);
    if (!opened) return opened.error();
    const AdminToken* named = token.empty() ? nullptr : settings.admin_tokens.find(token);
    http::Response response{{.status = 201, .headers = {{"content-type", "application/json"}}}, {}};
    JsonWriter(response.body)
        .begin_object()
        .member("token", *opened)
        .member("name", named ? named->name : std::string("console"))
        .member("may", named ? named->may : settings.admin.console)
        .member("seconds", std::int64_t{std::chrono::seconds(AdminSessions::lifetime).count()})
        .end_object();
    return response;
}

}  // namespace gatehouse::core
