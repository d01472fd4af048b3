// SPDX-License-Identifier: Apache-2.0
#include "core/request/attempt.hpp"

#include "core/net/client/upstream_target.hpp"
#include "core/request/begin_exchange.hpp"
#include "core/request/call_plugin_async.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

namespace {

// Of an answer that says why something failed, this much is read.
constexpr std::size_t max_error_bytes = 64 * 1024;

// A provider that keeps amending its request would never end.
constexpr int max_amendments = 8;

// So long the rest of a complete answer may take, that its connection be used again.
constexpr std::chrono::milliseconds drain_time{250};

bool carries_answer(const Event& event) {
    return std::holds_alternative<TextDelta>(event) || std::holds_alternative<ToolCallDelta>(event) ||
           std::holds_alternative<ReasoningDelta>(event);
}

}  // namespace

Attempt::Attempt(Owner& owner, const WorkerServices& worker, const NamedProvider& provider,
                 const Operation& operation, std::unique_ptr<ResponseFormatter> formatter, Hooks& hooks,
                 Deadline deadline, RequestRecord& record, Log& log, std::shared_ptr<const void> keep)
    : owner_(owner),
      worker_(worker),
      provider_(provider),
      operation_(operation),
      formatter_(std::move(formatter)),
      hooks_(hooks),
      deadline_(deadline),
      policy_(provider.policies.of(model_of(operation))),
      record_(record),
      log_(log),
      keep_(std::move(keep)) {}

// Goes on with `step` when the signer has answered, unless the attempt is over by then.
template <typename T, typename Start>
void Attempt::ask_signer(Start&& start, void (Attempt::*step)(T)) {
    await<T>(*worker_.loop, log_, provider_.signer_name, std::forward<Start>(start),
             [self = shared_from_this(), step](Result<T> result) {
                 if (self->over_) return;
                 if (!result) return self->fail(result.error());
                 (self.get()->*step)(*std::move(result));
             });
}

void Attempt::translate() {
    hooks_.attempt(*this);
    auto local = guard(provider_.name, [&] { return provider_.provider->local(); });
    if (!local) return fail(local.error());
    if (*local) return compute(**local);
    auto exchange = guard(provider_.name, [&] { return begin_exchange(*provider_.provider, operation_); });
    if (!exchange) return fail(exchange.error());
    exchange_ = *std::move(exchange);
    ask(guard(provider_.name, [&] { return exchange_->request(); }));
}

void Attempt::ask(Result<std::optional<http::Request>> request) {
    if (!request) return fail(request.error());
    if (!*request) return finish_exchange();  // the provider answers by itself
    origin_ = origin_of((*request)->url);
    if (!spoken_ && provider_.health->ejected(origin_) && !evade(**request)) return;
    sign(**std::move(request));
}

// The place in turn keeps failing: the exchange is told that it cannot be reached, and may
// name another one, which is no attempt more.  If it has none, this one is asked after all.
// False if the exchange has failed over it.
bool Attempt::evade(http::Request& request) {
    const Error ejected{ErrorKind::upstream, "this endpoint has failed too often lately"};
    for (int tries = 0; tries < max_amendments; ++tries) {
        auto amended = guard(provider_.name, [&] { return exchange_->amend(ejected); });
        if (!amended || !*amended) return true;
        auto other = guard(provider_.name, [&] { return exchange_->request(); });
        if (!other || !*other) {
            fail(other ? ejected : other.error());
            return false;
        }
        request = **std::move(other);
        origin_ = origin_of(request.url);
        if (!provider_.health->ejected(origin_)) return true;
    }
    return true;
}

void Attempt::sign(http::Request request) {
    if (!provider_.signer) return send(std::move(request));
    ask_signer<http::Request>(
        [&](Completion<http::Request> done) { provider_.signer->sign(std::move(request), std::move(done)); },
        &Attempt::send);
}

