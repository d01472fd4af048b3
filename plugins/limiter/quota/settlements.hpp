// SPDX-License-Identifier: Apache-2.0
// Changes of counters that must not be lost: if the store fails, they wait here and are tried again each
// second, in their order.  Bounded.  [any thread]
#pragma once

#include <gatehouse/host.hpp>
#include <gatehouse/store.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace gatehouse::quota {

class Settlements;

/// The changes that wait.  The instances before and after a reload share it, and the newest one sends them.
struct Backlog {
    std::mutex mutex;  // guards the members below
    std::deque<std::vector<Count>> waiting;
    std::weak_ptr<Settlements> newest;
};

class Settlements : public std::enable_shared_from_this<Settlements> {
public:
    /// All outlive this object's calls, which end with the instance.  `backlog` may live longer.
    static std::shared_ptr<Settlements> start(Host& host, Store& store, Gauge& pending,
                                              std::shared_ptr<Backlog> backlog);

    Settlements(Host& host, Store& store, Gauge& pending, std::shared_ptr<Backlog> backlog);
    /// Leaves to the next instance what it has not sent.
    ~Settlements();
    Settlements(const Settlements&) = delete;
    Settlements& operator=(const Settlements&) = delete;

    /// Called with the values after a change.  It may be later than the end of the caller's instance.
    using Then = std::function<void(const Counts&, Host&)>;

    /// Calls `then`, unless the change has to wait.  The newest instance asks the store, because an instance
    /// that ends is told no result.
    void add(std::vector<Count> changes, Then then = nullptr);

private:
    void send(std::vector<Count> changes, Then then);
    void wait(std::vector<Count> changes);
    void schedule(std::chrono::milliseconds delay);
    void try_again();
    void tried(bool stored);

    static constexpr std::size_t most = 100'000;

    Host& host_;
    Store& store_;
    Gauge& pending_;
    Counter& lost_;
    const std::shared_ptr<Backlog> backlog_;
    // The backlog's mutex guards the members below.
    std::deque<std::vector<Count>> sending_;
    bool scheduled_ = false;  // a timer runs, or a call of the store
};

}  // namespace gatehouse::quota
