// SPDX-License-Identifier: Apache-2.0
// Changes of counters that must not be lost, and must not happen twice.
//
// A change that fails waits here and is tried again each second.  If the result of a change is unknown,
// because a server's response was lost or the instance has ended, the change is sent again with the same
// ticket.  A change goes only to the store of its request; if that store was never
// reached, to the store of the next instance.  Bounded.  [any thread]
#pragma once

#include "plugins/limiter/quota/rules.hpp"
#include "plugins/limiter/quota/tickets.hpp"

#include <gatehouse/host.hpp>
#include <gatehouse/store.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace gatehouse::quota {

class Settlements;

/// The number that the limiters of all gateways find in a store.  Guarded by the backlog's mutex.
struct StoreMark {
    std::int64_t number = 0;  // 0: the store has not told it yet
};

/// Changes that the store applies together and once.
struct Settlement {
    std::shared_ptr<const StoreMark> store;
    std::vector<Count> changes = {};
    /// Without a ticket, a change whose result does not arrive counts as applied.
    std::optional<Ticket> ticket = {};
    /// That of an earlier change.  This one is applied only if the store has applied the earlier one.
    std::optional<Ticket> earlier = {};
    /// Further changes, as long as the call of the store has not failed.  `names` owns their names.
    std::vector<NamedChange> named = {};
    std::shared_ptr<const void> names = {};

    /// Copies the names, for a change that waits.
    void keep_names() {
        for (const NamedChange& change : named) changes.push_back(change.count());
        named.clear();
        names.reset();
    }
};

/// Instances that have not ended, the newest last.  Destroyed without the backlog's mutex.
using Instances = std::vector<std::shared_ptr<Settlements>>;

/// The changes that wait.  The instances before and after a reload share it.  After the end of an instance
/// the newest one with the same store sends its changes.
struct Backlog {
    std::mutex mutex;  // guards the members below
    std::deque<Settlement> waiting;
    std::size_t trying = 0;  // changes that have waited, and are on their way again
    bool reported = false;   // the log says that a cost waits
    std::vector<std::weak_ptr<Settlements>> instances;  // those that have not ended, the newest last
};

class Settlements : public std::enable_shared_from_this<Settlements> {
public:
    /// All outlive this object's calls, which end with the instance.  `backlog` may live longer.
    /// `has_budgets`: a new store is logged as a warning.
    static std::shared_ptr<Settlements> start(Host& host, Store& store, Gauge& pending,
                                              std::shared_ptr<Backlog> backlog, bool has_budgets);

    Settlements(Host& host, Store& store, Gauge& pending, std::shared_ptr<Backlog> backlog, bool has_budgets);
    /// The instance ends: leaves what waits to another one with its store.  Results may still arrive.
    void end();
    Settlements(const Settlements&) = delete;
    Settlements& operator=(const Settlements&) = delete;

    /// Called with the values after a change.  It may be later than the end of the caller's instance.
    using Then = std::function<void(const Counts&, Host&)>;

    /// Calls `then`, unless the change has to wait.  `names` owns the names of the changes.  REQUIRES: the
    /// instance does not end during the call.
    void add(std::vector<NamedChange> changes, std::shared_ptr<const void> names, Then then = nullptr);
    void add(std::vector<Count> changes);

    /// A ticket for a reservation, whose counter the caller adds to its changes.  Empty if the store is in
    /// this process: a failure then means that it has changed nothing.
    std::optional<Ticket> ticket();
    /// The reservation with this ticket was applied, or refused.
    void known(std::optional<Ticket> ticket, bool applied);
    /// The result of the reservation with this ticket is unknown.  `back` is applied if the reservation was.
    /// The instance may have ended.
    void undo(std::optional<Ticket> ticket, std::vector<Count> back);

private:
    struct Sending;

    // In settlement_ownership.cpp.
    void learn();
    void learned(const Result<Counts>& counts);
    void look_again();
    void ask_for_number();
    bool is_foreign(const Settlement& what) const;
    bool has_store_of(const Settlement& what) const;
    Instances instances() const;
    static Settlements* sender(const Settlement& what, const Instances& instances);
    void share_out(const Instances& instances);
    void lose(std::size_t count);
    bool must_learn();

    void add(Settlement what, bool may_wait, Then then);
    void send(Settlement what, Then then, bool again);
    void told(Sending& sending, Result<Counts> counts);
    void untold(Settlement what, bool again);
    void leave(Settlement what);
    void applied(Sending& sending, const Counts& counts);
    void wait(Settlement what, bool again);
    void schedule(std::chrono::milliseconds delay);
    void try_again();
    void tried();
    void show_pending();

    static constexpr std::size_t most = 100'000;
    static constexpr std::chrono::milliseconds retry_time{1'000};
    static constexpr std::int64_t look_s = 60;

    Host& host_;
    Store& store_;
    const bool shared_;  // the store
    const bool has_budgets_;
    Gauge& pending_;
    Counter& lost_;
    const std::shared_ptr<Backlog> backlog_;
    const std::shared_ptr<StoreMark> mark_ = std::make_shared<StoreMark>();
    std::atomic<bool> is_marked_{false};     // the number of the store is known
    std::atomic<std::int64_t> looked_s_{0};  // the last question for the number, in seconds since 1970
    // The backlog's mutex guards the members below.
    Tickets tickets_;
    std::int64_t last_number_ = 0;  // that the store has told; 0: none
    bool learns_ = false;           // the store has been asked for its number
    bool scheduled_ = false;        // a timer runs, or calls of the store
    bool failed_ = true;            // the last try: the next one sends a single change
    std::size_t left_ = 0;          // changes of this try whose result is unknown
};

}  // namespace gatehouse::quota
