// SPDX-License-Identifier: Apache-2.0
#include "core/request/request_flow.hpp"

#include "core/observe/log_reason.hpp"
#include "core/request/call_plugin_async.hpp"
#include "core/request/explanation.hpp"
#include "core/request/trace_context.hpp"
#include "core/request/unknown_path.hpp"
#include "core/util/request_id.hpp"

#include <gatehouse/name_pattern.hpp>

#include <algorithm>
#include <utility>

namespace gatehouse::core {

using Clock = RequestRecord::Clock;

namespace {

bool has_body(std::string_view method) { return method != "GET" && method != "HEAD"; }

bool may_name(const Identity& who, std::string_view model) {
    return who.models.empty() || matches_any_pattern(who.models, model);
}

constexpr const char* not_allowed = "model not allowed for this client";
constexpr const char* no_model = "no such model";

/// The same message for a model that does not exist and for a model that the client may not use.  The
/// log has the difference.
Error no_such_model(std::string_view name, const char* reason) {
    return {.kind = ErrorKind::not_found,
            .message = "The model '" + printable(name) + "' does not exist or you do not have access to it.",
            .detail = reason,
            .code = "model_not_found",
            .param = "model"};
}

/// The error of a mapper, with the reason for the log if the model is unknown.
Error with_reason(Error error) {
    if (error.code == "model_not_found" && error.detail.empty()) error.detail = no_model;
    return error;
}

}  // namespace

RequestFlow::RequestFlow(std::shared_ptr<const ConfigSnapshot> snapshot, const WorkerServices& worker,
                         Client& client)
    : kept_(std::move(snapshot)),
      snapshot_(*kept_),
      instances_(*snapshot_.instances),
      worker_(worker),
      client_(&client) {
    const http::RequestHead& head = client.head();
    record_.request_id = new_request_id();
    record_.peer = head.peer;
    record_.method = head.method;
    record_.path = head.path;
    record_.client_request_id = head.headers.get("x-request-id").substr(0, 200);
    record_.trace = trace_of(head.headers);
    if (record_.trace.id.valid()) record_.trace_parent = head.headers.get("traceparent").substr(0, 200);
    record_.client_retries = head.headers.get("x-stainless-retry-count").substr(0, 10);
    record_.start = Clock::now();
    if (wants_details()) begin_details();
    snapshot_.metrics.started();
}

RequestFlow::~RequestFlow() {
    if (!over_) finish(nullptr);  // the server has been shut down during the request
}

void RequestFlow::start() {
    turn_ = snapshot_.auth_throttle->enter(record_.peer, Clock::now());
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(turn_.wait).count();
    if (turn_.refused)
        return refuse({.kind = ErrorKind::rate_limited,
                       .message = "too many failed authentications from this address",
                       .retry_after_seconds = static_cast<int>(seconds)});
    if (turn_.wait.count() == 0) return authenticate(0);
    record_.begin_wait();
    timer_ = worker_.loop->after(turn_.wait, [weak = weak_from_this()] {
        auto self = weak.lock();
        if (!self || self->over_) return;
        self->timer_ = 0;
        self->record_.end_wait();
        self->authenticate(0);
    });
}

// The first authenticator that knows the credential decides.  An authenticator that returns
// `unauthenticated` does not know it; any other result is final.
void RequestFlow::authenticate(std::size_t which) {
    const auto& authenticators = instances_.authenticators();
    if (authenticators.empty()) return route({"anonymous"});
    const NamedAuthenticator& named = authenticators[which];
    // The client may disconnect while an authenticator still reads the head on another thread.
    auto head = client_->kept_head();
    await<Identity>(
        *worker_.loop, snapshot_.log, {named.name, "Authenticator::authenticate", record_.request_id},
        [&](Completion<Identity> done) { named.authenticator->authenticate(*head, std::move(done)); },
        [self = shared_from_this(), which, head](Result<Identity> who) {
            if (self->over_) return;
            if (who) self->authenticator_ = self->instances_.authenticators()[which].name;
            if (who) return self->route(*std::move(who));
            self->not_authenticated(which, who.error());
        });
}

void RequestFlow::not_authenticated(std::size_t which, const Error& error) {
    if (error.kind != ErrorKind::unauthenticated) return refuse(error);
    const auto& authenticators = instances_.authenticators();
    const bool several = authenticators.size() > 1, last = which + 1 == authenticators.size();
    if (several) {
        if (which == 0) unknown_to_.clear();
        unknown_to_ += (which == 0 ? "" : "; ") + authenticators[which].name + ": " + log_reason(error);
    }
    if (!last) return authenticate(which + 1);
    snapshot_.auth_throttle->wrong(record_.peer, turn_, Clock::now());
    if (!several) return refuse(error);
    // The client may have meant any of them.
    Error common = error;
    common.message = "no valid API key, token or certificate";
    common.detail = std::move(unknown_to_);
    refuse(common);
}

void RequestFlow::route(Identity who) {
    snapshot_.auth_throttle->right(record_.peer, turn_, Clock::now());
    reached("authenticate");
    who_ = std::move(who);
    record_.client = who_.name;
    record_.who = &who_;
    begin_explanation();
    const http::RequestHead& head = client_->head();
    const Routing& routing = instances_.routing();
    auto match = routing.find(head.method, head.path, head.headers);
    if (!match.dialect && match.allow.empty() && head.path.find("//") != head.path.npos) {
        mended_head_ = head;
        mended_head_->path = with_single_slashes(head.path);
        match = routing.find(head.method, mended_head_->path, head.headers);
    }
    dialect_ = match.dialect;
    if (dialect_) record_.dialect = dialect_->name;
    if (dialect_ && record_.details) record_.details->endpoint = match.endpoint;
    if (dialect_) return admit();
    if (match.allow.empty()) {
        UnknownPath unknown = unknown_path(routing, head);
        meant_ = unknown.dialect;
        return refuse(std::move(unknown.error));
    }
    const Error wrong{.kind = ErrorKind::bad_request,
                      .message = "method not allowed at this path; allowed: " + match.allow,
                      .status = 405};
    http::Response answer =
        head.method == "OPTIONS" ? http::Response{.head = {.status = 204}} : to_response(wrong);
    answer.head.headers.set("allow", match.allow + ", OPTIONS");
    respond(std::move(answer), nullptr);
}

// Admission comes before the body is read, so that queued requests hold no memory.  A request without a body
// is parsed first, and needs a slot only if it is for an upstream: a list of models is never queued.
void RequestFlow::admit() {
    if (!has_body(client_->head().method)) return on_body({});
    enter();
}

void RequestFlow::enter() {
    if (!snapshot_.admission) return on_admitted();
    auto slot = snapshot_.admission->enter(who_.name, *worker_.loop, *this);
    if (!slot) return refuse(slot.error());
    slot_ = *std::move(slot);
    if (!slot_.waits()) return on_admitted();
    record_.begin_wait();
    if (client_->half_closed()) disconnect();
}

void RequestFlow::on_admitted() {
    record_.end_wait();
    reached("queue");
    if (hooks_) return find_routes();
    record_.begin_wait();
    client_->read_body(static_cast<std::size_t>(snapshot_.settings.server.max_body_bytes));
}

void RequestFlow::on_body_error(Error error) {
    if (error.kind == ErrorKind::unavailable) snapshot_.metrics.refused(Metrics::Refusal::memory);
    refuse(std::move(error));
}

void RequestFlow::on_body(std::string body) {
    auto self = shared_from_this();
    record_.end_wait();
    record_.bytes_in = body.size();
    reached("read");
    if (record_.explanation) record_.explanation->note_body(body);
    auto parsed = guard(dialect_call("Dialect::parse"), [&] {
        return dialect_->dialect->parse(mended_head_ ? *mended_head_ : client_->head(), std::move(body));
    });
    if (!parsed) return refuse(parsed.error());
    parsed_ = *std::move(parsed);
    follow();
}

void RequestFlow::begin_operation() {
    reached("parse");
    record_.model = model_of(parsed_.operation).substr(0, 200);
    auto head = client_->kept_head();
    const RequestInfo info{record_.request_id, who_, *head, authenticator_};
    {
        const RequestNote note(record_.request_id);
        hooks_ = std::make_unique<Hooks>(instances_.hooks(), info, std::move(head));
    }
    const bool lists = std::holds_alternative<ModelsRequest>(parsed_.operation);
    if (!lists && !may_name(who_, model_of(parsed_.operation)))
        return refuse(no_such_model(model_of(parsed_.operation), not_allowed));
    ask_hooks();
}

void RequestFlow::map() {
    reached("hooks");
    if (std::holds_alternative<ModelsRequest>(parsed_.operation)) return list_models();
    if (!has_body(client_->head().method)) return enter();
    find_routes();
}

void RequestFlow::find_routes() {
    auto routes = guard({instances_.mapper_name(), "ModelMapper::map", record_.request_id},
                        [&] { return instances_.mapper().map(route_query(model_of(parsed_.operation))); });
    if (!routes) return refuse(with_reason(routes.error()));
    if (record_.explanation)
        record_.explanation->note_routes(instances_.route_places(), model_of(parsed_.operation), *routes);
    for (Route& route : *routes) {
        const NamedProvider* provider = instances_.provider(route.provider);
        if (!provider)
            return refuse(
                {ErrorKind::internal, "internal error", "there is no provider named " + route.provider});
        const RoutePolicy* policy = &provider->policies.of(route.model);
        candidates_.push_back({std::move(route), provider, policy});
    }
    if (candidates_.empty())
        return refuse({ErrorKind::internal, "internal error", "the mapper returned no route"});
    if (candidates_.size() > 1) mapped_model_ = model_of(parsed_.operation);
    reached("map");
    limit();
}

RouteQuery RequestFlow::route_query(std::string_view model) const {
    return {.model = model,
            .who = who_,
            .operation = parsed_.operation,
            .head = client_->head(),
            .body_bytes = static_cast<std::size_t>(record_.bytes_in),
            .healths = instances_};
}

void RequestFlow::list_models() {
    auto models = guard({instances_.mapper_name(), "ModelMapper::models", record_.request_id},
                        [&] { return instances_.mapper().models(who_, *snapshot_.catalogue.models()); });
    if (!models) return refuse(models.error());
    auto formatter = guard(dialect_call("Parsed::formatter"), [&] { return parsed_.formatter(); });
    if (!formatter) return refuse(formatter.error());
    const std::string& wanted = std::get<ModelsRequest>(parsed_.operation).id;
    http::Response answer;
    bool found = wanted.empty();
    auto formatted = guard(dialect_call("ResponseFormatter::event"), [&] {
        for (ModelInfo& model : *models) {
            if ((!wanted.empty() && model.id != wanted) || !may_name(who_, model.id)) continue;
            (*formatter)->event(std::move(model), answer.body);
            found = true;
        }
        (*formatter)->end(answer.body);
        answer.head = (*formatter)->head();
    });
    if (!formatted) return refuse(formatted.error());
    if (!found) return refuse(no_such_model(wanted, may_name(who_, wanted) ? no_model : not_allowed));
    respond(std::move(answer), nullptr);
}

}  // namespace gatehouse::core
