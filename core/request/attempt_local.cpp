// SPDX-License-Identifier: Apache-2.0
// An attempt with a local provider: no signature and no transfer, one helper thread.
#include "core/request/attempt.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

void Attempt::compute(LocalProvider& provider) {
    if (std::holds_alternative<ModelsRequest>(operation_))
        return fail({ErrorKind::unsupported, "this provider cannot list its models"});
    if (!owner_.may_send()) return;
    record_.begin_upstream(RequestRecord::Clock::now());
    tell_sent();
    run_ = std::make_shared<LocalRun>(*worker_.loop, provider, provider_.name, operation_, keep_,
                                      record_.request_id);
    watch_run(deadline_.until);
    if (source_paused()) run_->pause();
    run_->start(*worker_.computing, *this);
}

// A stream that has begun in time gets the longer timeout.
void Attempt::watch_run(Deadline::Time until) {
    using std::chrono::milliseconds;
    const auto left = std::chrono::ceil<milliseconds>(until - RequestRecord::Clock::now());
    run_timer_ = worker_.loop->after(std::max(left, milliseconds(0)), [weak = weak_from_this(), until] {
        const auto self = weak.lock();
        if (!self || self->over_) return;
        self->run_timer_ = 0;
        const Deadline& deadline = self->deadline_;
        if (!self->has_output_ || deadline.whole || until == deadline.complete)
            return self->fail({ErrorKind::timeout, "the model did not respond in time"});
        if (deadline.complete != Deadline::Time::max()) self->watch_run(deadline.complete);
    });
}

void Attempt::on_event(Event event) {
    if (!answered()) {
        status_ = 200;
        answered_at_ = RequestRecord::Clock::now();
        tell_answered();
    }
    const auto self = shared_from_this();
    {
        const RequestNote note(record_.request_id);
        hooks_.entry().emit(std::move(event));
    }
    if (fails_by_events()) return;
    if (!out_.empty()) owner_.on_output();
    if (!over_) waits_for_hook(&Attempt::read_after_hook);
}

void Attempt::on_done(Result<void> result) {
    const auto self = shared_from_this();
    record_.upstream_end = RequestRecord::Clock::now();
    if (!result) return fail(result.error());
    finish();
}

}  // namespace gatehouse::core
