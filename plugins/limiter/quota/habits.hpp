// SPDX-License-Identifier: Apache-2.0
// The tokens that upstreams have reported, and the gateway's own estimates, by route.  They correct the
// estimate of an attempt without usage, such as one whose client has left.  Bounded.  [any thread]
#pragma once

#include "plugins/limiter/quota/estimate.hpp"

#include <chrono>
#include <mutex>
#include <string>
#include <unordered_map>

namespace gatehouse::quota {

/// The circumstances of an attempt without usage.
struct Unseen {
    bool reasons = false;  // the model reasons, although no attempt at the route has shown it yet
    bool whole = false;    // its client has left before a response that does not stream
    std::chrono::microseconds time = {};  // from the request to its end
};

class Habits {
public:
    /// An attempt has reported its usage.  `estimate` is that of the request, and `time` its duration.
    void learn(const BilledAttempt& attempt, const Estimate& estimate, std::chrono::microseconds time);
    /// The likely usage of an attempt that has reported none.  It is at most the highest estimate, or the
    /// text that has arrived.
    Usage likely(const BilledAttempt& attempt, const Estimate& estimate, const Unseen& unseen) const;

private:
    /// The sums of the last attempts; older ones have less weight.
    struct Sums {
        // A route without a history has the estimates themselves.
        double prompt = 200, prompt_estimate = 200;
        double text = 200, text_estimate = 200;
        double hidden = 0, completion = 0;  // tokens of reasoning that no event has shown; all tokens
        double seconds = 0, answers = 0;
    };
    static double generated(const Sums& sums, const Estimate& estimate, const Unseen& unseen);

    static constexpr std::size_t most_routes = 1'000;

    mutable std::mutex mutex_;  // guards the next member
    std::unordered_map<std::string, Sums> routes_;
};

}  // namespace gatehouse::quota
