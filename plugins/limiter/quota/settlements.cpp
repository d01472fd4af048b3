// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/settlements.hpp"

#include <iterator>
#include <utility>

namespace gatehouse::quota {

namespace {

constexpr std::chrono::milliseconds retry_time{1'000};
constexpr std::size_t most_at_once = 200;

}  // namespace

std::shared_ptr<Settlements> Settlements::start(Host& host, Store& store, Gauge& pending,
                                                std::shared_ptr<Backlog> backlog) {
    auto made = std::make_shared<Settlements>(host, store, pending, std::move(backlog));
    const std::lock_guard lock(made->backlog_->mutex);
    made->backlog_->newest = made;
    if (!made->backlog_->waiting.empty()) made->schedule(retry_time);
    return made;
}

Settlements::Settlements(Host& host, Store& store, Gauge& pending, std::shared_ptr<Backlog> backlog)
    : host_(host),
      store_(store),
      pending_(pending),
      lost_(host.counter(
          "settlements_lost_total",
          "Settled requests whose cost is lost, because too many were pending, or the instance ended.")),
      backlog_(std::move(backlog)) {}

Settlements::~Settlements() {
    std::shared_ptr<Settlements> newest;  // destroyed without the lock
    const std::lock_guard lock(backlog_->mutex);
    auto& waiting = backlog_->waiting;
    waiting.insert(waiting.begin(), std::make_move_iterator(sending_.begin()),
                   std::make_move_iterator(sending_.end()));
    newest = backlog_->newest.lock();
    if (waiting.empty()) return;
    if (newest)
        newest->schedule(retry_time);
    else
        lost_.add(static_cast<double>(waiting.size()));
}

void Settlements::add(std::vector<Count> changes, Then then) {
    if (changes.empty()) return;
    std::shared_ptr<Settlements> newest;
    {
        const std::lock_guard lock(backlog_->mutex);
        newest = backlog_->newest.lock();
    }
    (newest ? *newest : *this).send(std::move(changes), std::move(then));
}

void Settlements::send(std::vector<Count> changes, Then then) {
    std::vector<Count> kept = changes;
    store_.add(std::move(changes),
               Completion<Counts>([self = shared_from_this(), kept = std::move(kept),
                                   then = std::move(then)](Result<Counts> counts) mutable {
                   if (!counts) return self->wait(std::move(kept));
                   if (then) then(*counts, self->host_);
               }));
}

void Settlements::wait(std::vector<Count> changes) {
    std::shared_ptr<Settlements> newest;  // destroyed without the lock
    const std::lock_guard lock(backlog_->mutex);
    auto& waiting = backlog_->waiting;
    if (waiting.size() + sending_.size() >= most) return lost_.add();
    if (waiting.empty() && sending_.empty())
        host_.log(Level::warning, "cost not stored yet", {{"retry", "each second"}});
    waiting.push_back(std::move(changes));
    pending_.set(static_cast<double>(waiting.size() + sending_.size()));
    newest = backlog_->newest.lock();
    (newest ? *newest : *this).schedule(retry_time);
}

// REQUIRES: the backlog's mutex.
void Settlements::schedule(std::chrono::milliseconds delay) {
    if (std::exchange(scheduled_, true)) return;
    host_.after(delay, [self = shared_from_this()] { self->try_again(); });
}

// Sends the oldest changes together.  After a failure they wait again, before all others.
void Settlements::try_again() {
    std::vector<Count> batch;
    {
        const std::lock_guard lock(backlog_->mutex);
        auto& waiting = backlog_->waiting;
        while (!waiting.empty() && batch.size() < most_at_once) {
            batch.insert(batch.end(), waiting.front().begin(), waiting.front().end());
            sending_.push_back(std::move(waiting.front()));
            waiting.pop_front();
        }
        if (batch.empty()) {
            scheduled_ = false;
            return;
        }
    }
    store_.add(std::move(batch), Completion<Counts>([self = shared_from_this()](Result<Counts> counts) {
                   self->tried(bool(counts));
               }));
}

void Settlements::tried(bool stored) {
    const std::lock_guard lock(backlog_->mutex);
    auto& waiting = backlog_->waiting;
    if (!stored)
        waiting.insert(waiting.begin(), std::make_move_iterator(sending_.begin()),
                       std::make_move_iterator(sending_.end()));
    sending_.clear();
    pending_.set(static_cast<double>(waiting.size()));
    scheduled_ = false;
    if (waiting.empty()) return host_.log(Level::info, "cost stored again");
    schedule(stored ? std::chrono::milliseconds(0) : retry_time);
}

}  // namespace gatehouse::quota
