// SPDX-License-Identifier: Apache-2.0
// /metrics in OpenMetrics: names, exemplars and the header that asks for it; the overhead of requests; model
// calls by the names of the GenAI conventions.
#include "core/observe/open_metrics.hpp"

#include "core/observe/metric_format.hpp"
#include "core/observe/metrics.hpp"
#include "core/observe/overhead.hpp"
#include "core/observe/plugin_meters.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace std::chrono_literals;

namespace {

RequestRecord traced(bool sampled) {
    RequestRecord record;
    record.provider = "main";
    record.status = 200;
    record.start = RequestRecord::Clock::time_point(1000s);
    record.end = record.start + 2s;
    record.upstream_start = record.start + 1ms;
    record.first_token = record.start + 250ms;
    record.upstream_end = record.end - 1ms;
    record.trace.id = {1, 2};
    record.trace.parent_sampled = sampled;
    return record;
}

std::string after_one(const RequestRecord& record) {
    Metrics metrics({"main"});
    metrics.started();
    metrics.finished(record);
    return metrics.text(Metrics::Format::open_metrics);
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Story call(const std::string& model) {
    StoryAttempt attempt;
    attempt.route = {"main", model};
    attempt.plugin = "words";
    attempt.sent = 1ms;
    attempt.first_output = 301ms;
    attempt.end = 1001ms;
    attempt.usage = Usage{.prompt = 10, .completion = 5, .total = 15};
    Story details;
    details.operation = "chat";
    details.stream = true;
    details.attempts = {attempt};
    return details;
}

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
    return count;
}

}  // namespace

TEST_CASE("a sampled request is the exemplar of its bucket in three histograms") {
    const std::string text = after_one(traced(true));
    const std::string trace = " 1 # {trace_id=\"00000000000000010000000000000002\"} ";
    CHECK(
        has(text, "gatehouse_request_duration_seconds_bucket{provider=\"main\",le=\"2.5\"}" + trace + "2 "));
    CHECK(has(text, "gatehouse_time_to_first_token_seconds_bucket{provider=\"main\",le=\"0.3\"}" + trace +
                        "0.25 "));
    CHECK(has(text, "gatehouse_overhead_seconds_bucket{le=\"0.002\"}" + trace + "0.002 "));
    CHECK(has(text, "gatehouse_request_duration_seconds_bucket{provider=\"main\",le=\"5.0\"} 1\n"));
    CHECK(text.ends_with("\n# EOF\n"));
}

TEST_CASE("a request without a recorded trace is not an exemplar") {
    CHECK_FALSE(has(after_one(traced(false)), "trace_id"));
    RequestRecord observed = traced(true);
    observed.trace.span = {3};
    observed.details = std::make_shared<Story>();  // the observer has not sampled it
    CHECK_FALSE(has(after_one(observed), "trace_id"));
    observed.details->sampled = true;
    CHECK(has(after_one(observed), "trace_id"));
}

TEST_CASE("the family of a counter has no _total in OpenMetrics") {
    Metrics metrics({"main"});
    (void)metrics.plugin_meters().counter(
        {.instance = "a", .name = "x_total", .help = "A \"word\".", .labels = {}, .buckets = {}});
    (void)metrics.plugin_meters().histogram(
        {.instance = "a", .name = "y", .help = "Y.", .labels = {}, .buckets = {1, 2.5}});
    const std::string text = metrics.text(Metrics::Format::open_metrics);
    CHECK(has(text, "# TYPE gatehouse_client_disconnects counter\ngatehouse_client_disconnects_total 0\n"));
    CHECK(has(text,
              "# HELP gatehouse_plugin_a_x A \\\"word\\\".\n# TYPE gatehouse_plugin_a_x counter\n"
              "gatehouse_plugin_a_x_total 0\n"));
    CHECK(
        has(text, "gatehouse_plugin_a_y_bucket{le=\"1.0\"} 0\ngatehouse_plugin_a_y_bucket{le=\"2.5\"} 0\n"));
    CHECK(has(metrics.text(), "gatehouse_plugin_a_y_bucket{le=\"1\"} 0\n"));
}

TEST_CASE("a scraper gets OpenMetrics if it prefers it") {
    CHECK(prefers_open_metrics(
        "application/openmetrics-text;version=1.0.0,"
        "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"));
    CHECK(prefers_open_metrics("Application/OpenMetrics-Text"));
    CHECK(prefers_open_metrics("text/plain, application/openmetrics-text; version=1.0.0"));
    for (const char* accept :
         {"", "*/*", "text/plain", "application/openmetrics-text;q=0",
          "application/openmetrics-text;version=2.0.0",
          "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.9",
          "application/openmetrics-text;q=x", ",;q=,;=", "application/openmetrics-text;q=-1"}) {
        CAPTURE(accept);
        CHECK_FALSE(prefers_open_metrics(accept));
    }
}

TEST_CASE("the overhead has no time for upstreams, for the client and for the queue") {
    RequestRecord record = traced(false);
    CHECK(overhead_of(record) == 2ms);
    record.waited = 1ms;  // such as for the client's body
    CHECK(overhead_of(record) == 1ms);
    record.begin_upstream(record.end - 1ms);  // a second upstream request, which has not ended
    CHECK(overhead_of(record) == 0ms);
    record.waited = 1h;
    CHECK(overhead_of(record) == 0ms);
}

TEST_CASE("an upstream request is a call by the names of the conventions") {
    Metrics metrics({"main"});
    Story details = call("m");
    metrics.count_model_calls(details);
    details.attempts[0].error = ErrorKind::timeout;
    details.attempts[0].usage.reset();
    metrics.count_model_calls(details);
    const std::string text = metrics.text();
    const std::string labels =
        "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"words\",gen_ai_request_model=\"m\"";
    CHECK(has(text, "gen_ai_client_operation_duration_seconds_count{" + labels + "} 1\n"));
    CHECK(has(text, "gen_ai_client_operation_duration_seconds_sum{" + labels + "} 1\n"));
    CHECK(has(text,
              "gen_ai_client_operation_duration_seconds_count{error_type=\"timeout\"," + labels + "} 1\n"));
    CHECK(has(text, "gen_ai_client_operation_time_to_first_chunk_seconds_count{" + labels + "} 2\n"));
    CHECK(has(text, "gen_ai_client_token_usage_sum{" + labels + ",gen_ai_token_type=\"input\"} 10\n"));
    CHECK(has(text,
              "gen_ai_client_token_usage_bucket{" + labels + ",gen_ai_token_type=\"output\",le=\"16\"} 1\n"));
    CHECK(has(text, "gen_ai_client_operation_duration_seconds_bucket{" + labels + ",le=\"81.92\"} 1\n"));
}

TEST_CASE("models that clients make up add a bounded number of calls") {
    Metrics metrics({"main"});
    for (int i = 0; i < 1'000; ++i) {
        Story details = call("model" + std::to_string(i));
        details.attempts[0].error = ErrorKind::timeout;
        metrics.count_model_calls(details);
    }
    const std::string text = metrics.text();
    CHECK(count_of(text, "gen_ai_client_token_usage_count{") == 2 * 101);
    CHECK(count_of(text, "gen_ai_client_operation_duration_seconds_count{") <= 101);
    CHECK(has(text, "gen_ai_request_model=\"other\""));
}
