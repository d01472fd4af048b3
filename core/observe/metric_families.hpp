// SPDX-License-Identifier: Apache-2.0
// Every metric that there is: its name and what its help says.  Of those that differ by
// provider the family stands here, and metrics.cpp gives it its members.
// Owned by Metrics.  prometheus-cpp's objects may be used by [any thread].
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>

namespace gatehouse::core {

struct MetricFamilies {
    using Counter = prometheus::Counter;
    using Gauge = prometheus::Gauge;
    using Histogram = prometheus::Histogram;
    template <typename Metric>
    using Family = prometheus::Family<Metric>;

    Family<Counter>& counters(const char* name, const char* help) {
        return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
    }
    Family<Gauge>& gauges(const char* name, const char* help) {
        return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
    }
    Family<Histogram>& histograms(const char* name, const char* help) {
        return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
    }

    prometheus::Registry registry;

    // By provider, some by another label besides.
    Family<Counter>& requests =
        counters("gatehouse_requests_total", "Requests that are over, by provider and HTTP status.");
    Family<Histogram>& durations = histograms("gatehouse_request_duration_seconds",
                                              "From a request's head to the last byte of its answer.");
    Family<Histogram>& first_tokens = histograms("gatehouse_time_to_first_token_seconds",
                                                 "From a request's head to the first token of its answer.");
    Family<Counter>& tokens = counters(
        "gatehouse_tokens_total", "Tokens by kind; cached are among prompt, reasoning among completion.");
    Family<Counter>& upstream_errors =
        counters("gatehouse_upstream_errors_total", "HttpClient requests that failed, by provider and kind.");
    Family<Counter>& wasted =
        counters("gatehouse_tokens_discarded_total",
                 "Those of gatehouse_tokens_total whose client had left before the end of the answer.");
    Family<Counter>& left =
        counters("gatehouse_upstream_abandoned_total",
                 "HttpClient calls whose client left: cut (cancelled), or read to their end (drained).");
    Family<Gauge>& open_routes =
        gauges("gatehouse_breakers_open", "Models whose breaker is open, or waits for a trial to succeed.");
    Family<Counter>& opened = counters("gatehouse_breaker_opened_total", "Breakers that opened.");
    Family<Counter>& not_sent =
        counters("gatehouse_breaker_refused_total", "Requests that an open breaker kept from a provider.");
    Family<Gauge>& ejected =
        gauges("gatehouse_endpoints_ejected", "Endpoints that are left out until a trial succeeds.");
    Family<Counter>& ejections = counters("gatehouse_endpoint_ejections_total",
                                          "Endpoints that were left out because they kept failing.");
    Family<Counter>& retries =
        counters("gatehouse_retries_total", "HttpClient requests that repeated one at the same provider.");
    Family<Counter>& retries_refused =
        counters("gatehouse_retries_refused_total", "Retries that the retry budget did not allow.");

    // Of the gateway as a whole.
    Gauge& running =
        gauges("gatehouse_requests_running", "Requests that have begun and are not over.").Add({});
    Counter& gone =
        counters("gatehouse_client_disconnects_total", "Clients that left before the end of their answer.")
            .Add({});
    Gauge& queued =
        gauges("gatehouse_requests_queued", "Requests that wait for a place among the running ones.").Add({});
    Histogram& waits =
        histograms("gatehouse_queue_wait_seconds",
                   "How long requests waited that had to wait, and got their place.")
            .Add({}, Histogram::BucketBoundaries{0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30});
    Family<Counter>& tls =
        counters("gatehouse_tls_handshakes_total", "Handshakes of clients, by how they ended.");
    /// By Metrics::Handshake.
    const std::array<Counter*, 3> handshakes = {&tls.Add({{"outcome", "full"}}),
                                                &tls.Add({{"outcome", "resumed"}}),
                                                &tls.Add({{"outcome", "failed"}})};
    Family<Counter>& refusals = counters("gatehouse_requests_refused_total",
                                         "Requests that were answered with 503 for want of room.");
    /// By Metrics::Refusal.
    const std::array<Counter*, 3> refused = {&refusals.Add({{"reason", "queue_full"}}),
                                             &refusals.Add({{"reason", "queue_timeout"}}),
                                             &refusals.Add({{"reason", "memory"}})};
    Gauge& held = gauges("gatehouse_memory_held_bytes",
                         "What connections, requests and answers hold, as memory_limit counts it.")
                      .Add({});
};

}  // namespace gatehouse::core
