// SPDX-License-Identifier: Apache-2.0
// Whether a provider can be used: its credentials are accepted, and its upstream responds.  Unlike a
// circuit breaker it does not hold requests back; it answers /ready.  Owned by ProviderHealth.
// [any thread]
#pragma once

#include <gatehouse/result.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace gatehouse::core {

/// The reason for which a provider cannot be used.
enum class Unusable : std::uint8_t {
    credentials,   // the signer has none, or the upstream refuses them
    no_response,   // no connection, or no response in time
    server_error,  // a status from 500, or a broken response
};
const char* name_of(Unusable reason);

/// A failed attempt, as it counts here.  `status` is the upstream's, 0 if it sent none; `unsigned_request`:
/// the signer has failed.  Returns nullopt if the attempt tells nothing about the provider or shows that
/// it works: see shows_use().
std::optional<Unusable> unusable_reason(const Error& error, int status, bool unsigned_request);
/// Whether the failed attempt shows that the provider can be used, such as a 404 or a 429.
bool shows_use(int status);

class Usability {
public:
    using Clock = std::chrono::steady_clock;

    /// A provider is not usable after this many failures without a success between them, if the first one
    /// is at least this long ago.  A single failure therefore changes nothing.
    static constexpr int least_failures = 3;
    static constexpr std::chrono::seconds least_time{10};

    enum class Change { none, lost, found };

    Change succeeded(Clock::time_point now);
    Change failed(Unusable reason, Clock::time_point now);
    /// The provider cannot be tested, so it counts as usable until it fails, and again when its last failure
    /// is `pardon` ago: without that, a gateway that is not ready would get no request that shows use.
    Change assume(Clock::time_point now);
    static constexpr std::chrono::seconds pardon{60};

    struct State {
        bool known;  // a request has succeeded, or the provider cannot be tested
        bool lost;   // it has failed too often since
        int failures;
        Unusable reason;               // the last failure's
        std::chrono::seconds failing;  // time since the first failure; 0 without one
        bool usable() const { return known && !lost; }
    };
    State state(Clock::time_point now) const;
    /// The time since the last success; the largest value without one.
    Clock::duration since_success(Clock::time_point now) const;

private:
    std::atomic<bool> well_{false};  // known, and no failure since
    std::atomic<Clock::duration::rep> last_success_{0};
    mutable std::mutex mutex_;
    bool known_ = false, lost_ = false;
    int failures_ = 0;
    Unusable reason_ = Unusable::credentials;
    Clock::time_point first_failure_{}, last_failure_{};
};

}  // namespace gatehouse::core