void Attempt::send(http::Request signed_request) {
    if (!owner_.may_send()) return;
    status_ = 0;
    error_bytes_ = 0;
    draining_ = false;
    const auto now = RequestRecord::Clock::now();
    auto until = [&](Deadline::Time limit) {
        constexpr std::chrono::milliseconds no_limit = std::chrono::hours(24);
        return limit == Deadline::Time::max() ? no_limit
                                              : std::chrono::ceil<std::chrono::milliseconds>(limit - now);
    };
    const auto left = until(deadline_.until);
    if (left.count() <= 0) return fail({ErrorKind::timeout, "the upstream did not answer in time"});
    auto limit = [](auto& timeout, std::chrono::milliseconds usual) {
        if (!timeout) timeout = usual;
    };
    limit(signed_request.connect_timeout, policy_.connect);
    limit(signed_request.idle_timeout, policy_.idle);
    limit(signed_request.first_byte_timeout, left);
    limit(signed_request.total_timeout, deadline_.whole ? left : until(deadline_.complete));
    record_.upstream_start = now;
    record_.upstream_end.reset();
    transfer_ = worker_.upstream->start(std::move(signed_request), *this);
    if (paused_) transfer_->pause();
}

void Attempt::on_head(const http::ResponseHead& head) {
    status_ = head.status;
    answered_at_ = RequestRecord::Clock::now();
    if (status_ >= 500)
        provider_.health->endpoint_failed(origin_);
    else
        provider_.health->endpoint_answered(origin_);
    auto ok = guard(provider_.name, [&] {
        if (auto id = head.headers.get(exchange_->request_id_header()); !id.empty())
            record_.upstream_request_id = id.substr(0, 200);
        exchange_->head(head);
    });
    if (!ok) fail(ok.error());
}

void Attempt::on_body(std::string_view bytes) {
    if (draining_) return;
    if (bytes.size() > may_read_) return fail({ErrorKind::unavailable, "nobody waits for so long an answer"});
    if (may_read_ != std::string::npos) may_read_ -= bytes.size();
    if (!answered()) {
        bytes = bytes.substr(0, max_error_bytes - error_bytes_);
        error_bytes_ += bytes.size();
    }
    if (deadline_.whole) held_.add(bytes.size());
    auto self = shared_from_this();
    auto ok = guard(provider_.name, [&] { return exchange_->body(bytes, hooks_.entry()); });
    if (!ok) return fail(ok.error());
    if (hooks_.failure()) return fail(*hooks_.failure());
    if (!answered() && error_bytes_ == max_error_bytes) return on_end();
    auto complete = guard(provider_.name, [&] { return exchange_->complete(); });
    if (complete && *complete) return hang_up();
    if (!out_.empty()) owner_.on_output();
}

// The answer goes on its way at once; the end of its framing is waited for a
// moment, without which its connection could not be used again.
void Attempt::hang_up() {
    draining_ = true;
    record_.upstream_end = RequestRecord::Clock::now();
    worker_.loop->after(drain_time, [self = shared_from_this()] {
        if (self->draining_) self->transfer_.reset();
    });
    finish_exchange();
}

void Attempt::on_end() {
    if (draining_) return transfer_.reset();
    record_.upstream_end = RequestRecord::Clock::now();
    transfer_.reset();
    finish_exchange();
}

void Attempt::on_error(Error error) {
    if (draining_) return transfer_.reset();
    // An upstream that has said its finish and then forgets to hang up has answered.
    if (error.kind == ErrorKind::timeout && finished_) return on_end();
    record_.upstream_end = RequestRecord::Clock::now();
    transfer_.reset();
    if (status_ == 0 && (error.kind == ErrorKind::upstream || error.kind == ErrorKind::timeout))
        provider_.health->endpoint_failed(origin_);
    amend(std::move(error));
}

void Attempt::finish_exchange() {
    auto ok = guard(provider_.name, [&] { return exchange_->end(hooks_.entry()); });
    if (!ok) return refused(ok.error());
    auto next = guard(provider_.name, [&] { return exchange_->next(); });
    if (!next || *next) return ask(std::move(next));
    finish();
}

