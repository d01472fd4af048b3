// SPDX-License-Identifier: Apache-2.0
#include "core/admin/api.hpp"

#include "core/admin/page_check.hpp"
#include "core/admin/pages.hpp"
#include "core/admin/problem.hpp"
#include "core/util/suggest.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace gatehouse::core {

namespace {

constexpr std::string_view root = "/api/v1";

/// The parts of a path behind the root: "/keys/1" is "keys" and "/1".
struct Place {
    std::string_view name, rest;
};
Place place_of(std::string_view path) {
    path.remove_prefix(std::min(path.size(), root.size() + 1));
    const std::size_t end = std::min(path.find('/'), path.size());
    return {path.substr(0, end), path.substr(end)};
}

std::string methods_of(const NamedResource& resource) {
    std::string list;
    for (const AdminMethod& one : resource.methods) {
        add_to_list(list, one.method);
        if (one.method == "GET") add_to_list(list, "HEAD");
    }
    return list;
}

void write_list(JsonWriter& json, const AdminResources& resources) {
    for (const auto& [name, one] : resources) {
        json.begin_object().member("name", name).member("path", std::string(root) + "/" + name);
        json.member("kind", one.kind).member("instance", one.instance).key("methods").begin_array();
        for (const AdminMethod& method : one.methods)
            json.begin_object()
                .member("method", method.method)
                .member("needs", method.needs)
                .member("doc", method.doc)
                .end_object();
        json.end_array().end_object();
    }
}

http::Response list_of(const AdminResources& own, const AdminResources& resources) {
    http::Response response{
        {.headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}}}, {}};
    JsonWriter json(response.body);
    json.begin_object().key("resources").begin_array();
    write_list(json, own);
    write_list(json, resources);
    json.end_array().end_object();
    return response;
}

AdminRequest request_of(const http::RequestHead& head, const std::string& method, const Place& place,
                        const AdminCaller& caller) {
    AdminRequest request{.method = method,
                         .path = std::string(place.rest),
                         .query = head.query,
                         .headers = head.headers,
                         .who = caller.name()};
    // A session ends by its own token.
    if (!is_own_resource(place.name)) request.headers.remove("authorization");
    return request;
}

/// A login has no token yet, so only its page is checked.
Result<AdminCaller> caller_of(const http::RequestHead& head, const Place& place, const Settings& settings,
                              const AdminSessions& sessions) {
    static const std::vector<std::string> login = {"login"};
    if (place.name != "session") return admin_caller(head, settings, sessions);
    if (auto ok = check_page(head.headers, settings.admin.hosts); !ok) return ok.error();
    return AdminCaller{.login = &login};
}

}  // namespace

bool AdminApi::serves(std::string_view path) {
    return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

std::shared_ptr<RequestListener> AdminApi::on_request(Client& client) const {
    const http::RequestHead& head = client.head();
    AdminRecord record(head);
    const auto snapshot = current_();
    if (!snapshot) {
        client.respond(problem({ErrorKind::unavailable, "the gateway is stopping"}));
        return nullptr;
    }
    auto respond = [&](http::Response response) {
        record.write(snapshot->log, response.head.status);
        client.respond(std::move(response));
        return nullptr;
    };
    const Place place = place_of(head.path);
    const auto caller = caller_of(head, place, snapshot->settings, sessions_);
    if (!caller) {
        http::Response refused = problem(caller.error());
        if (refused.head.status == 401) refused.head.headers.add("www-authenticate", "Bearer");
        return respond(std::move(refused));
    }
    if (place.name != "session") record.who = caller->name();
    const std::string method = head.method == "HEAD" ? "GET" : head.method;
    if (caller->by_session && method == "GET") record.level = Level::debug;
    const AdminResources& resources = is_own_resource(place.name) ? own_ : snapshot->instances->resources();
    if (place.name.empty() && place.rest.empty()) {
        if (!caller->may("read") && caller->by_session)
            return respond(problem({ErrorKind::forbidden, "the login lacks the right \"read\""}));
        return respond(method == "GET" ? list_of(own_, resources) : not_allowed("GET, HEAD"));
    }
    const auto found = resources.find(place.name);
    if (found == resources.end())
        return respond(
            problem({ErrorKind::not_found, "no admin resource has this name: GET /api/v1 lists them"}));
    const NamedResource& resource = found->second;
    const auto known = std::ranges::find(resource.methods, method, &AdminMethod::method);
    if (known == resource.methods.end()) return respond(not_allowed(methods_of(resource)));
    if (!caller->may(known->needs))
        return respond(problem({ErrorKind::forbidden, "the token \"" + record.who + "\" lacks the right \"" +
                                                          known->needs + "\""}));
    auto call = std::make_shared<AdminCall>(snapshot, resource, request_of(head, method, place, *caller),
                                            std::move(record), client);
    client.read_body(static_cast<std::size_t>(snapshot->settings.admin.max_body_bytes));
    return call;
}

std::optional<http::Response> AdminApi::page(const http::RequestHead& head) const {
    const auto snapshot = current_();
    return snapshot ? admin_page(head, *snapshot) : std::nullopt;
}

}  // namespace gatehouse::core
