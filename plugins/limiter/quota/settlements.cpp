// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/settlements.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace gatehouse::quota {

namespace {

constexpr std::size_t most_at_once = 200;

/// Unique among the processes that share a store.
std::string owner_of_tickets() {
    std::random_device device;
    std::string text;
    for (int i = 0; i < 4; ++i) text += std::to_string(device()) + (i < 3 ? "-" : "");
    return text;
}

/// Whether a store that is in this process may wait for the disk with these changes.
bool may_wait(const auto& changes) {
    return std::ranges::any_of(
        changes, [](const auto& change) { return change.amount > 0 && change.drain.amount == 0; });
}

}  // namespace

/// A change on its way to the store.  The store destroys it without a result if the instance has ended.
struct Settlements::Sending {
    Sending(std::shared_ptr<Settlements> by, Settlement change, Then after, bool is_again)
        : self(std::move(by)), what(std::move(change)), then(std::move(after)), again(is_again) {}
    ~Sending() {
        if (!is_told) self->untold(std::move(what), again);
    }
    Sending(const Sending&) = delete;
    Sending& operator=(const Sending&) = delete;

    const std::shared_ptr<Settlements> self;
    Settlement what;
    Then then;
    const bool again;  // it has waited
    bool is_told = false;
};

std::shared_ptr<Settlements> Settlements::start(Host& host, Store& store, Gauge& pending,
                                                std::shared_ptr<Backlog> backlog, bool has_budgets) {
    auto made = std::make_shared<Settlements>(host, store, pending, std::move(backlog), has_budgets);
    {
        const std::lock_guard lock(made->backlog_->mutex);
        made->backlog_->instances.push_back(made);
        if (!made->backlog_->waiting.empty()) made->schedule(retry_time);
    }
    made->learn();
    return made;
}

Settlements::Settlements(Host& host, Store& store, Gauge& pending, std::shared_ptr<Backlog> backlog,
                         bool has_budgets)
    : host_(host),
      store_(store),
      shared_(store.shared()),
      has_budgets_(has_budgets),
      pending_(pending),
      lost_(host.counter("settlements_lost_total",
                         "Settled requests whose cost is lost, because too many were pending, the instance "
                         "ended, or a reload changed its store.")),
      backlog_(std::move(backlog)),
      tickets_(owner_of_tickets()) {}

void Settlements::add(std::vector<NamedChange> changes, std::shared_ptr<const void> names, Then then) {
    if (changes.empty()) return;
    const bool waits = may_wait(changes);
    add({.store = mark_, .named = std::move(changes), .names = std::move(names)}, waits, std::move(then));
}

void Settlements::add(std::vector<Count> changes) {
    if (changes.empty()) return;
    const bool waits = may_wait(changes);
    add({.store = mark_, .changes = std::move(changes)}, waits, nullptr);
}

void Settlements::add(Settlement what, bool may_wait, Then then) {
    if (shared_ || may_wait) {
        const std::lock_guard lock(backlog_->mutex);
        what.ticket = tickets_.take(host_.now());
    }
    send(std::move(what), std::move(then), false);
}

std::optional<Ticket> Settlements::ticket() {
    if (!shared_) return std::nullopt;
    const std::lock_guard lock(backlog_->mutex);
    return tickets_.take(host_.now());
}

void Settlements::known(std::optional<Ticket> ticket, bool applied) {
    if (!ticket) return;
    const std::lock_guard lock(backlog_->mutex);
    tickets_.give_back(*std::move(ticket), applied, host_.now());
}

// The instance may have ended: its host is not used.
void Settlements::undo(std::optional<Ticket> ticket, std::vector<Count> back) {
    if (ticket && !back.empty())
        leave({.store = mark_, .changes = std::move(back), .earlier = std::move(ticket)});
}

void Settlements::send(Settlement what, Then then, bool again) {
    auto sending = std::make_shared<Sending>(shared_from_this(), std::move(what), std::move(then), again);
    std::vector<Count> counts;
    if (sending->what.earlier) {
        // Uses the ticket in place of the earlier change, unless that was faster.
        counts = {sending->what.earlier->count()};
    } else {
        const Settlement& all = sending->what;
        counts.reserve(all.changes.size() + all.named.size() + 1);  // and a ticket
        counts.insert(counts.end(), all.changes.begin(), all.changes.end());
        for (const NamedChange& change : all.named) counts.push_back(change.count());
        if (sending->what.ticket) counts.push_back(sending->what.ticket->count());
    }
    store_.add(std::move(counts), Completion<Counts>([sending](Result<Counts> result) {
                   sending->is_told = true;
                   sending->self->told(*sending, std::move(result));
               }));
}

