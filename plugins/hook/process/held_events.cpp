// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/process/held_events.hpp"

#include <utility>

namespace gatehouse::process {

void HeldEvents::add(Event event) {
    const std::lock_guard lock(mutex_);
    places_.push_back({std::move(event), false});
}

std::size_t HeldEvents::add_place() {
    const std::lock_guard lock(mutex_);
    places_.push_back({std::nullopt, true});
    ++waiting_;
    return first_ + places_.size() - 1;
}

void HeldEvents::fill(std::size_t number, std::optional<Event> event) {
    std::unique_lock lock(mutex_);
    places_[number - first_] = {std::move(event), false};
    --waiting_;
    complete(std::move(lock));
}

void HeldEvents::fail(Error error) {
    std::unique_lock lock(mutex_);
    if (!error_) error_ = std::move(error);
    complete(std::move(lock));
}

bool HeldEvents::empty() const {
    const std::lock_guard lock(mutex_);
    return places_.empty() && !error_;
}

void HeldEvents::wait(Completion<void> done) {
    std::unique_lock lock(mutex_);
    done_.emplace(std::move(done));
    complete(std::move(lock));
}

/// The completion is called without the lock, because it may end the request.
void HeldEvents::complete(std::unique_lock<std::mutex> lock) {
    if (!done_ || (waiting_ > 0 && !error_)) return;
    Completion<void> done = std::move(*done_);
    done_.reset();
    const auto error = error_;
    lock.unlock();
    if (error)
        done(*error);
    else
        done({});
}

std::vector<Event> HeldEvents::take() {
    const std::lock_guard lock(mutex_);
    std::vector<Event> events;
    for (; !places_.empty() && !places_.front().waits; places_.pop_front(), ++first_)
        if (places_.front().event) events.push_back(*std::move(places_.front().event));
    return events;
}

}  // namespace gatehouse::process
