// SPDX-License-Identifier: Apache-2.0
#include "core/admin/call.hpp"

#include "core/admin/problem.hpp"
#include "core/observe/log.hpp"
#include "core/request/call_plugin_async.hpp"

#include <utility>

namespace gatehouse::core {

void AdminRecord::write(Log& log, int status) const {
    const auto time =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
    log.write(status < 400 ? level : Level::info, "admin",
              status ? "admin request" : "admin request without a response",
              {{"who", who.empty() ? "-" : who},
               {"peer", peer},
               {"method", method},
               {"path", path},
               {"status", std::to_string(status)},
               {"ms", std::to_string(time.count())}});
}

void AdminCall::on_body(std::string body) {
    request_.body = std::move(body);
    const auto self = shared_from_this();
    const auto kept = snapshot_;  // until the resource has returned
    await<http::Response>(
        loop_, log_, {resource_.instance, "AdminResource::handle"},
        [&](Completion<http::Response> done) {
            resource_.resource->handle(std::move(request_), std::move(done));
        },
        [self](Result<http::Response> result) { self->respond(std::move(result)); });
    if (!client_) return;
    timer_ =
        loop_.after(std::chrono::milliseconds(kept->settings.admin.timeout_ms), [weak = weak_from_this()] {
            const auto call = weak.lock();
            if (!call) return;
            call->timer_ = 0;
            call->respond(Error{ErrorKind::timeout, "the resource did not respond in time",
                                call->resource_.instance + " did not complete within timeout_ms"});
        });
}

void AdminCall::respond(Result<http::Response> result) {
    if (!client_) return;
    if (!result && !result.error().detail.empty())
        log_.write(Level::error, resource_.instance, "admin request failed",
                   {{"reason", result.error().detail}});
    http::Response response = result ? *std::move(result) : problem(result.error());
    http::Headers& headers = response.head.headers;
    if (!headers.has("cache-control")) headers.add("cache-control", "no-store");
    headers.set("x-content-type-options", "nosniff");
    record_.write(log_, response.head.status);
    Client& client = *client_;
    end();
    client.respond(std::move(response));
}

void AdminCall::on_gone() {
    if (!client_) return;
    record_.write(log_, 0);
    end();
}

void AdminCall::end() {
    client_ = nullptr;
    if (timer_) loop_.cancel(std::exchange(timer_, 0));
    snapshot_.reset();
}

}  // namespace gatehouse::core
