// SPDX-License-Identifier: Apache-2.0
// How many requests run at once, and who is next when more have come: the clients in
// turn, whatever each of them has waiting.  One for all workers; a request asks on its
// own loop and is told there.  The lock is held for some pointers' time.
#pragma once

#include "core/net/loop.hpp"
#include "core/observe/metrics.hpp"

#include <gatehouse/result.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gatehouse::core {

struct AdmissionLimits {
    std::size_t max_concurrent_requests = 10'000;
    std::size_t max_queued = 100;  // of one client
    std::chrono::milliseconds queue_timeout{5'000};
};

/// A request that was told to wait hears one of the two.  [its loop's thread]
class AdmissionWaiter {
public:
    virtual void on_admitted() = 0;
    virtual void on_refused(Error error) = 0;

protected:
    ~AdmissionWaiter() = default;
};

class Admission {
    struct Entry;

public:
    /// A place among the running requests or in the queue, given up when it goes.
    /// [the loop's thread]  The Admission must outlive it.
    class Slot {
    public:
        Slot() = default;
        Slot(Slot&& other) noexcept;
        Slot& operator=(Slot&& other) noexcept;
        ~Slot() { leave(); }

        /// on_admitted() or on_refused() follows, unless it goes before.
        bool waits() const;
        void leave();

    private:
        friend class Admission;
        Admission* admission_ = nullptr;
        std::shared_ptr<Entry> entry_;  // null: it never had to wait
    };

    explicit Admission(Metrics& metrics) : metrics_(metrics) {}

    /// [any thread]
    void set_limits(const AdmissionLimits& limits);
    /// Nobody is told anything any more: the loops are about to end.  [any thread]
    void close();

    /// A place for a request of `client`, or why there is none.  `waiter` must live
    /// until the place goes.  [the loop's thread]
    Result<Slot> enter(const std::string& client, Loop& loop, AdmissionWaiter& waiter);

private:
    using Entries = std::list<std::shared_ptr<Entry>>;
    /// The requests of one client that wait.
    struct ClientQueue {
        const std::string client;
        Entries entries;
    };
    using Queues = std::list<ClientQueue>;
    using Granted = std::vector<std::shared_ptr<Entry>>;

    void leave(Slot& place);
    void time_out(const std::shared_ptr<Entry>& entry);
    static void announce(const Granted& granted, Metrics& metrics);
    // These hold the mutex.
    bool enqueue(const std::shared_ptr<Entry>& entry, const std::string& client);
    void take_out(Entry& entry);
    Granted grant();

    Metrics& metrics_;
    std::mutex mutex_;
    AdmissionLimits limits_;
    std::size_t running_ = 0;
    Queues queues_;  // in the order of their turns; none is empty
    std::map<std::string, Queues::iterator, std::less<>> by_client_;
    bool closed_ = false;
};

}  // namespace gatehouse::core
