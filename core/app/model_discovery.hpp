// SPDX-License-Identifier: Apache-2.0
// Fetches one provider's list of models in the background, at start and periodically.
// The last good list stays if a later fetch fails, so neither start nor any request waits
// for an upstream's list.  Owned by ModelDiscoveries.
#pragma once

#include "core/instances/catalogue.hpp"
#include "core/request/background_request.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace gatehouse::core {

/// Made on any thread; all other calls on the thread of `worker`'s loop.  Destroy it there,
/// or after that thread has ended.
class ModelDiscovery {
public:
    struct Times {
        std::chrono::milliseconds refresh;             // after a good list
        std::chrono::milliseconds first_retry{5'000};  // after a failure; doubles with each further failure
        std::chrono::milliseconds answer_within{60'000};
    };

    /// All references must outlive this object.
    ModelDiscovery(const WorkerServices& worker, const NamedProvider& provider, Catalogue& catalogue,
                   Log& log, Times times)
        : worker_(worker), provider_(provider), catalogue_(catalogue), log_(log), times_(times) {}
    ~ModelDiscovery() { worker_.loop->cancel(timer_); }

    void start();

    const std::string& provider() const { return provider_.name; }
    Loop& loop() const { return *worker_.loop; }

private:
    void done(BackgroundRequest::Outcome outcome);

    const WorkerServices worker_;
    const NamedProvider& provider_;
    Catalogue& catalogue_;
    Log& log_;
    const Times times_;
    std::unique_ptr<BackgroundRequest> request_;
    std::size_t known_ = 0;
    int failures_ = 0;  // consecutive
    Loop::TimerId timer_ = 0;
};

}  // namespace gatehouse::core
