// SPDX-License-Identifier: Apache-2.0
// A limiter decides whether a request may be sent to an upstream now, and learns its cost.
//
// The core asks once for each request, after the mapper and before the first attempt.  It knows no
// limit and no price itself.  It settles each grant exactly once, however the request ends.
//
// The core does not ask for its own requests (lists of models, `check --live`), for counts of
// tokens, for lists of models, and for responses of a hook or of a dialect's store.
//
// Lifetimes.  The Limiter and its Host outlive every Grant, also over a reload.
#pragma once

#include "gatehouse/auth.hpp"
#include "gatehouse/completion.hpp"
#include "gatehouse/cost.hpp"
#include "gatehouse/event.hpp"
#include "gatehouse/operation.hpp"
#include "gatehouse/plugin.hpp"
#include "gatehouse/route_query.hpp"
#include "gatehouse/standing.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

/// A request that waits for its grant.  Valid until the completion has been called or destroyed.
struct LimitRequest {
    std::string_view id;  // in the log and in `x-request-id`
    const Identity& who;
    std::string_view authenticator = {};  // the instance that has identified the client; empty: none
    std::string_view model = {};          // the client's name, at most 200 bytes
    const Operation& operation;           // as the hooks have left it
    const std::vector<Route>& routes;     // at least one, in the order of the attempts
    const RouteHealths& healths;          // with the prices of the configuration
};

/// An attempt at one route.
struct BilledAttempt {
    Route route = {};
    std::optional<Usage> usage = {};  // as the upstream has reported it; absent: it reported none
    /// Estimated from the text that has arrived.  If the client has left, also for the text that the upstream
    /// generates until it notices the disconnect.
    std::int64_t output_tokens = 0;
    /// The attempt has sent a request or produced output.
    bool sent = false;
    /// The upstream has read the prompt: it has produced output, or it worked when it was cancelled.
    bool consumed = false;
};

/// The facts about a request that has ended.  Valid during the call.
struct Bill {
    std::vector<BilledAttempt> attempts = {};  // in their order; empty: no upstream was asked
    int status = 0;                            // sent to the client; 0: none
    bool client_left = false;                  // before the end of the response
    std::chrono::microseconds total = {};      // from the request's head to the end
};

/// The permission for one request.  Its members are called on the worker that serves the request, never at
/// the same time, and must not block.
class Grant {
public:
    virtual ~Grant() = default;

    /// Called while the response arrives, when its text has grown by some 256 tokens.
    /// `output_tokens` is the estimate for the current attempt.  If the result is false, the core
    /// cancels the attempt and ends the response with an error of the code `insufficient_quota`.
    virtual bool progress(std::int64_t output_tokens) {
        (void)output_tokens;
        return true;
    }

    /// The request has ended.  Called exactly once, also if no upstream was asked and
    /// if the client left before the limiter completed.
    virtual void settle(const Bill& bill) = 0;

    /// The cost that settle() has found, for observers; nothing if it is not known.  Called after settle().
    virtual std::optional<Cost> cost() const { return {}; }
};

/// The answer of Limiter::admit().
struct LimitDecision {
    /// Null: the request is refused, for the reason `refusal`.
    std::unique_ptr<Grant> grant = {};
    /// A message says which limit refused, how far it is used, and when a retry may pass.
    Error refusal = {};
    /// For the headers of the response, also of a refusal.
    Standing standing = {};
    /// Lowers the limit of a chat's output to this number of tokens.  A larger number than the
    /// client's own limit is ignored.
    std::optional<std::int64_t> max_output_tokens = {};
};

/// All members: [any thread, concurrently].
class Limiter : public Plugin {
public:
    static constexpr const char* kind = "limiter/1";

    /// Completes with a decision, now or later, on any thread.  The request waits meanwhile, at most for
    /// `hook_timeout_ms`.  An error instead of a decision means that the limiter itself has failed; it is
    /// sent to the client.  A refusal counts for no circuit breaker, and no other route is tried.
    virtual void admit(const LimitRequest& request, Completion<LimitDecision> done) = 0;

    /// A warning for an operator about a route that clients can reach, such as a missing price; empty:
    /// none.  Called at start and by `gatehouse check`, for the routes of all models that the mapper
    /// lists.  [main thread]
    virtual std::string doubt(const Route& route, std::optional<Price> price) const {
        (void)route, (void)price;
        return {};
    }
};

}  // namespace gatehouse
