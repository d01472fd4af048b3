// SPDX-License-Identifier: Apache-2.0
// An attempt with a provider that computes: no signature, no transfer, one thread.
#include "core/attempt.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

void Attempt::compute(LocalProvider& provider) {
    if (std::holds_alternative<ModelsRequest>(operation_))
        return fail({ErrorKind::unsupported, "this provider cannot list its models"});
    if (!owner_.may_send()) return;
    record_.upstream_start = RequestRecord::Clock::now();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_.until - *record_.upstream_start);
    run_ = std::make_shared<LocalRun>(*site_.loop, provider, provider_.name, operation_, keep_);
    run_timer_ = site_.loop->after(std::max(left, std::chrono::milliseconds(0)), [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self || self->over_ || (self->spoken_ && !self->deadline_.whole)) return;
        self->fail({ErrorKind::timeout, "the model did not answer in time"});
    });
    if (paused_) run_->pause();
    run_->start(*site_.computing, *this);
}

void Attempt::on_event(Event event) {
    if (!answered()) {
        status_ = 200;
        answered_at_ = RequestRecord::Clock::now();
    }
    const auto self = shared_from_this();
    hooks_.entry().emit(std::move(event));
    if (hooks_.failure()) return fail(*hooks_.failure());
    if (!out_.empty()) owner_.on_output();
}

void Attempt::on_done(Result<void> result) {
    const auto self = shared_from_this();
    record_.upstream_end = RequestRecord::Clock::now();
    if (!result) return fail(result.error());
    finish();
}

}  // namespace gatehouse::core
