// SPDX-License-Identifier: Apache-2.0
// Tests whether providers can be used, if [server] ready asks for it: each provider is asked for its list
// of models at start, and later if no request has succeeded for a minute.  Without these requests a gateway
// that is not ready, and therefore gets no requests, would never become ready.
//
// Owned by Gateway.  [main thread]; each UsabilityProbe runs on a worker's loop.
#pragma once

#include "core/app/worker_contexts.hpp"
#include "core/instances/config_snapshot.hpp"
#include "core/request/background_request.hpp"

#include <chrono>
#include <memory>
#include <vector>

namespace gatehouse::core {

/// Made on any thread; all other calls on the thread of `worker`'s loop.  Destroy it there, or after that
/// thread has ended.
class UsabilityProbe {
public:
    struct Times {
        std::chrono::milliseconds quiet{60'000};       // without a success, then the provider is asked
        std::chrono::milliseconds first_retry{5'000};  // after a failure; doubles up to `quiet`
        std::chrono::milliseconds answer_within{30'000};
    };

    /// All references must outlive this object.
    UsabilityProbe(const WorkerServices& worker, const NamedProvider& provider, Log& log)
        : worker_(worker), provider_(provider), log_(log) {}
    ~UsabilityProbe() { worker_.loop->cancel(timer_); }

    void start();
    Loop& loop() const { return *worker_.loop; }

private:
    void look();
    void done(const BackgroundRequest::Outcome& outcome);
    void wait(std::chrono::milliseconds time);

    const WorkerServices worker_;
    const NamedProvider& provider_;
    Log& log_;
    const Times times_ = {};
    std::unique_ptr<BackgroundRequest> request_;
    int failures_ = 0;  // consecutive
    Loop::TimerId timer_ = 0;
};

class UsabilityProbes {
public:
    /// Starts the probes of `snapshot` if it asks for them.  All arguments must outlive them.  REQUIRES: no
    /// probe is running.
    void start(const ConfigSnapshot& snapshot, const WorkerContexts& workers, Log& log);
    /// Ends the probes, each on its loop.
    void stop();
    /// Destroys the probes on this thread.  REQUIRES: the loops have ended.
    void clear() { all_.clear(); }

private:
    std::vector<std::unique_ptr<UsabilityProbe>> all_;
};

}  // namespace gatehouse::core
