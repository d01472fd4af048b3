// SPDX-License-Identifier: Apache-2.0
// Admin resources, which a plugin of any kind may offer: each call completes once, whatever it contains.
#include "core/instances/admin_resources.hpp"
#include "core/plugin_check/suites.hpp"
#include "core/plugin_check/texts.hpp"
#include "core/plugin_check/waiting.hpp"

#include <algorithm>

namespace gatehouse::core::plugin_check {

namespace {

constexpr const char* offer_rule = "admin.hpp, AdminResource::name and methods";
constexpr const char* handle_rule = "admin.hpp, AdminResource::handle";

/// A path, a query and a body, of which most are not what a resource expects.
std::vector<AdminRequest> requests() {
    const std::string bytes("a\0\xff\xfe\r\nx-injected: 1", 19), long_text(100'000, 'x');
    std::vector<AdminRequest> all(1);
    for (const std::string path : {"/", "//", "/1", "/../../x", "/%00%ff", "/%", "/a/b/c?d"})
        all.push_back({.path = path});
    for (const std::string query : {"a=b&c=d", "%", "=", "&&&", "id=%ff%00", "cursor=-1"})
        all.push_back({.query = query});
    for (const std::string body : {"{}", "null", "[", "{\"name\":\"\\ud800\"}", "\"text\"", "1e999"})
        all.push_back({.body = body});
    all.push_back({.path = "/" + bytes, .query = bytes, .body = bytes});
    all.push_back({.path = "/" + long_text, .query = long_text, .body = std::string(1'000'000, '[')});
    for (AdminRequest& one : all) {
        one.headers = {{"content-type", "application/json"}, {"if-match", bytes}};
        one.who = "check";
    }
    return all;
}

void look_at(Check& check, const Target& target, const Result<http::Response>& result) {
    if (result) {
        if (result->head.status < 200 || result->head.status > 599)
            check.error("admin-status", "the status of a response is not between 200 and 599", handle_rule,
                        std::to_string(result->head.status));
        return check_headers(check, result->head.headers, handle_rule);
    }
    check_error(check, target.confidential(), result.error(), handle_rule);
    if (result.error().kind == ErrorKind::internal || result.error().kind == ErrorKind::bad_config)
        check.error("admin-kind", "a call with unexpected content fails as a defect of the plugin",
                    handle_rule, shown(result.error()));
}

void call(Check& check, Target& target) {
    auto plugin = target.make<Plugin>(check);
    if (!plugin) return;
    AdminResource* resource = nullptr;
    std::string name;
    std::vector<AdminMethod> methods;
    if (!check.calls(offer_rule, [&] {
            if (!(resource = plugin->admin())) return;
            name = resource->name();
            methods = resource->methods();
        }))
        return;
    if (!resource) return;
    if (const std::string wrong = wrong_resource(name, methods); !wrong.empty())
        check.error("admin-resource", "the gateway refuses the admin resource", offer_rule, wrong);
    for (const AdminMethod& method : methods)
        for (AdminRequest request : requests()) {
            request.method = method.method;
            check.context(method.method + " " + printable(name + request.path + "?" + request.query, 100));
            Waiting<http::Response> waiting(check, handle_rule);
            if (!check.calls(handle_rule,
                             [&] { resource->handle(std::move(request), waiting.completion()); }))
                continue;
            if (const auto result = waiting.wait()) look_at(check, target, *result);
            waiting.check_once();
        }
}

/// Ends the instance while calls run.
void leave_running(Check& check, Target& target) {
    std::vector<std::shared_ptr<Waiting<http::Response>>> running;
    auto plugin = target.make<Plugin>(check);
    if (!plugin) return;
    check.context("the instance ends while calls of its admin resource run");
    AdminResource* resource = nullptr;
    check.calls(offer_rule, [&] { resource = plugin->admin(); });
    for (int i = 0; resource && i < 20; ++i) {
        running.push_back(std::make_shared<Waiting<http::Response>>(check, handle_rule));
        check.calls(handle_rule, [&] {
            AdminRequest request{.who = "check"};
            if (const auto methods = resource->methods(); !methods.empty())
                request.method = methods[static_cast<std::size_t>(i) % methods.size()].method;
            resource->handle(std::move(request), running.back()->completion());
        });
    }
}

}  // namespace

std::vector<Suite> admin_suites() {
    return {{"admin resource", [](Check& check, Target& target) {
                 call(check, target);
                 leave_running(check, target);
             }}};
}

}  // namespace gatehouse::core::plugin_check
