// SPDX-License-Identifier: Apache-2.0
#include "core/admin/gateway_resource.hpp"

#include "core/admin/config_report.hpp"
#include "core/admin/log_report.hpp"
#include "core/admin/provider_report.hpp"

#include <gatehouse/json_writer.hpp>
#include <gatehouse/plugin.hpp>
#include <gatehouse/url.hpp>

#include <unistd.h>

#include <utility>

namespace gatehouse::core {

namespace {

http::Response json_response(std::string body) {
    return {{.headers = {{"content-type", "application/json"}}}, std::move(body)};
}

std::int64_t milliseconds_of(std::chrono::system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace

std::vector<AdminMethod> GatewayResource::methods() const {
    return {{"GET", "read", "The gateway itself: /status, /routes, /running, /config, /log."}};
}

void GatewayResource::handle(AdminRequest request, Completion<http::Response> done) {
    const auto snapshot = view_.snapshot();
    if (!snapshot) return done(Error{ErrorKind::unavailable, "the gateway is stopping"});
    const std::string& part = request.path;
    if (part == "/status") return done(json_response(status(*snapshot)));
    if (part == "/running") return view_.running.ask(std::move(done));
    // Other users of the machine may not read the files, and without tokens they may call this.
    if (request.who.empty() && (part == "/config" || part == "/log"))
        return done(Error{.kind = ErrorKind::forbidden,
                          .message =
                              "the configuration and the log need a login by `gatehouse console`, or a "
                              "token of [admin] tokens",
                          .code = "needs_login"});
    std::function<Result<std::string>()> report;
    if (part == "/routes") {
        report = [snapshot, now = view_.readiness()] { return provider_report(now, *snapshot); };
    } else if (part == "/config") {
        const auto file = view_.file();
        if (!file) return done(Error{ErrorKind::unavailable, "the gateway is stopping"});
        report = [snapshot, file = *file] { return config_report(file, *snapshot); };
    } else if (part == "/log") {
        const auto text = query_value(request.query, "text"), level = query_value(request.query, "level");
        if (!text || !level)
            return done(Error{ErrorKind::bad_request, "the query is not percent-encoded correctly"});
        report = [snapshot, text = *text, level = *level] {
            return log_report(snapshot->settings.log.file, text, level);
        };
    } else {
        return done(
            Error{ErrorKind::not_found, "the gateway has /status, /routes, /running, /config and /log"});
    }
    const auto shared = std::make_shared<Completion<http::Response>>(std::move(done));
    view_.helpers.run([shared, report = std::move(report)] {
        const auto text = report();
        (*shared)(text ? Result<http::Response>(json_response(*text)) : text.error());
    });
}

std::string GatewayResource::status(const ConfigSnapshot& snapshot) const {
    const Readiness now = view_.readiness();
    const ServerOptions& server = snapshot.settings.server;
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("version", GATEHOUSE_VERSION).member("abi", abi);
    json.member("toolchain", toolchain).member("process", std::int64_t{::getpid()});
    json.member("now_ms", milliseconds_of(std::chrono::system_clock::now()));
    json.member("started_ms", milliseconds_of(start_));
    json.member("configured_ms", milliseconds_of(activated_.load()));
    json.member("ready", now.unready.empty()).member("reason", now.unready).member("alive", view_.alive());
    json.member("listen", server.listen).member("tls", snapshot.settings.tls.has_value());
    json.member("log_file", snapshot.settings.log.file);
    json.member("memory_bytes", view_.memory.held()).member("memory_limit", server.memory_limit);
    json.member("max_concurrent_requests", server.max_concurrent_requests);
    json.member("observers", snapshot.instances->observers().size()).end_object();
    return text;
}

}  // namespace gatehouse::core
