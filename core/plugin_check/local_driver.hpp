// SPDX-License-Identifier: Apache-2.0
// Drives, as the core does, a provider that computes: one run(), on a thread of its own, for a
// client of any speed, which may disconnect.  Every simulation lives to the process's
// end, for runs that never return and sinks that are kept.
//
// The sink: [the run's thread, as is checked].  All else: [the part's thread].
#pragma once

#include "core/plugin_check/events.hpp"
#include "core/plugin_check/target.hpp"

#include <gatehouse/local.hpp>

#include <condition_variable>
#include <thread>

namespace gatehouse::core::plugin_check {

/// How a client takes its answer.
struct LocalClient {
    static constexpr std::size_t never = static_cast<std::size_t>(-1);
    std::size_t leaves_at = never;       // at this event, counted from 0
    std::size_t stalls_at = never;       // from this one on it takes nothing, until go_on()
    std::chrono::milliseconds takes{0};  // for each event
};

class LocalDriver final : public std::enable_shared_from_this<LocalDriver>, LocalSink {
public:
    /// The last owner destroys the instance, even on a run's thread, as in the core.
    using Instance = std::shared_ptr<Made<Provider>>;

    static std::shared_ptr<LocalDriver> start(Check& check, Instance instance, Operation operation,
                                              LocalClient client = {});

    /// Until run() has returned.  False: for the whole time limit nothing has come of it,
    /// or the client had left by then.
    bool wait();
    /// Until the client stalls.  False: the run has returned, or the time limit or `longest` is over.
    bool wait_for_stall();
    bool wait_for_stall(std::chrono::milliseconds longest);
    void go_on();
    void leave();

    // The result.

    bool good() const;
    /// Empty while none was returned.
    std::optional<Error> error() const;
    std::vector<Event> events() const;
    /// The events, or the error.
    std::string text() const;
    /// It emits so many events that there may be no end.
    bool unending() const;
    /// Whether the sink has told run() that the client has disconnected.
    bool told() const;
    /// Calls of run() after that: emits, and other uses of the sink.
    std::size_t emits_after_told() const, looks_after_told() const;

private:
    LocalDriver(Check& check, Operation operation, LocalClient client)
        : check_(check), operation_(std::move(operation)), client_(client) {}

    bool emit(Event event) override;
    bool sleep(std::chrono::milliseconds time) override;
    bool gone() const override;
    void compute(Instance instance);
    bool may_be_used() const;
    bool look() const;

    Check& check_;
    const Operation operation_;
    const LocalClient client_;

    mutable std::mutex mutex_;  // guards all that follows
    mutable std::condition_variable changed_;
    std::vector<Event> events_;
    std::optional<Error> error_;
    std::thread::id thread_;
    bool gone_ = false, going_on_ = false, stalled_ = false, unending_ = false;
    bool computed_ = false, threw_ = false;  // run() has returned, or an exception left it
    bool over_ = false;                      // and the thread has let the instance go
    mutable bool told_ = false, misused_ = false;
    std::size_t emits_after_told_ = 0;
    mutable std::size_t looks_after_told_ = 0;
};

}  // namespace gatehouse::core::plugin_check
