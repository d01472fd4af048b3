// SPDX-License-Identifier: Apache-2.0
// The measurements of routes for a mapper that asks for them: requests that run, and the time
// to the first byte.  Owned by ProviderHealth; shared by all workers.  [any thread]
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::core {

class RouteLoad {
public:
    using Time = std::chrono::microseconds;

    std::int64_t running() const { return running_.load(std::memory_order_relaxed); }
    /// A moving average; each response has a weight of one fifth.
    std::optional<Time> first_byte() const;

private:
    friend class RouteUse;
    void answered(Time after);

    std::atomic<std::int64_t> running_{0};
    std::atomic<std::int64_t> first_byte_{-1};  // microseconds; -1: none
};

/// A request at a route, counted while this object lives.  An empty one counts nothing.
class RouteUse {
public:
    RouteUse() = default;
    explicit RouteUse(std::shared_ptr<RouteLoad> load) : load_(std::move(load)) {
        if (load_) load_->running_.fetch_add(1, std::memory_order_relaxed);
    }
    RouteUse(RouteUse&& other) noexcept = default;
    RouteUse& operator=(RouteUse&& other) noexcept {
        std::swap(load_, other.load_);
        return *this;
    }
    ~RouteUse() {
        if (load_) load_->running_.fetch_sub(1, std::memory_order_relaxed);
    }
    /// The head of a response has come `after` the request was sent.
    void answered(RouteLoad::Time after) {
        if (load_) load_->answered(after);
    }

private:
    std::shared_ptr<RouteLoad> load_;
};

class RouteLoads {
public:
    static constexpr std::size_t most = 1'000;  // models; further models are not measured

    /// Null if there are too many models.
    std::shared_ptr<RouteLoad> use(std::string_view model);
    /// Null if the model has not been used.
    std::shared_ptr<const RouteLoad> find(std::string_view model) const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<RouteLoad>, std::less<>> all_;
};

}  // namespace gatehouse::core
