// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/local_driver.hpp"

#include "core/plugin_check/call_timer.hpp"
#include "core/plugin_check/texts.hpp"

#include <algorithm>

namespace gatehouse::core::plugin_check {

namespace {

using Lock = std::lock_guard<std::mutex>;

// More than any answer has, and little enough to be kept.
constexpr std::size_t most_events = 100'000;
// The pace of an answer is not what is checked.
constexpr std::chrono::milliseconds longest_sleep{1};

}  // namespace

std::shared_ptr<LocalDriver> LocalDriver::start(Check& check, Instance instance, Operation operation,
                                                LocalClient client) {
    // A sink that the plugin keeps must be there still, to be caught.
    static std::vector<std::shared_ptr<LocalDriver>> all;
    const auto& simulate =
        all.emplace_back(std::shared_ptr<LocalDriver>(new LocalDriver(check, std::move(operation), client)));
    std::thread([simulate, instance = std::move(instance)]() mutable {
        simulate->compute(std::move(instance));
    }).detach();
    return simulate;
}

void LocalDriver::compute(Instance instance) {
    {
        const Lock lock(mutex_);
        thread_ = std::this_thread::get_id();
    }
    std::optional<Result<void>> result;
    const bool returned = check_.calls("local.hpp, LocalProvider::run", [&] {
        if (LocalProvider* local = (*instance)->local())
            result.emplace(local->run(operation_, static_cast<LocalSink&>(*this)));
        else
            check_.error("local-changes", "local() does not return the same result each time",
                         "provider.hpp, Provider::local");
    });
    {
        const Lock lock(mutex_);
        computed_ = true;
        threw_ = !returned || !result;
        if (result && !*result) error_ = result->error();
    }
    instance.reset();
    const Lock lock(mutex_);
    over_ = true;
    changed_.notify_all();
}

/// REQUIRES: the mutex is held.
bool LocalDriver::may_be_used() const {
    const char* rule = "local.hpp, LocalSink";
    if (computed_ && !std::exchange(misused_, true))
        check_.error("sink-kept", "the sink is used after run() has returned", rule);
    else if (thread_ != std::this_thread::get_id() && !std::exchange(misused_, true))
        check_.error("sink-thread", "the sink is used by another thread than that of run()", rule);
    return !computed_;
}

bool LocalDriver::emit(Event event) {
    std::unique_lock lock(mutex_);
    if (!may_be_used()) return false;
    if (told_) ++emits_after_told_;
    if (events_.size() >= client_.stalls_at && !going_on_) {
        stalled_ = true;
        changed_.notify_all();
        changed_.wait(lock, [&] { return gone_ || going_on_; });
    }
    if (client_.takes.count() > 0) changed_.wait_for(lock, client_.takes, [&] { return gone_; });
    if (events_.size() == most_events) gone_ = unending_ = true;
    if (events_.size() == client_.leaves_at) gone_ = true;
    if (gone_) return told_ = true, false;
    events_.push_back(std::move(event));
    lock.unlock();
    std::this_thread::yield();  // makes concurrent runs interleave
    return true;
}

bool LocalDriver::sleep(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    if (!look()) return false;
    changed_.wait_for(lock, std::min(time, longest_sleep), [&] { return gone_; });
    return look();
}

bool LocalDriver::gone() const {
    const Lock lock(mutex_);
    return !look();
}

/// Whether anybody waits.  REQUIRES: the mutex is held.
bool LocalDriver::look() const {
    if (!may_be_used()) return false;
    if (told_) ++looks_after_told_;
    if (gone_) told_ = true;
    return !gone_;
}

bool LocalDriver::wait() {
    CallTimer timer(check_.effort());
    std::unique_lock lock(mutex_);
    std::size_t came = events_.size();
    bool waited_for = !gone_;
    while (!over_) {
        changed_.wait_for(lock, std::chrono::milliseconds(20), [&] { return over_; });
        check_.beat();
        // From the client's leaving on, all that is left to do is to return.
        if (events_.size() != came || waited_for != !gone_) {
            came = events_.size();
            waited_for = !gone_;
            timer.restart();
        } else if (timer.over()) {
            return false;
        }
    }
    return true;
}

bool LocalDriver::wait_for_stall() {
    CallTimer timer(check_.effort());
    std::unique_lock lock(mutex_);
    while (!over_ && !stalled_ && !timer.over()) {
        changed_.wait_for(lock, std::chrono::milliseconds(20), [&] { return over_ || stalled_; });
        check_.beat();
    }
    return stalled_;
}

bool LocalDriver::wait_for_stall(std::chrono::milliseconds longest) {
    std::unique_lock lock(mutex_);
    check_.beat();
    changed_.wait_for(lock, longest, [&] { return over_ || stalled_; });
    check_.beat();
    return stalled_;
}

void LocalDriver::go_on() {
    const Lock lock(mutex_);
    going_on_ = true;
    changed_.notify_all();
}

void LocalDriver::leave() {
    const Lock lock(mutex_);
    gone_ = true;
    changed_.notify_all();
}

bool LocalDriver::good() const {
    const Lock lock(mutex_);
    return computed_ && !threw_ && !error_;
}

std::optional<Error> LocalDriver::error() const {
    const Lock lock(mutex_);
    return error_;
}

std::vector<Event> LocalDriver::events() const {
    const Lock lock(mutex_);
    return events_;
}

std::string LocalDriver::text() const {
    const auto failed = error();
    return failed ? "error " + shown(*failed) : described(events());
}

bool LocalDriver::unending() const {
    const Lock lock(mutex_);
    return unending_;
}

bool LocalDriver::told() const {
    const Lock lock(mutex_);
    return told_;
}

std::size_t LocalDriver::emits_after_told() const {
    const Lock lock(mutex_);
    return emits_after_told_;
}

std::size_t LocalDriver::looks_after_told() const {
    const Lock lock(mutex_);
    return looks_after_told_;
}

}  // namespace gatehouse::core::plugin_check
