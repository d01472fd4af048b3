// SPDX-License-Identifier: Apache-2.0
// The parts that the requests of one instance share.  Owned by the Quota, which outlives them.  [any thread]
#pragma once

#include "plugins/common/files/journal.hpp"
#include "plugins/limiter/quota/lasting.hpp"
#include "plugins/limiter/quota/share.hpp"

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::quota {

/// The numbers of the instance in /metrics.
struct Meters {
    explicit Meters(Host& host)
        : admitted(host.counter("admitted_total", "Requests that all limits have admitted.")),
          refused(host.counter("refused_total", "Requests that were refused, by the reason.",
                               {{"reason",
                                 {"rate_limit_exceeded", "concurrency_limit_exceeded", "insufficient_quota",
                                  "request_exceeds_limit", "model_not_priced", "limits_unavailable"}}})),
          shadow(host.counter("shadow_refused_total",
                              "Requests that a limit with shadow = true would have refused.")),
          shortened(host.counter("shortened_total", "Requests whose limit of output tokens was lowered.")),
          cut(host.counter("cut_streams_total", "Streams that were ended because a budget was spent.")),
          warned(host.counter("budget_warnings_total",
                              "Budgets that have reached their warn_at, once for each window and process.")),
          cost(host.counter("cost_total", "Cost of requests in the currency of the configuration.")),
          estimated(host.counter("estimated_total",
                                 "Requests whose cost was estimated, because no usage was reported.")),
          store_failures(
              host.counter("store_failures_total", "Requests for which the store did not answer in time.")),
          pending(host.gauge("settlements_pending",
                             "Settled requests whose cost the store does not have yet.")) {}
    Counter &admitted, &refused, &shadow, &shortened, &cut, &warned, &cost, &estimated, &store_failures;
    Gauge& pending;
};

struct Context {
    Context(Options given, Host& its_host);
    ~Context();
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    Seconds now() const {
        return std::chrono::floor<std::chrono::seconds>(host.now()).time_since_epoch().count();
    }

    const Options options;
    Host& host;
    const Prices prices;
    const Rules rules;
    TrafficClasses classes;
    Store& store;
    Meters meters;
    const std::shared_ptr<Lasting> lasting;
    Share share;
    const bool uses_share;                   // on_store_failure = "local"
    const std::shared_ptr<Journal> journal;  // null: the file names none
    // The last member: its calls of the store use the host, which a constructor that throws ends.
    const std::shared_ptr<Settlements> settlements;
};

}  // namespace gatehouse::quota
