// SPDX-License-Identifier: Apache-2.0
// The names and help texts of all metrics.  metrics.cpp adds the members of those that have a
// provider label.
// Owned by Metrics.  prometheus-cpp's objects may be used by [any thread].
#pragma once

#include "core/observe/exemplars.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <cstdint>

namespace gatehouse::core {

inline const prometheus::Histogram::BucketBoundaries overhead_seconds = {
    1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1};

inline const prometheus::Histogram::BucketBoundaries first_token_seconds = {
    0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 100};

/// Adds tokens.  A counter refuses to go down, whatever an upstream says.
inline void add_tokens(prometheus::Counter& counter, std::int64_t tokens) {
    if (tokens > 0) counter.Increment(static_cast<double>(tokens));
}

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
    ExemplarIndex exemplars;

    // Labelled by provider; some have a second label.
    Family<Counter>& outcomes = counters(
        "gatehouse_outcomes_total",
        "Finished requests, by provider and outcome: ok, failed, cut (after the header was sent) or left.");
    Family<Counter>& estimated =
        counters("gatehouse_tokens_estimated_total",
                 "Estimated tokens of responses that ended before the upstream reported them, by kind.");
    Family<Counter>& requests =
        counters("gatehouse_requests_total", "Finished requests, by provider and HTTP status.");
    Family<Histogram>& durations =
        histograms("gatehouse_request_duration_seconds",
                   "Time from a request's header to the last byte of its response.");
    Family<Histogram>& first_tokens =
        histograms("gatehouse_time_to_first_token_seconds",
                   "Time from a request's header to the first token of its response.");
    Family<Counter>& tokens =
        counters("gatehouse_tokens_total",
                 "Tokens by kind. prompt includes cached and cache_write, completion includes reasoning.");
    Family<Counter>& errors = counters(
        "gatehouse_errors_total",
        "Finished requests that failed, by provider and kind, which is the field error of the access log.");
    Family<Counter>& upstream_errors = counters(
        "gatehouse_upstream_errors_total", "Upstream requests that failed, by provider, kind and cause.");
    Family<Counter>& wasted = counters(
        "gatehouse_tokens_discarded_total",
        "Tokens of gatehouse_tokens_total whose client disconnected before the end of the response.");
    Family<Counter>& left =
        counters("gatehouse_upstream_abandoned_total",
                 "Upstream requests whose client disconnected, by outcome: cancelled or drained.");
    Family<Gauge>& open_routes =
        gauges("gatehouse_breakers_open", "Routes (provider and model) whose breaker is open or half-open.");
    Family<Counter>& opened =
        counters("gatehouse_breaker_opened_total", "Times that a circuit breaker opened.");
    Family<Counter>& not_sent = counters("gatehouse_breaker_refused_total",
                                         "Requests that an open circuit breaker did not send to a provider.");
    Family<Gauge>& ejected =
        gauges("gatehouse_endpoints_ejected", "Endpoints that are ejected until a trial request succeeds.");
    Family<Counter>& ejections = counters("gatehouse_endpoint_ejections_total",
                                          "Times that an endpoint was ejected after repeated failures.");
    Family<Counter>& retries = counters("gatehouse_retries_total",
                                        "Upstream requests that repeated a request at the same provider.");
    Family<Counter>& retries_refused =
        counters("gatehouse_retries_refused_total", "Retries that the retry budget did not allow.");
    Family<Gauge>& unusable =
        gauges("gatehouse_provider_unusable",
               "1 if at least 3 requests of a provider have failed in 10 s or more, and none has succeeded.");
    Family<Gauge>& listed = gauges("gatehouse_models_listed_seconds",
                                   "Time of a provider's last list of models, in seconds since 1970.");
    Family<Counter>& fallbacks = counters(
        "gatehouse_fallbacks_total", "Requests that went to another route after a failure of this provider.");

    // Labelled by store.
    Family<Gauge>& store_records =
        gauges("gatehouse_store_records", "Documents and counters that a store holds.");
    Family<Gauge>& store_bytes =
        gauges("gatehouse_store_bytes", "Bytes of the keys and bodies that a store holds.");
    Family<Counter>& store_reads =
        counters("gatehouse_store_reads_total", "Documents that were looked up in a store, by result.");
    Family<Counter>& store_failures =
        counters("gatehouse_store_errors_total", "Operations of a store that failed.");
    Family<Histogram>& store_writes =
        histograms("gatehouse_store_write_seconds", "Time until a document was written to a store.");
    Family<Counter>& unkept =
        counters("gatehouse_store_unkept_total",
                 "Documents of responses that were not stored in time, so that later requests lack them.");

    // Labelled by observer.
    Family<Counter>& records =
        counters("gatehouse_observer_records_total", "Records of requests that an observer has taken.");
    Family<Counter>& records_dropped =
        counters("gatehouse_observer_dropped_total",
                 "Records of requests that an observer did not get, by reason: queue_full, failed or ended.");

