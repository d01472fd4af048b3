// SPDX-License-Identifier: Apache-2.0
#include "core/flow.hpp"

#include "core/await.hpp"
#include "core/request_id.hpp"
#include "core/retry.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

using Clock = RequestRecord::Clock;
using std::chrono::milliseconds;

namespace {

bool has_body(std::string_view method) { return method != "GET" && method != "HEAD"; }

/// Names the model as the provider of a route knows it.
void set_model(Operation& operation, const std::string& model) {
    std::visit(
        [&](auto& request) {
            if constexpr (requires { request.model; }) request.model = model;
        },
        operation);
}

}  // namespace

Flow::Flow(std::shared_ptr<const House> house, const Context& context, const Site& site, Client& client)
    : house_(std::move(house)), context_(context), site_(site), client_(&client) {
    const http::RequestHead& head = client.head();
    record_.request_id = new_request_id();
    record_.peer = head.peer;
    record_.method = head.method;
    record_.path = head.path;
    record_.client_retries = head.headers.get("x-stainless-retry-count").substr(0, 10);
    record_.start = Clock::now();
    context_.metrics.started();
}

Flow::~Flow() {
    if (!over_) over(nullptr);  // the server has been shut down under it
}

void Flow::authenticate(std::size_t which) {
    const auto& authenticators = house_->authenticators();
    if (authenticators.empty()) return route({"anonymous"});
    const NamedAuthenticator& door = authenticators[which];
    await<Identity>(
        *site_.loop, context_.log, door.name,
        [&](Completion<Identity> done) {
            door.authenticator->authenticate(client_->head(), std::move(done));
        },
        [self = shared_from_this(), which](Result<Identity> who) {
            if (self->over_) return;
            if (who) return self->route(*std::move(who));
            const bool last = which + 1 == self->house_->authenticators().size();
            if (who.error().kind != ErrorKind::unauthenticated || last) return self->refuse(who.error());
            self->authenticate(which + 1);
        });
}

void Flow::route(Identity who) {
    who_ = std::move(who);
    record_.client = who_.name;
    const http::RequestHead& head = client_->head();
    auto match = house_->routing().find(head.method, head.path);
    dialect_ = match.dialect;
    if (dialect_) return read();
    if (match.allow.empty())
        return refuse({.kind = ErrorKind::not_found, .message = "there is nothing at this path"});
    http::Response answer{.head = {.status = 204}};
    if (head.method != "OPTIONS")
        answer = house_->routing().nearest(head.path).dialect->error(
            {.kind = ErrorKind::bad_request,
             .message = "this path does not answer this method; it answers " + match.allow,
             .status = 405});
    answer.head.headers.set("allow", match.allow + ", OPTIONS");
    respond(std::move(answer), nullptr);
}

void Flow::read() {
    if (has_body(client_->head().method))
        client_->read_body(static_cast<std::size_t>(context_.settings.server.max_body_bytes));
    else
        on_body({});
}

void Flow::on_body_error(Error error) { refuse(std::move(error)); }

void Flow::on_body(std::string body) {
    auto self = shared_from_this();
    record_.bytes_in = body.size();
    auto parsed =
        guard(dialect_->name, [&] { return dialect_->dialect->parse(client_->head(), std::move(body)); });
    if (!parsed) return refuse(parsed.error());
    parsed_ = *std::move(parsed);
    record_.model = model_of(parsed_.operation).substr(0, 200);

    hooks_ = std::make_unique<Hooks>(house_->hooks(), who_);
    if (auto ok = hooks_->request(parsed_.operation); !ok) return refuse(ok.error());
    map();
}

void Flow::map() {
    if (std::holds_alternative<ModelsRequest>(parsed_.operation)) return list_models();
    auto routes =
        guard(house_->mapper_name(), [&] { return house_->mapper().map(model_of(parsed_.operation), who_); });
    if (!routes) return refuse(routes.error());
    routes_ = *std::move(routes);
    if (routes_.empty()) return refuse({ErrorKind::internal, "internal error", "the mapper gave no route"});
    attempt();
}

