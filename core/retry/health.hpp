// SPDX-License-Identifier: Apache-2.0
// The health of each provider: the circuit breakers of its routes and endpoints, and its
// retry budget.  Owned by NamedProvider; shared by all workers.  A reload that does not
// change a provider's table keeps the provider's health.
#pragma once

#include "core/observe/health_event.hpp"
#include "core/retry/breakers.hpp"
#include "core/retry/retry_budget.hpp"
#include "core/retry/route_load.hpp"
#include "core/retry/usability.hpp"

#include <gatehouse/result.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

class Log;
class Metrics;

struct HealthLimits {
    Breaker::Limits route{30, std::chrono::milliseconds(1'000)};
    Breaker::Limits endpoint{5, std::chrono::milliseconds(5'000)};
    RetryBudget::Limits retries = {};
};

/// The result of an attempt, as it counts for the upstream's health.
enum class Outcome { alive, failing, unknown };

/// `status` is the upstream's; 0 if there was no response.
Outcome outcome_of(const Error& error, int status);

/// Members: [any thread].
class ProviderHealth {
public:
    using Clock = std::chrono::steady_clock;
    /// Called with an event and its route or endpoint.  [any thread]
    using Listener = std::function<void(HealthEvent, std::string_view)>;

    explicit ProviderHealth(const HealthLimits& limits = {}, Listener listener = {});
    ~ProviderHealth();
    ProviderHealth(const ProviderHealth&) = delete;
    ProviderHealth& operator=(const ProviderHealth&) = delete;

    /// Called before a request is sent to the route of `model`.  Returns nullopt if it may be sent.
    /// Otherwise returns the time after which the client may retry.
    std::optional<Breaker::Milliseconds> refuses(std::string_view model);
    bool would_admit(std::string_view model) const { return routes_.would_admit(model, Clock::now()); }
    void answered(std::string_view model);
    void failed(std::string_view model);

    /// Counts the first attempt of a request; may_retry() counts a retry at this provider if the
    /// budget allows it.
    void first_attempt() { retries_.request(Clock::now()); }
    bool may_retry();

    /// Whether the provider can be used.  These members count the results of its requests.
    const Usability& usability() const { return usability_; }
    void usable_shown();
    void unusable_shown(Unusable reason);
    void cannot_be_tested();
    /// The provider has just sent its list of models.
    void models_listed();

    /// The models and the endpoints that have failed lately.
    std::vector<Breakers::Shown> shown_routes() const { return routes_.shown(Clock::now()); }
    std::vector<Breakers::Shown> shown_endpoints() const { return endpoints_.shown(Clock::now()); }

    /// The measurements of routes, for a mapper that asks for them.
    RouteLoads& loads() { return loads_; }

    /// Endpoints (scheme, host, port) are counted only after this call.
    void has_several_endpoints() { several_.store(true, std::memory_order_relaxed); }
    bool ejected(std::string_view endpoint);
    void endpoint_answered(std::string_view endpoint);
    void endpoint_failed(std::string_view endpoint);

private:
    void tell(HealthEvent event, std::string_view what) const {
        if (listener_) listener_(event, what);
    }

    Breakers routes_, endpoints_;
    RetryBudget retries_;
    RouteLoads loads_;
    Usability usability_;
    std::atomic<bool> several_{false};
    const Listener listener_;
};

/// Keeps the providers' health across configurations.  Owned by Gateway.  [main thread]
class Healths {
public:
    Healths(Log& log, Metrics& metrics) : log_(log), metrics_(metrics) {}

    /// Returns the existing health if the provider's table, `text`, and the limits did not change;
    /// otherwise a new one.  `log` and `metrics` must outlive it.
    std::shared_ptr<ProviderHealth> of(const std::string& provider, const std::string& text,
                                       const HealthLimits& limits);

private:
    struct Known {
        std::size_t hash = 0;  // a hash, because the text may hold secrets
        std::weak_ptr<ProviderHealth> health;
    };
    Log& log_;
    Metrics& metrics_;
    std::map<std::string, Known> all_;
};

}  // namespace gatehouse::core
