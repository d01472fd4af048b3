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

class Settlements : public std::enable_shared_from_this<Settlements> {
public:
    /// Both outlive this object's calls, which end with the instance.
    Settlements(Host& host, Store& store);
    /// Counts what still waits as lost.
    ~Settlements();
    Settlements(const Settlements&) = delete;
    Settlements& operator=(const Settlements&) = delete;

    /// Calls `then` with the values after the change, unless it has to wait.
    void add(std::vector<Count> changes, std::function<void(const Counts&)> then = nullptr);

private:
    void wait(std::vector<Count> changes);
    void schedule();
    void try_again();
    void tried(std::size_t stored);

    static constexpr std::size_t most = 100'000;

    Host& host_;
    Store& store_;
    Gauge& pending_;
    Counter& lost_;
    std::mutex mutex_;  // guards the members below
    std::deque<std::vector<Count>> waiting_;
    bool scheduled_ = false;  // a timer runs, or a call of the store
};

}  // namespace gatehouse::quota