void Flow::list_models() {
    auto models = guard(house_->mapper_name(), [&] { return house_->mapper().models(who_); });
    if (!models) return refuse(models.error());
    const std::string& wanted = std::get<ModelsRequest>(parsed_.operation).id;
    http::Response answer;
    bool found = wanted.empty();
    auto formatted = guard(dialect_->name, [&] {
        auto formatter = parsed_.formatter();
        for (ModelInfo& model : *models) {
            if (!wanted.empty() && model.id != wanted) continue;
            formatter->event(std::move(model), answer.body);
            found = true;
        }
        formatter->end(answer.body);
        answer.head = formatter->head();
    });
    if (!formatted) return refuse(formatted.error());
    if (!found)
        return refuse({.kind = ErrorKind::not_found,
                       .message = "the model '" + printable(wanted) +
                                  "' does not exist or you do not have access to it",
                       .code = "model_not_found",
                       .param = "model"});
    respond(std::move(answer), nullptr);
}

// The time for everything that follows starts here: for a stream until the
// first byte of an answer, for a whole answer until it is complete.
void Flow::attempt() {
    auto formatter = guard(dialect_->name, [&] { return parsed_.formatter(); });
    if (!formatter) return refuse(formatter.error());
    record_.stream = streams_ = (*formatter)->streams();
    const auto& upstream = context_.settings.upstream;
    deadline_ =
        Clock::now() + milliseconds(streams_ ? upstream.first_byte_timeout_ms : upstream.answer_timeout_ms);
    begin_attempt();
}

void Flow::begin_attempt() {
    timer_ = 0;
    const Route& route = routes_[route_];
    const NamedProvider* provider = house_->provider(route.provider);
    if (!provider)
        return refuse({ErrorKind::internal, "internal error", "no provider is called " + route.provider});
    auto formatter = guard(dialect_->name, [&] { return parsed_.formatter(); });
    if (!formatter) return refuse(formatter.error());

    if (attempt_) attempt_->cancel();
    attempt_.reset();  // its exchange reads the operation, whose model is about to change
    set_model(parsed_.operation, route.model);
    record_.provider = route.provider;
    record_.upstream_model = route.model;
    ++record_.attempts;
    attempt_ =
        std::make_shared<Attempt>(static_cast<Attempt::Owner&>(*this), site_, *provider, parsed_.operation,
                                  *std::move(formatter), *hooks_, deadlines(), record_, context_.log);
    attempt_->start();
    if (!over_ && streams_) watch_silence();
}

Deadlines Flow::deadlines() const {
    constexpr milliseconds no_limit = std::chrono::hours(24);
    const auto left = std::max(milliseconds(1), std::chrono::ceil<milliseconds>(deadline_ - Clock::now()));
    return {.first_byte = left, .total = streams_ ? no_limit : left};
}

bool Flow::may_send() {
    if (!client_->half_closed()) return true;
    leave();
    return false;
}

void Flow::on_output() {
    if (streams_) write();
}

void Flow::write() {
    std::string& out = attempt_->out();
    if (out.empty()) return;
    if (!begun_) begin_answer();
    last_write_ = Clock::now();
    record_.bytes_out += out.size();
    const bool more = client_->write(out);
    out.clear();
    if (!more && !over_) attempt_->pause();
}

void Flow::begin_answer() {
    auto head = guard(dialect_->name, [&] { return attempt_->formatter().head(); });
    http::ResponseHead answer = head ? *std::move(head) : http::ResponseHead{.status = 500};
    mark(answer.headers);
    begun_ = true;
    record_.status = answer.status;
    client_->begin(answer);
}

void Flow::on_complete() {
    auto self = shared_from_this();
    if (streams_) {
        write();
        if (over_) return;
        client_->end();
        return over(nullptr);
    }
    auto head = guard(dialect_->name, [&] { return attempt_->formatter().head(); });
    if (!head) return refuse(head.error());
    respond({*std::move(head), std::move(attempt_->out())}, nullptr);
}

