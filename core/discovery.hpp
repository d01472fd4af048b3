// SPDX-License-Identifier: Apache-2.0
// The models of the providers that list them: fetched in the background, at
// start and now and then.  The last good list stays when a later one fails, so
// no start and no request ever waits for an upstream's catalogue.
#pragma once

#include "core/errand.hpp"

#include <gatehouse/mapper.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gatehouse::core {

/// What has been found so far.  [any thread]
class Catalogue {
public:
    /// Never null.  What it points at does not change any more.
    std::shared_ptr<const Discovered> models() const;
    void set(const std::string& provider, std::vector<ModelInfo> models);
    /// Begins with what an earlier configuration's provider of this name had listed.
    void inherit(const std::string& provider, const Catalogue& from);

private:
    void put(const std::string& provider, std::shared_ptr<const std::vector<ModelInfo>> models);

    mutable std::mutex mutex_;
    std::shared_ptr<const Discovered> models_ = std::make_shared<Discovered>();
};

/// Made on any thread; start() and the rest on the loop of `site`.  Destroy it
/// there, or when that thread has ended.
class Discovery {
public:
    struct Times {
        std::chrono::milliseconds refresh;             // after a good list
        std::chrono::milliseconds first_retry{5'000};  // after a failure; then doubling
        std::chrono::milliseconds answer_within{60'000};
    };

    /// All references must outlive it.
    Discovery(const Site& site, const NamedProvider& provider, Catalogue& catalogue, Log& log, Times times)
        : site_(site), provider_(provider), catalogue_(catalogue), log_(log), times_(times) {}
    ~Discovery() { site_.loop->cancel(timer_); }

    void start();

    const std::string& provider() const { return provider_.name; }
    Loop& loop() const { return *site_.loop; }

private:
    void done(Errand::Outcome outcome);

    const Site site_;
    const NamedProvider& provider_;
    Catalogue& catalogue_;
    Log& log_;
    const Times times_;
    std::unique_ptr<Errand> errand_;
    std::size_t known_ = 0;
    int failures_ = 0;  // in a row
    Loop::TimerId timer_ = 0;
};

}  // namespace gatehouse::core
