// SPDX-License-Identifier: Apache-2.0
// What the gateway has learned of each provider: which of its routes and places keep
// failing, and how often it was asked again.  Shared by all workers and, where a reload
// leaves a provider as it was, by the old configuration and the new one.
#pragma once

#include "core/observe/health_event.hpp"
#include "core/retry/breakers.hpp"
#include "core/retry/retry_budget.hpp"

#include <gatehouse/result.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::core {

class Log;
class Metrics;

struct HealthLimits {
    Breaker::Limits route{30, std::chrono::milliseconds(1'000)};
    Breaker::Limits place{5, std::chrono::milliseconds(5'000)};
    RetryBudget::Limits retries = {};
};

/// What an attempt's outcome says of whom it asked.
enum class Outcome { alive, failing, unknown };

/// `status` is the upstream's, 0 if there was none.
Outcome outcome_of(const Error& error, int status);

/// Members: [any thread].
class ProviderHealth {
public:
    using Clock = std::chrono::steady_clock;
    /// Hears of what happens, and to which route or place; on any thread.
    using Listener = std::function<void(HealthEvent, std::string_view)>;

    explicit ProviderHealth(const HealthLimits& limits = {}, Listener listener = {});
    ~ProviderHealth();
    ProviderHealth(const ProviderHealth&) = delete;
    ProviderHealth& operator=(const ProviderHealth&) = delete;

    /// A request is about to go to the route of `model`.  Nothing: let it.  Else it should
    /// go elsewhere, or be told to come back after that time.
    std::optional<Breaker::Milliseconds> refuses(std::string_view model);
    bool would_admit(std::string_view model) const { return routes_.would_admit(model, Clock::now()); }
    void answered(std::string_view model);
    void failed(std::string_view model);

    /// The first attempt of a request, and whether there may be another one here.
    void first_attempt() { retries_.request(Clock::now()); }
    bool may_retry();

    /// Places (scheme, host, port) count once it is known that the provider has several.
    void has_several_endpoints() { several_.store(true, std::memory_order_relaxed); }
    bool ejected(std::string_view place);
    void endpoint_answered(std::string_view place);
    void endpoint_failed(std::string_view place);

private:
    void tell(HealthEvent event, std::string_view what) const {
        if (listener_) listener_(event, what);
    }

    Breakers routes_, endpoints_;
    RetryBudget retries_;
    std::atomic<bool> several_{false};
    const Listener listener_;
};

/// The providers' health across configurations.  [main thread]
class Healths {
public:
    Healths(Log& log, Metrics& metrics) : log_(log), metrics_(metrics) {}

    /// The one that is there, if the provider's table, `text`, and the limits are as they
    /// were; else a new one.  `log` and `metrics` must outlive it.
    std::shared_ptr<ProviderHealth> of(const std::string& provider, const std::string& text,
                                       const HealthLimits& limits);

private:
    struct Known {
        std::size_t hash = 0;  // of the text, which may hold secrets
        std::weak_ptr<ProviderHealth> health;
    };
    Log& log_;
    Metrics& metrics_;
    std::map<std::string, Known> all_;
};

}  // namespace gatehouse::core