void Flow::on_failure(const Error& error) {
    auto self = shared_from_this();
    const Error reason = error;  // the attempt, which owns it, may go
    context_.log.write(Level::info, record_.provider, "an attempt failed",
                       {{"request", record_.request_id},
                        {"model", record_.upstream_model},
                        {"status", std::to_string(attempt_->status())},
                        {"reason", reason.detail.empty() ? reason.message : reason.detail}});
    if (begun_) return break_off(reason);
    const Next next = next_try({.error = reason,
                                .upstream_status = attempt_->status(),
                                .attempts = record_.attempts,
                                .max_attempts = static_cast<int>(context_.settings.upstream.attempts),
                                .route = route_,
                                .routes = routes_.size(),
                                .time_left = std::chrono::floor<milliseconds>(deadline_ - Clock::now())});
    if (!next.again) return refuse(reason);
    context_.metrics.attempt_failed(record_.provider, reason.kind);
    route_ = next.route;
    site_.loop->cancel(timer_);
    // Also without a wait through the queue: the failed attempt is still on the stack.
    timer_ = site_.loop->after(next.wait, [self] {
        if (!self->over_) self->begin_attempt();
    });
}

// A client's watchdog counts data only: once the upstream has answered, silence
// is filled with chunks that say nothing.
void Flow::watch_silence() {
    const milliseconds interval(context_.settings.server.heartbeat_ms);
    if (interval.count() == 0 || timer_) return;
    if (last_write_ == Clock::time_point{}) last_write_ = Clock::now();
    const auto due = last_write_ + interval;
    const auto wait = std::max(milliseconds(1), std::chrono::ceil<milliseconds>(due - Clock::now()));
    timer_ = site_.loop->after(wait, [weak = weak_from_this(), interval] {
        auto self = weak.lock();
        if (!self || self->over_) return;
        self->timer_ = 0;
        const auto now = Clock::now();
        if (self->attempt_->answered() && now - self->last_write_ >= interval) {
            (void)guard(self->dialect_->name,
                        [&] { self->attempt_->formatter().heartbeat(self->attempt_->out()); });
            self->last_write_ = now;
            self->write();
        } else if (!self->attempt_->answered()) {
            self->last_write_ = now;  // counts from the upstream's answer on
        }
        if (!self->over_) self->watch_silence();
    });
}

void Flow::refuse(Error error) {
    auto self = shared_from_this();
    const NamedDialect& dialect = dialect_ ? *dialect_ : house_->routing().nearest(record_.path);
    auto answer = guard(dialect.name, [&] { return dialect.dialect->error(error); });
    respond(answer ? *std::move(answer) : http::Response{.head = {.status = 500}}, &error);
}

void Flow::respond(http::Response answer, const Error* error) {
    mark(answer.head.headers);
    record_.status = answer.head.status;
    record_.bytes_out += answer.body.size();
    client_->respond(std::move(answer));
    over(error);
}

// The head has gone out, so the failure becomes the stream's last event.
void Flow::break_off(const Error& error) {
    std::string& out = attempt_->out();
    auto ok = guard(dialect_->name, [&] { attempt_->formatter().error(error, out); });
    if (!ok) {
        client_->abort();
        return over(&error);
    }
    record_.bytes_out += out.size();
    client_->write(out);
    client_->end();
    over(&error);
}

void Flow::over(const Error* error) {
    if (std::exchange(over_, true)) return;
    client_ = nullptr;
    site_.loop->cancel(std::exchange(timer_, 0));
    if (attempt_) attempt_->cancel();
    if (hooks_) hooks_->done(error);
    if (error) {
        record_.error = error->kind;
        record_.detail = error->detail.empty() ? error->message : error->detail;
    }
    record_.end = Clock::now();
    context_.metrics.finished(record_);
    context_.log.access(record_);
}

void Flow::on_writable() {
    if (attempt_ && !over_) attempt_->resume();
}

void Flow::on_half_close() {
    if (attempt_ && !over_) leave();
}

void Flow::leave() {
    auto self = shared_from_this();
    client_->abort();
    on_gone();
}

void Flow::on_gone() {
    auto self = shared_from_this();
    record_.gone = true;
    over(nullptr);
}

http::Headers& Flow::mark(http::Headers& headers) const {
    headers.set("x-request-id", record_.request_id);
    if (!record_.upstream_request_id.empty())
        headers.set("x-upstream-request-id", record_.upstream_request_id);
    context_.cors.allow(client_->head(), headers);
    return headers;
}

}  // namespace gatehouse::core
