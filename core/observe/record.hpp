// SPDX-License-Identifier: Apache-2.0
// The facts about a finished request: the one source of the access log
// and of the metrics.  Plain values; filled in by the flow, on its loop.
#pragma once

#include "core/observe/failure_cause.hpp"

#include <gatehouse/auth.hpp>
#include <gatehouse/cost.hpp>
#include <gatehouse/event.hpp>
#include <gatehouse/observer.hpp>
#include <gatehouse/result.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::core {

struct Explanation;

struct RequestRecord {
    using Clock = std::chrono::steady_clock;

    std::string request_id;
    std::string client;             // the Identity's name; empty: never authenticated
    const Identity* who = nullptr;  // the client's; null: never authenticated; lives as long as the request
    std::string peer, method, path;
    std::string_view dialect =
        "core";            // the instance that formats the response; lives as long as the request
    std::string model;     // as the client wrote it
    std::string provider;  // the instance that answered, or tried last; empty: none
    std::string upstream_model;
    std::string_view endpoint = {};            // scheme, host and port of the last upstream request
    std::string hook;                          // the instance that answered instead of an upstream
    std::string upstream_request_id;           // the upstream's own id, such as opc-request-id
    std::string client_request_id;             // the client's own, x-request-id
    std::string trace_parent;                  // as the client sent it; empty: none or invalid
    Trace trace = {};                          // the client's; without one, that of the details
    std::shared_ptr<Explanation> explanation;  // null: the client has not asked, or may not
    std::shared_ptr<Story> details;            // null: nothing uses them
    std::string client_retries;                // the client's own count, x-stainless-retry-count
    int status = 0;                            // 0: the client left before there was one
    bool stream = false;
    bool gone = false;                        // the client left before the end
    bool cancelled = false;                   // and an upstream call was running
    bool drained = false;                     // which was read to its end all the same
    std::optional<ErrorKind> error;           // why it failed, also after a 200 has gone out
    bool error_counted = false;               // Metrics::attempt_failed() has counted it
    FailureCause cause = FailureCause::none;  // why the upstream request behind `error` failed
    std::string detail;                       // for the log only
    int attempts = 0;                         // upstream requests, all routes together
    std::uint64_t bytes_in = 0, bytes_out = 0;
    std::optional<Usage> usage;
    struct Estimate {
        std::int64_t prompt = 0, completion = 0;
    };
    std::optional<Cost> cost;          // the sum of the attempts, if a limiter knows it
    std::optional<Estimate> estimate;  // if the response ended before the upstream reported its usage
    std::size_t text_bytes = 0;        // size of the texts and of the arguments of calls, for the estimate
    std::size_t burst_bytes = 0;       // the largest part of text_bytes that the upstream sent at once
    Clock::time_point start{}, end{};
    std::optional<Clock::time_point> upstream_start, upstream_end, first_token;
    Clock::duration waited{};  // that the gateway itself does not need; without the last upstream request
    std::optional<Clock::time_point> wait_start;

    /// "provider/model"; empty without a route.
    std::string route() const { return upstream_model.empty() ? provider : provider + "/" + upstream_model; }

    /// The time of the last upstream request until `now`; zero without one.
    Clock::duration upstream_time(Clock::time_point now) const {
        return upstream_start ? upstream_end.value_or(now) - *upstream_start : Clock::duration(0);
    }
    /// An upstream request begins.  The time of the one before is part of `waited`.
    void begin_upstream(Clock::time_point now) {
        waited += upstream_time(now);
        upstream_start = now;
        upstream_end.reset();
    }
    /// The gateway waits for the client or for a slot, or before a retry.
    void begin_wait() { wait_start = Clock::now(); }
    void end_wait() {
        if (wait_start) waited += Clock::now() - *wait_start;
        wait_start.reset();
    }

    /// Clears the results of a failed attempt before the next attempt.
    void forget_attempt() {
        if (upstream_start) waited += upstream_time(Clock::now());
        upstream_request_id.clear();
        cause = FailureCause::none;
        usage.reset();
        text_bytes = burst_bytes = 0;
        upstream_start.reset();
        upstream_end.reset();
        first_token.reset();
    }
};

}  // namespace gatehouse::core