void Attempt::finish() {
    if (std::holds_alternative<ChatRequest>(operation_) && !finished_)
        return fail({ErrorKind::upstream, "the upstream's answer ended without a finish"});
    hooks_.end();
    if (hooks_.failure()) return fail(*hooks_.failure());
    complete();
}

// The answer is a failed one.  Two things may still help on this route: a new
// token, and another request: without what the model refused, or to another place.
void Attempt::refused(Error error) {
    if (status_ == 401 && !spoken_ && provider_.signer && !std::exchange(renewed_, true)) {
        refusal_ = std::move(error);
        return ask_signer<bool>([&](Completion<bool> done) { provider_.signer->rejected(std::move(done)); },
                                &Attempt::renewed);
    }
    amend(std::move(error));
}

void Attempt::amend(Error error) {
    if (spoken_ || !exchange_ || amendments_ == max_amendments) return fail(std::move(error));
    auto amended = guard(provider_.name, [&] { return exchange_->amend(error); });
    if (!amended || !*amended) return fail(std::move(error));
    ++amendments_;
    auto request = guard(provider_.name, [&] { return exchange_->request(); });
    // Only to the same place without what it refused is no attempt of its own.
    const bool elsewhere =
        request && *request && !http::equal_ignoring_case(origin_of((*request)->url), origin_);
    if (elsewhere) provider_.health->has_several_endpoints();
    const bool mistaken = status_ >= 400 && status_ < 500 && status_ != 408 && status_ != 429;
    if ((elsewhere || !mistaken) && !owner_.may_go_on(error, elsewhere)) return fail(std::move(error));
    ask(std::move(request));
}

void Attempt::renewed(bool again) {
    if (!again) return amend(std::move(refusal_));
    ask(guard(provider_.name, [&] { return exchange_->request(); }));
}

void Attempt::emit(Event event) {
    if (over_) return;
    spoken_ = true;
    if (!record_.first_token && carries_answer(event)) record_.first_token = RequestRecord::Clock::now();
    if (std::holds_alternative<Finish>(event)) ++finished_;
    if (auto* usage = std::get_if<Usage>(&event)) record_.usage = *usage;
    formatter_->event(event, out_);
}

void Attempt::complete() {
    auto ok = guard("dialect", [&] { formatter_->end(out_); });
    if (!ok) return fail(ok.error());
    over_ = true;
    owner_.on_complete();
}

void Attempt::fail(Error error) {
    if (std::exchange(over_, true)) return;
    if (!draining_) transfer_.reset();
    if (run_) run_->cancel();
    owner_.on_failure(error);
}

void Attempt::cancel() {
    over_ = true;
    worker_.loop->cancel(std::exchange(run_timer_, 0));
    if (run_) run_->cancel();
    if (draining_ && transfer_) {
        // Until then this outlives its owner, whose the rest is.
        exchange_.reset();
        formatter_.reset();
        return;
    }
    transfer_.reset();
}

std::string Attempt::advice(const Error& error) {
    std::string text;
    auto add = [&](const Result<std::string>& more) {
        if (!more || more->empty()) return;
        if (!text.empty()) text += '\n';
        text += *more;
    };
    if (exchange_) add(guard(provider_.name, [&] { return exchange_->advice(error); }));
    const bool refused = status_ == 401 || status_ == 403 || status_ == 404;
    if (refused && provider_.signer)
        add(guard(provider_.signer_name, [&] { return provider_.signer->advice(); }));
    return text;
}

// What computes in this process is told to stop: nobody bills for it.
bool Attempt::read_on(std::size_t bytes) {
    if (!transfer_ || draining_) return false;
    may_read_ = bytes;
    out_.clear();
    resume();
    return true;
}

void Attempt::pause() {
    paused_ = true;
    if (transfer_) transfer_->pause();
    if (run_) run_->pause();
}

void Attempt::resume() {
    paused_ = false;
    if (transfer_) transfer_->resume();
    if (run_) run_->resume();
}

}  // namespace gatehouse::core
