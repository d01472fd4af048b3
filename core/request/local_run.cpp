// SPDX-License-Identifier: Apache-2.0
#include "core/request/local_run.hpp"

#include "core/plugin/guard.hpp"

#include <utility>

namespace gatehouse::core {

namespace {
// Large enough that neither thread waits for the other at every event.
constexpr std::size_t most_waiting = 64;
}  // namespace

LocalRun::LocalRun(Loop& loop, LocalProvider& provider, std::string instance, Operation operation,
                   std::shared_ptr<const void> keep, std::string request_id)
    : loop_(loop),
      provider_(provider),
      instance_(std::move(instance)),
      operation_(std::move(operation)),
      keep_(std::move(keep)),
      request_id_(std::move(request_id)) {}

void LocalRun::start(HelperThreads& pool, Listener& listener) {
    listener_ = &listener;
    pool.run([self = shared_from_this()] { self->compute(); });
}

void LocalRun::compute() {
    if (gone()) return;
    PluginCall call(instance_, "LocalProvider::run", request_id_);
    call.may_block = true;
    auto result = guard(call, [&] { return provider_.run(operation_, static_cast<LocalSink&>(*this)); });
    std::lock_guard lock(mutex_);
    result_ = std::move(result);
    announce();
}

bool LocalRun::emit(Event event) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return gone_ || waiting_.size() < most_waiting; });
    if (gone_) return false;
    waiting_.push_back(std::move(event));
    announce();
    return true;
}

bool LocalRun::sleep(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, time, [&] { return gone_; });
}

bool LocalRun::gone() const {
    std::lock_guard lock(mutex_);
    return gone_;
}

// REQUIRES: the mutex is held.
void LocalRun::announce() {
    if (announced_ || paused_ || gone_) return;
    announced_ = true;
    loop_.post([self = shared_from_this()] { self->deliver(); });
}

void LocalRun::deliver() {
    const auto self = shared_from_this();
    {
        std::lock_guard lock(mutex_);
        announced_ = false;
    }
    for (std::size_t taken = 0; listener_; ++taken) {
        std::optional<Event> event;
        std::optional<Result<void>> result;
        {
            std::lock_guard lock(mutex_);
            if (paused_ || gone_) return;
            // The computation may always be ahead; the loop has other tasks.
            if (taken == most_waiting) return announce();
            if (!waiting_.empty()) {
                event = std::move(waiting_.front());
                waiting_.pop_front();
            } else if (result_) {
                result = std::move(result_);
                gone_ = true;
            } else {
                return;
            }
        }
        changed_.notify_one();
        if (event)
            listener_->on_event(*std::move(event));
        else
            std::exchange(listener_, nullptr)->on_done(*std::move(result));
    }
}

void LocalRun::pause() {
    std::lock_guard lock(mutex_);
    paused_ = true;
}

void LocalRun::resume() {
    std::lock_guard lock(mutex_);
    paused_ = false;
    if (!waiting_.empty() || result_) announce();
}

void LocalRun::cancel() {
    listener_ = nullptr;
    {
        std::lock_guard lock(mutex_);
        gone_ = true;
        waiting_.clear();
    }
    changed_.notify_all();
}

}  // namespace gatehouse::core
