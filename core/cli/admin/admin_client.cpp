// SPDX-License-Identifier: Apache-2.0
#include "core/cli/admin/admin_client.hpp"

#include "core/cli/output.hpp"
#include "core/cli/small_client.hpp"
#include "core/config/settings.hpp"

#include <gatehouse/json.hpp>

namespace gatehouse::core {

namespace {

constexpr int most_seconds = 60;
constexpr std::size_t most_bytes = 67'108'864, longest_reason = 500;

Result<SmallRequest> request_for(const AdminTarget& target) {
    if (!target.url.empty()) return request_to(target.url);
    if (target.config.empty())
        return Error{ErrorKind::bad_config, "name the running gateway: --config FILE or --url URL"};
    auto file = ConfigFile::read(target.config);
    if (!file) return file.error();
    auto settings = read_settings(*file);
    if (!settings) return settings.error();
    if (settings->admin.listen.empty())
        return Error{ErrorKind::bad_config, "the configuration has no admin API: set listen in [admin]"};
    SmallRequest request;
    request.address = reachable(settings->admin.listen);
    return request;
}

/// The reason in problem details (RFC 9457).
std::string reason_of(const SmallResponse& response) {
    const auto problem = read_json(response.body);
    std::string detail = problem ? (*problem)["detail"].string().value_or("") : "";
    if (detail.empty()) detail = response.reason;
    if (detail.size() > longest_reason) detail = detail.substr(0, longest_reason) + " ...";
    return without_controls(detail);
}

/// The advice for status 401.  A client's endpoint has it too, without problem details.
std::string refused_token(const AdminTarget& target, const SmallRequest& request,
                          const SmallResponse& response) {
    const auto problem = read_json(response.body);
    if (!problem || !(*problem)["title"].string())
        return request.address + " is not the admin API: give the address of [admin] listen";
    if (target.token.empty())
        return "the admin API needs a token: set GATEHOUSE_ADMIN_TOKEN to one of [admin] tokens";
    return "the token is not one of [admin] tokens";
}

}  // namespace

Result<std::string> ask_admin(const AdminTarget& target, const AdminQuestion& question) {
    auto request = request_for(target);
    if (!request) return request.error();
    request->method = question.method;
    request->path += "/api/v1" + question.path;
    request->body = question.body;
    request->seconds = most_seconds;
    request->max_bytes = most_bytes;
    if (!target.token.empty()) request->headers.emplace_back("authorization", "Bearer " + target.token);
    if (!question.body.empty()) request->headers.emplace_back("content-type", "application/json");
    const auto response = ask(*request);
    if (!response) return Error{ErrorKind::unavailable, request->address + ": " + response.error().message};
    if (response->status == 401)
        return Error{ErrorKind::unauthenticated, refused_token(target, *request, *response)};
    if (response->status < 200 || response->status > 299)
        return Error{ErrorKind::upstream, reason_of(*response)};
    // Another server may have answered, or the connection may have ended within the answer.
    const auto read = read_json(response->body);
    if (!read || !read->is(JsonType::object))
        return Error{ErrorKind::upstream, request->address + ": the answer is not a complete JSON object"};
    return response->body;
}

}  // namespace gatehouse::core
