// SPDX-License-Identifier: Apache-2.0
// The histograms that the observer exports: names, attributes, buckets, and their bound.
#include "plugins/observer/otlp/metric_export.hpp"

#include <gatehouse/json.hpp>
#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::otlp;
using gatehouse::testing::FakeHost;
using std::chrono::milliseconds;

namespace {

Story measured_story() {
    Story record;
    record.method = "POST";
    record.endpoint = "/v1/chat/completions";
    record.operation = "chat";
    record.status = 200;
    record.outcome = "ok";
    record.stream = true;
    record.total = milliseconds(300);
    StoryAttempt attempt{.route = {"lab", "gpt"}, .plugin = "openai", .endpoint = "https://host.example"};
    attempt.end = milliseconds(250);
    attempt.sent = milliseconds(10);
    attempt.first_output = milliseconds(110);
    attempt.usage = Usage{.prompt = 10, .completion = 3, .total = 13};
    record.attempts = {attempt};
    return record;
}

std::string json_of(const Histograms& histograms) {
    const std::chrono::system_clock::time_point start{std::chrono::seconds(1)}, now{std::chrono::seconds(2)};
    std::string all = "[" + histograms.json(start, now) + "]";
    REQUIRE(read_json(all));
    return all;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("a request counts once, and so does each of its attempts") {
    const Options options;
    Histograms histograms(options);
    histograms.add(measured_story());
    const std::string json = json_of(histograms);
    CHECK(has(json, R"([{"name":"http.server.request.duration","unit":"s","description":)"));
    CHECK(has(
        json,
        R"("histogram":{"aggregationTemporality":2,"dataPoints":[{"attributes":[)"
        R"({"key":"http.request.method","value":{"stringValue":"POST"}},)"
        R"({"key":"http.route","value":{"stringValue":"/v1/chat/completions"}},)"
        R"({"key":"http.response.status_code","value":{"intValue":"200"}}],"startTimeUnixNano":"1000000000",)"
        R"("timeUnixNano":"2000000000","count":"1","sum":0.3,"bucketCounts":["0","0","0","0","0","0","0","1")"));
    CHECK(has(json, R"("name":"gen_ai.client.operation.duration")"));
    CHECK(has(json, R"({"key":"gen_ai.provider.name","value":{"stringValue":"openai"}})"));
    CHECK(has(
        json,
        R"("explicitBounds":[0.01,0.02,0.04,0.08,0.16,0.32,0.64,1.28,2.56,5.12,10.24,20.48,40.96,81.92])"));
    CHECK(has(json, R"("name":"gen_ai.client.operation.time_to_first_chunk")"));
    CHECK(has(json, R"({"key":"gen_ai.token.type","value":{"stringValue":"output"}})"));
    CHECK(has(
        json,
        R"("explicitBounds":[1,4,16,64,256,1024,4096,16384,65536,262144,1048576,4194304,16777216,67108864])"));
}

TEST_CASE("the numbers add up, and a failure has its type") {
    const Options options;
    Histograms histograms(options);
    Story record = measured_story();
    for (int i = 0; i < 3; ++i) histograms.add(record);
    record.attempts[0].error = ErrorKind::timeout;
    record.attempts[0].usage.reset();
    histograms.add(record);
    const std::string json = json_of(histograms);
    CHECK(has(json, R"("count":"4","sum":1.2)"));
    CHECK(has(
        json,
        R"({"key":"error.type","value":{"stringValue":"timeout"}}],"startTimeUnixNano":"1000000000","timeUnixNano":"2000000000","count":"1")"));
}

TEST_CASE("values that clients make up are bounded") {
    const Options options;
    Histograms histograms(options);
    Story record = measured_story();
    for (int i = 0; i < 10'000; ++i) {
        record.method = "M" + std::to_string(i);
        record.attempts[0].route.model = "model" + std::to_string(i);
        record.attempts[0].usage->completion = -1;
        histograms.add(record);
    }
    const std::string json = json_of(histograms);
    CHECK(json.size() < 2'000'000);
    CHECK(has(json, "_OTHER"));
    CHECK(has(json, R"({"attributes":[{"key":"otel.metric.overflow","value":{"boolValue":true}}])"));
    CHECK_FALSE(has(json, "M77"));
}

TEST_CASE("the newer conventions have other names") {
    Options options;
    options.conventions = "genai-0.1";
    Histograms histograms(options);
    histograms.add(measured_story());
    CHECK(has(json_of(histograms), R"("name":"gen_ai.client.inference.duration")"));
}

TEST_CASE("metrics are sent at each interval, and a failure is logged once") {
    FakeHost host;
    const Options options;
    MetricExport exports(host, options, {.method = "POST", .url = "http://c/v1/metrics"}, "<", ">");
    const auto tick = [&](int status) {
        host.answers = {http::Response{{status}, ""}};
        auto timers = std::exchange(host.timers, {});
        REQUIRE(timers.size() == 1);
        timers.front()();
    };
    tick(200);
    CHECK(host.fetched.empty());  // there are no numbers yet
    exports.add(measured_story());
    for (const int status : {503, 400, 200}) tick(status);
    REQUIRE(host.fetched.size() == 3);
    CHECK(host.fetched[0].body.starts_with(R"(<{"name":"http.server.request.duration")"));
    CHECK(host.fetched[0].body.ends_with(">"));
    CHECK(host.logged ==
          std::vector<std::string>{"metrics not exported reason=status 503", "metrics exported again"});
    CHECK(host.meters["metric_failures_total"].numbers[""] == 2);
}
