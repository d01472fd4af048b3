// SPDX-License-Identifier: Apache-2.0
#include "core/admission/admission.hpp"

#include <utility>

namespace gatehouse::core {

using Clock = std::chrono::steady_clock;

/// One queued request.
struct Admission::Entry {
    enum class State { waiting, granted, out };

    Loop& loop;
    const Clock::time_point since = Clock::now();
    // Guarded by the mutex:
    State state = State::waiting;
    Queues::iterator line = {};
    Entries::iterator at = {};
    // On the loop's thread:
    AdmissionWaiter* waiter;
    Loop::TimerId timer = 0;
};

namespace {

Error busy(std::string message, std::string detail) {
    return {.kind = ErrorKind::unavailable,
            .message = std::move(message),
            .detail = std::move(detail),
            .retry_after_seconds = 1};
}

}  // namespace

Admission::Slot::Slot(Slot&& other) noexcept
    : admission_(std::exchange(other.admission_, nullptr)), entry_(std::move(other.entry_)) {}

Admission::Slot& Admission::Slot::operator=(Slot&& other) noexcept {
    if (this == &other) return *this;
    leave();
    admission_ = std::exchange(other.admission_, nullptr);
    entry_ = std::move(other.entry_);
    return *this;
}

bool Admission::Slot::waits() const { return entry_ && entry_->waiter; }

void Admission::Slot::leave() {
    if (Admission* admission = std::exchange(admission_, nullptr)) admission->leave(*this);
    entry_.reset();
}

void Admission::set_limits(const AdmissionLimits& limits) {
    Granted granted;
    {
        std::lock_guard lock(mutex_);
        limits_ = limits;
        granted = grant();
    }
    announce(granted, metrics_);
}

void Admission::close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    for (ClientQueue& line : queues_)
        for (const auto& entry : line.entries) entry->state = Entry::State::out;
    by_client_.clear();
    queues_.clear();
}

Result<Admission::Slot> Admission::enter(const std::string& client, Loop& loop, AdmissionWaiter& waiter) {
    Slot place;
    std::chrono::milliseconds time_to_wait;
    {
        std::lock_guard lock(mutex_);
        if (running_ < limits_.max_concurrent_requests && queues_.empty()) {
            ++running_;
            place.admission_ = this;
            return place;
        }
        time_to_wait = limits_.queue_timeout;
        if (!closed_ && time_to_wait.count() > 0) {
            auto entry = std::make_shared<Entry>(Entry{.loop = loop, .waiter = &waiter});
            if (enqueue(entry, client)) place.entry_ = std::move(entry);
        }
    }
    if (!place.entry_) {
        metrics_.refused(Metrics::Refusal::queue_full);
        return busy("the gateway is overloaded and this client's queue is full",
                    "max_concurrent_requests and max_queued");
    }
    place.admission_ = this;
    metrics_.queued(1);
    place.entry_->timer = loop.after(time_to_wait, [this, entry = place.entry_] { time_out(entry); });
    return place;
}

bool Admission::enqueue(const std::shared_ptr<Entry>& entry, const std::string& client) {
    auto known = by_client_.find(client);
    const std::size_t waiting = known == by_client_.end() ? 0 : known->second->entries.size();
    if (waiting >= limits_.max_queued) return false;
    if (known == by_client_.end())
        known = by_client_.emplace(client, queues_.insert(queues_.end(), ClientQueue{client, {}})).first;
    entry->line = known->second;
    entry->at = entry->line->entries.insert(entry->line->entries.end(), entry);
    return true;
}

void Admission::take_out(Entry& entry) {
    entry.line->entries.erase(entry.at);
    if (!entry.line->entries.empty()) return;
    by_client_.erase(entry.line->client);
    queues_.erase(entry.line);
}

/// Gives free slots to the clients whose turn it is.
Admission::Granted Admission::grant() {
    Granted granted;
    while (!queues_.empty() && running_ < limits_.max_concurrent_requests) {
        const auto line = queues_.begin();
        granted.push_back(line->entries.front());
        if (line->entries.size() > 1) queues_.splice(queues_.end(), queues_, line);  // the next client's turn
        take_out(*granted.back());
        granted.back()->state = Entry::State::granted;
        ++running_;
    }
    return granted;
}

void Admission::announce(const Granted& granted, Metrics& metrics) {
    for (const auto& entry : granted) {
        metrics.queued(-1);
        metrics.waited(Clock::now() - entry->since);
        entry->loop.post([entry] {
            entry->loop.cancel(std::exchange(entry->timer, 0));
            if (auto* waiter = std::exchange(entry->waiter, nullptr)) waiter->on_admitted();
        });
    }
}

void Admission::time_out(const std::shared_ptr<Entry>& entry) {
    entry->timer = 0;
    {
        std::lock_guard lock(mutex_);
        if (entry->state != Entry::State::waiting) return;
        take_out(*entry);
        entry->state = Entry::State::out;
    }
    metrics_.queued(-1);
    metrics_.refused(Metrics::Refusal::queue_timeout);
    if (auto* waiter = std::exchange(entry->waiter, nullptr))
        waiter->on_refused(
            busy("the gateway is overloaded and no slot became free in time", "queue_timeout_ms"));
}

void Admission::leave(Slot& place) {
    Granted granted;
    Entry* entry = place.entry_.get();
    if (entry) {
        entry->waiter = nullptr;
        if (entry->timer) entry->loop.cancel(std::exchange(entry->timer, 0));
    }
    bool waited = false;
    {
        std::lock_guard lock(mutex_);
        if (entry && entry->state == Entry::State::waiting) {
            take_out(*entry);
            waited = true;
        } else if (!entry || entry->state == Entry::State::granted) {
            --running_;
            if (!closed_) granted = grant();
        }
        if (entry) entry->state = Entry::State::out;
    }
    if (waited) metrics_.queued(-1);
    announce(granted, metrics_);
}

}  // namespace gatehouse::core