void Settlements::told(Sending& sending, Result<Counts> counts) {
    if (counts) is_marked_ ? look_again() : learn();
    if (!counts) {
        wait(std::move(sending.what), sending.again);
    } else if (sending.what.earlier && !counts->added) {
        // The earlier change was applied: now its opposite.
        known(std::move(sending.what.earlier), true);
        Settlement back{.store = sending.what.store, .changes = std::move(sending.what.changes)};
        {
            const std::lock_guard lock(backlog_->mutex);
            back.ticket = tickets_.take(host_.now());
        }
        return send(std::move(back), std::move(sending.then), sending.again);
    } else {
        // A refusal means that the change was applied before.
        applied(sending, *counts);
    }
    if (sending.again) tried();
}

void Settlements::applied(Sending& sending, const Counts& counts) {
    if (sending.then && counts.added) sending.then(counts, host_);
    auto& ticket = sending.what.earlier ? sending.what.earlier : sending.what.ticket;
    known(std::move(ticket), true);
}

// The instance has ended: its host is not used any more.
void Settlements::untold(Settlement what, bool again) {
    {
        const std::lock_guard lock(backlog_->mutex);
        backlog_->trying -= again;
    }
    if (what.ticket || what.earlier) leave(std::move(what));
}

// Leaves a change of unknown result to another instance.  After the last instance there are no meters.
void Settlements::leave(Settlement what) {
    what.keep_names();
    Instances all;
    const std::lock_guard lock(backlog_->mutex);
    all = instances();
    if (all.empty()) return;
    Settlements* heir = sender(what, all);
    if (!heir) return all.back()->lose(1);
    if (backlog_->waiting.size() + backlog_->trying >= most) return heir->lost_.add();
    backlog_->waiting.push_back(std::move(what));
    heir->show_pending();
    heir->schedule(retry_time);
}

void Settlements::wait(Settlement what, bool again) {
    what.keep_names();
    const std::lock_guard lock(backlog_->mutex);
    auto& waiting = backlog_->waiting;
    if (again) failed_ = true;
    // Those that are tried again have their place already.
    if (!again && waiting.size() + backlog_->trying >= most) return lost_.add();
    if (!again && !std::exchange(backlog_->reported, true))
        host_.log(Level::warning, "cost not stored yet", {{"retry", "each second"}});
    waiting.push_back(std::move(what));
    show_pending();
    if (!again) schedule(retry_time);  // otherwise tried() follows
}

// REQUIRES: the backlog's mutex.
void Settlements::show_pending() {
    pending_.set(static_cast<double>(backlog_->waiting.size() + backlog_->trying));
}

// REQUIRES: the backlog's mutex.
void Settlements::schedule(std::chrono::milliseconds delay) {
    if (std::exchange(scheduled_, true)) return;
    host_.after(delay, [self = shared_from_this()] { self->try_again(); });
}

// Sends one of the changes, and many if the last try was successful.
void Settlements::try_again() {
    if (must_learn()) return learn();
    std::vector<Settlement> batch;
    {
        const std::lock_guard lock(backlog_->mutex);
        auto& waiting = backlog_->waiting;
        auto at = waiting.begin(), kept = at;
        for (std::size_t left = failed_ ? 1 : most_at_once; left > 0 && at != waiting.end(); ++at) {
            if (is_foreign(*at)) {
                if (kept != at) *kept = std::move(*at);
                ++kept;
                continue;
            }
            --left;
            batch.push_back(std::move(*at));
            Settlement& one = batch.back();
            if (!one.ticket && !one.earlier) one.ticket = tickets_.take(host_.now());
        }
        waiting.erase(kept, at);
        scheduled_ = !batch.empty();
        failed_ = false;
        left_ = batch.size();
        backlog_->trying += left_;
    }
    for (Settlement& one : batch) send(std::move(one), nullptr, true);
}

// One change of the try has its result.
void Settlements::tried() {
    const std::lock_guard lock(backlog_->mutex);
    --backlog_->trying;
    show_pending();
    if (--left_ > 0) return;
    scheduled_ = false;
    if (backlog_->waiting.empty()) {
        failed_ = true;
        // A reservation that is given back has waited without a line.
        if (std::exchange(backlog_->reported, false)) host_.log(Level::info, "cost stored again");
        return;
    }
    schedule(failed_ ? retry_time : std::chrono::milliseconds(0));
}

}  // namespace gatehouse::quota
