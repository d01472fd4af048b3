// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/settlements.hpp"

#include <utility>

namespace gatehouse::quota {

namespace {

constexpr std::chrono::milliseconds retry_time{1'000};
constexpr std::size_t most_at_once = 200;

}  // namespace

Settlements::Settlements(Host& host, Store& store)
    : host_(host),
      store_(store),
      pending_(host.gauge("settlements_pending", "Settled requests whose cost the store does not have yet.")),
      lost_(host.counter(
          "settlements_lost_total",
          "Settled requests whose cost is lost, because too many were pending, or the instance ended.")) {}

Settlements::~Settlements() {
    if (!waiting_.empty()) lost_.add(static_cast<double>(waiting_.size()));
}

void Settlements::add(std::vector<Count> changes, std::function<void(const Counts&)> then) {
    if (changes.empty()) return;
    std::vector<Count> kept = changes;
    store_.add(std::move(changes),
               Completion<Counts>([self = shared_from_this(), kept = std::move(kept),
                                   then = std::move(then)](Result<Counts> counts) mutable {
                   if (!counts) return self->wait(std::move(kept));
                   if (then) then(*counts);
               }));
}

void Settlements::wait(std::vector<Count> changes) {
    std::unique_lock lock(mutex_);
    if (waiting_.size() >= most) {
        lock.unlock();
        return lost_.add();
    }
    if (waiting_.empty()) host_.log(Level::warning, "cost not stored yet", {{"retry", "each second"}});
    waiting_.push_back(std::move(changes));
    pending_.set(static_cast<double>(waiting_.size()));
    schedule();
}

// REQUIRES: mutex_.
void Settlements::schedule() {
    if (std::exchange(scheduled_, true)) return;
    host_.after(retry_time, [self = shared_from_this()] { self->try_again(); });
}

// Sends the oldest changes together.  A failure leaves them where they are.
void Settlements::try_again() {
    std::vector<Count> batch;
    std::size_t size = 0;
    {
        const std::lock_guard lock(mutex_);
        for (; size < waiting_.size() && batch.size() < most_at_once; ++size)
            batch.insert(batch.end(), waiting_[size].begin(), waiting_[size].end());
    }
    store_.add(std::move(batch), Completion<Counts>([self = shared_from_this(), size](Result<Counts> counts) {
                   self->tried(bool(counts) ? size : 0);
               }));
}

void Settlements::tried(std::size_t stored) {
    const std::lock_guard lock(mutex_);
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(stored));
    pending_.set(static_cast<double>(waiting_.size()));
    scheduled_ = !waiting_.empty();
    if (!scheduled_) return host_.log(Level::info, "cost stored again");
    host_.after(stored > 0 ? std::chrono::milliseconds(0) : retry_time,
                [self = shared_from_this()] { self->try_again(); });
}

}  // namespace gatehouse::quota
