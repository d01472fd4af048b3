// SPDX-License-Identifier: Apache-2.0
// Limits the requests that run at once.  Further requests wait in one queue per client,
// and the clients take turns, however many requests each has queued.  Owned by Gateway and
// shared by all workers; a request enters on its own loop and is called back there.  The
// lock is held only while pointers are moved.
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
    std::size_t max_queued = 100;  // per client
    std::chrono::milliseconds queue_timeout{5'000};
};

/// A queued request receives exactly one of the two calls.  [its loop's thread]
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
    /// A slot among the running requests or in a queue.  The destructor releases it.
    /// [the loop's thread]  The Admission must outlive it.
    class Slot {
    public:
        Slot() = default;
        Slot(Slot&& other) noexcept;
        Slot& operator=(Slot&& other) noexcept;
        ~Slot() { leave(); }

        /// Whether the request is queued: on_admitted() or on_refused() follows, unless the slot is
        /// released first.
        bool waits() const;
        void leave();

    private:
        friend class Admission;
        Admission* admission_ = nullptr;
        std::shared_ptr<Entry> entry_;  // null: the request was not queued
    };

    explicit Admission(Metrics& metrics) : metrics_(metrics) {}

    /// [any thread]
    void set_limits(const AdmissionLimits& limits);
    /// Calls no waiter any more, because the loops are about to end.  [any thread]
    void close();

    /// Returns a slot for a request of `client`, or the error if its queue is full.  `waiter` must
    /// live until the slot is released.  [the loop's thread]
    Result<Slot> enter(const std::string& client, Loop& loop, AdmissionWaiter& waiter);

private:
    using Entries = std::list<std::shared_ptr<Entry>>;
    /// The queued requests of one client.
    struct ClientQueue {
        const std::string client;
        Entries entries;
    };
    using Queues = std::list<ClientQueue>;
    using Granted = std::vector<std::shared_ptr<Entry>>;

    void leave(Slot& place);
    void time_out(const std::shared_ptr<Entry>& entry);
    static void announce(const Granted& granted, Metrics& metrics);
    // The caller of these holds the mutex.
    bool enqueue(const std::shared_ptr<Entry>& entry, const std::string& client);
    void take_out(Entry& entry);
    Granted grant();

    Metrics& metrics_;
    std::mutex mutex_;
    AdmissionLimits limits_;
    std::size_t running_ = 0;
    Queues queues_;  // in the order of their turns; never an empty queue
    std::map<std::string, Queues::iterator, std::less<>> by_client_;
    bool closed_ = false;
};

}  // namespace gatehouse::core