    // Labelled by the table of the configuration that names the certificate.
    Family<Gauge>& certificate_ends =
        gauges("gatehouse_certificate_not_after_seconds",
               "End of the validity of the gateway's own certificates, in seconds since 1970.");

    // Labelled by client, model and route.
    Family<Counter>& client_requests =
        counters("gatehouse_client_requests_total",
                 "Finished requests, by client, model, route and outcome: ok, failed, cut or left.");
    Family<Counter>& client_tokens = counters(
        "gatehouse_client_tokens_total", "Tokens by client, model, route and kind. prompt includes cached.");
    Family<Counter>& client_cost =
        counters("gatehouse_client_cost_total",
                 "Cost of requests by client, model, route and currency, if a limiter knows the price.");
    Family<Histogram>& model_first_tokens =
        histograms("gatehouse_model_time_to_first_token_seconds",
                   "Time from a request's header to the first token of its response, by model and route.");

    // By the GenAI conventions, labelled by operation, provider and model.
    Family<Histogram>& call_durations =
        histograms("gen_ai_client_operation_duration_seconds",
                   "Time from an upstream request to the end of its response.");
    Family<Histogram>& call_first_chunks =
        histograms("gen_ai_client_operation_time_to_first_chunk_seconds",
                   "Time from an upstream request to the first chunk of its stream.");
    Family<Histogram>& call_tokens = histograms(
        "gen_ai_client_token_usage", "Tokens of an upstream request by gen_ai_token_type: input or output.");

    // Labelled by attribute and value.
    Family<Counter>& attribute_requests =
        counters("gatehouse_attribute_requests_total",
                 "Finished requests, by attribute of the client, its value, and the class of the status.");
    Family<Counter>& attribute_tokens =
        counters("gatehouse_attribute_tokens_total",
                 "Tokens by attribute of the client, its value, and kind. prompt includes cached.");

    // Without a provider label.
    Histogram& overhead =
        histograms(
            "gatehouse_overhead_seconds",
            "Time of requests in the gateway, without the time for upstreams and for the client's body, in "
            "the queue and before retries.")
            .Add({}, overhead_seconds);
    Exemplars& overhead_exemplars = exemplars.add("gatehouse_overhead_seconds", {}, overhead_seconds);
    Gauge& running =
        gauges("gatehouse_requests_running", "Requests that have started and not finished.").Add({});
    Counter& gone = counters("gatehouse_client_disconnects_total",
                             "Clients that disconnected before the end of their response.")
                        .Add({});
    Gauge& queued = gauges("gatehouse_requests_queued", "Requests that wait in a queue for a slot.").Add({});
    Histogram& waits =
        histograms("gatehouse_queue_wait_seconds", "Queue time of the requests that waited and got a slot.")
            .Add({}, Histogram::BucketBoundaries{0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30});
    Family<Counter>& tls =
        counters("gatehouse_tls_handshakes_total", "TLS handshakes with clients, by outcome.");
    /// By Metrics::Handshake.
    const std::array<Counter*, 3> handshakes = {&tls.Add({{"outcome", "full"}}),
                                                &tls.Add({{"outcome", "resumed"}}),
                                                &tls.Add({{"outcome", "failed"}})};
    Family<Counter>& refusals = counters("gatehouse_requests_refused_total",
                                         "Requests rejected with 503 by a queue or memory limit.");
    /// By Metrics::Refusal.
    const std::array<Counter*, 3> refused = {&refusals.Add({{"reason", "queue_full"}}),
                                             &refusals.Add({{"reason", "queue_timeout"}}),
                                             &refusals.Add({{"reason", "memory"}})};
    Family<Counter>& reload_results =
        counters("gatehouse_config_reloads_total", "Reloads of the configuration, by result.");
    const std::array<Counter*, 2> reloads = {&reload_results.Add({{"result", "accepted"}}),
                                             &reload_results.Add({{"result", "rejected"}})};
    Gauge& last_reload =
        gauges("gatehouse_config_last_reload_successful", "1 if the last reload was accepted, otherwise 0.")
            .Add({}, 1.0);
    Gauge& active_since = gauges("gatehouse_config_active_since_seconds",
                                 "Time at which the configuration became active, in seconds since 1970.")
                              .Add({});
    Family<Counter>& slow_calls =
        counters("gatehouse_plugin_slow_calls_total", "Calls of a plugin that took more than a second.");
    Family<Counter>& failures =
        counters("gatehouse_plugin_failures_total", "Exceptions of a plugin, and calls without a result.");
    Gauge& stuck_workers =
        gauges("gatehouse_workers_stuck", "Workers that have not returned from a task for a second.").Add({});
    Counter& log_lines_lost = counters("gatehouse_log_lines_lost_total",
                                       "Lines of the log that could not be written, such as on a full disk.")
                                  .Add({});
    Gauge& held = gauges("gatehouse_memory_held_bytes",
                         "Bytes held by connections, requests and responses, as counted for memory_limit.")
                      .Add({});
};

}  // namespace gatehouse::core
