// SPDX-License-Identifier: Apache-2.0
// The exact JSON of spans, and the choice of traces.
#include "plugins/observer/otlp/sampling.hpp"
#include "plugins/observer/otlp/spans.hpp"

#include <gatehouse/json.hpp>

#include <doctest/doctest.h>

#include <random>

using namespace gatehouse;
using namespace gatehouse::otlp;
using std::chrono::microseconds;

namespace {

Story plain_story() {
    Story record;
    record.trace = {.id = {0x4bf92f3577b34da6, 0xa3ce929d0e0e4736}, .span = {0xabc}};
    record.id = "req_1";
    record.start = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'800'000'000'123));
    record.total = microseconds(2'500);
    record.method = "GET";
    record.path = "/x";
    record.status = 404;
    record.outcome = "failed";
    record.error = ErrorKind::not_found;
    return record;
}

Story full_story() {
    Story record = plain_story();
    record.trace.parent = {0x00f067aa0ba902b7};
    record.trace.parent_sampled = record.trace.random = true;
    record.trace.state = "vendor=1";
    record.sampled = true;
    record.method = "POST";
    record.path = record.endpoint = "/v1/chat/completions";
    record.peer = "192.0.2.7";
    record.client = "ci";
    record.groups = {"red"};
    record.operation = "chat";
    record.model = "best";
    record.route = {"backup", "gpt"};
    record.dialect = "openai";
    record.stream = true;
    record.status = 200;
    record.outcome = "ok";
    record.error.reset();
    record.upstream_requests = 2;
    record.waited = microseconds(2'000);
    record.cost = Cost{.nano = 1'500'000'000, .currency = "USD"};
    record.stages = {{"authenticate", microseconds(0), microseconds(50)}};
    record.parameters = {.max_tokens = 7, .choices = 1, .temperature = 0.5};
    StoryAttempt failed{.span = {1},
                        .route = {"oci", "big"},
                        .plugin = "oci",
                        .endpoint = "https://host.example:8443",
                        .why = "first",
                        .status = 503,
                        .upstream_id = "up"};
    failed.begin = microseconds(100);
    failed.end = microseconds(400);
    failed.error = ErrorKind::unavailable;
    StoryAttempt good{.span = {2},
                      .route = {"backup", "gpt"},
                      .plugin = "openai",
                      .endpoint = "http://[::1]",
                      .why = "next_route",
                      .status = 200,
                      .model = "gpt-1",
                      .answer_id = "chatcmpl-1"};
    good.begin = microseconds(500);
    good.sent = microseconds(600);
    good.first_output = microseconds(1'100);
    good.end = microseconds(2'400);
    good.usage = Usage{.prompt = 10, .completion = 3, .total = 13, .cached = 4};
    good.finished = {FinishReason::length};
    record.attempts = {failed, good};
    return record;
}

std::string attribute(const std::string& name, const std::string& value) {
    return R"({"key":")" + name + R"(","value":{)" + value + "}}";
}

std::vector<std::string> spans_of(const Options& options, const Story& record) {
    const std::string all = "[" + Spans(options).of(record) + "]";
    const auto top = read_json(all);
    REQUIRE(top);
    std::vector<std::string> spans;
    for (JsonValue span : top->items()) spans.emplace_back(span.raw());
    return spans;
}

bool has(const std::string& span, const std::string& part) { return span.find(part) != span.npos; }

}  // namespace

TEST_CASE("a refused request is one span") {
    const Options options;
    CHECK(
        Spans(options).of(plain_story()) ==
        R"({"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"0000000000000abc","flags":256,"name":"GET","kind":2,)"
        R"("startTimeUnixNano":"1800000000123000000","endTimeUnixNano":"1800000000125500000","attributes":[)"
        R"({"key":"http.request.method","value":{"stringValue":"GET"}},{"key":"url.path","value":{"stringValue":"/x"}},)"
        R"({"key":"http.response.status_code","value":{"intValue":"404"}},)"
        R"({"key":"gatehouse.request_id","value":{"stringValue":"req_1"}},)"
        R"({"key":"gatehouse.outcome","value":{"stringValue":"failed"}},{"key":"gatehouse.error","value":{"stringValue":"not_found"}},)"
        R"({"key":"gatehouse.attempts","value":{"intValue":"0"}},)"
        R"({"key":"gatehouse.overhead_us","value":{"intValue":"2500"}},{"key":"gatehouse.bytes_in","value":{"intValue":"0"}},)"
        R"({"key":"gatehouse.bytes_out","value":{"intValue":"0"}}]})");
}

TEST_CASE("each attempt is a child of the request's span") {
    const Options options;
    const auto spans = spans_of(options, full_story());
    REQUIRE(spans.size() == 3);
    CHECK(spans[0].starts_with(
        R"({"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"0000000000000abc","traceState":"vendor=1",)"
        R"("parentSpanId":"00f067aa0ba902b7","flags":771,"name":"POST /v1/chat/completions","kind":2,)"));
    CHECK(has(spans[0], attribute("gatehouse.overhead_us", R"("intValue":"500")")));
    CHECK(has(spans[0], attribute("gatehouse.stage.authenticate_us", R"("intValue":"50")")));
    CHECK(has(spans[0], attribute("gatehouse.cost", R"("doubleValue":1.5)")));
    CHECK(has(spans[0], attribute("gatehouse.groups", R"("arrayValue":{"values":[{"stringValue":"red"}]})")));
    CHECK(has(spans[0], attribute("gatehouse.stream", R"("boolValue":true)")));
    CHECK_FALSE(has(spans[0], "gen_ai."));
    CHECK_FALSE(has(spans[0], "\"status\""));

    CHECK(spans[1].starts_with(
        R"({"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"0000000000000001","traceState":"vendor=1",)"
        R"("parentSpanId":"0000000000000abc","flags":259,"name":"chat big","kind":3,)"
        R"("startTimeUnixNano":"1800000000123100000","endTimeUnixNano":"1800000000123400000",)"));
    CHECK(has(spans[1], attribute("gen_ai.provider.name", R"("stringValue":"oci.generative_ai")")));
    CHECK(has(spans[1], attribute("server.port", R"("intValue":"8443")")));
    CHECK(has(spans[1], attribute("error.type", R"("stringValue":"503")")));
    CHECK(spans[1].ends_with(R"(],"status":{"code":2}})"));

    CHECK(has(spans[2], attribute("gen_ai.response.model", R"("stringValue":"gpt-1")")));
    CHECK(has(spans[2], attribute("gen_ai.response.time_to_first_chunk", R"("doubleValue":5e-04)")));
    CHECK(has(spans[2], attribute("gen_ai.usage.input_tokens", R"("intValue":"10")")));
    CHECK(has(spans[2], attribute("gen_ai.usage.cache_read.input_tokens", R"("intValue":"4")")));
    CHECK(has(spans[2], attribute("gen_ai.response.finish_reasons",
                                  R"("arrayValue":{"values":[{"stringValue":"length"}]})")));
    CHECK(has(spans[2], attribute("gen_ai.request.max_tokens", R"("intValue":"7")")));
    CHECK(has(spans[2], attribute("server.address", R"("stringValue":"::1")")));
    CHECK(has(spans[2], attribute("gatehouse.reason", R"("stringValue":"next_route")")));
    CHECK_FALSE(has(spans[2], "choice.count"));
}

TEST_CASE("a cancelled attempt has not failed, and a broken response has") {
    const Options options;
    Story record = full_story();
    record.outcome = "cut";
    record.error = ErrorKind::upstream;
    record.attempts[1].cancelled = true;
    const auto spans = spans_of(options, record);
    CHECK(has(spans[0], attribute("error.type", R"("stringValue":"upstream")")));
    CHECK(has(spans[0], R"("status":{"code":2})"));
    CHECK(has(spans[2], attribute("error.type", R"("stringValue":"client_left")")));
    CHECK_FALSE(has(spans[2], "\"status\""));
}

TEST_CASE("options change names and omit attributes") {
    Options options;
    options.omit = {"client.address", "gen_ai.request.max_tokens"};
    options.providers = {{"backup", {"groq"}}};
    options.conventions = "genai-0.1";
    Story record = full_story();
    record.attempts[1].usage->cache_written = 2;
    const auto spans = spans_of(options, record);
    CHECK_FALSE(has(spans[0], "192.0.2.7"));
    CHECK_FALSE(has(spans[2], "max_tokens"));
    CHECK(has(spans[2], attribute("gen_ai.provider.name", R"("stringValue":"groq")")));
    CHECK(has(spans[2], attribute("gen_ai.usage.cache_write.input_tokens", R"("intValue":"2")")));
}

TEST_CASE("odd texts and times still give valid JSON and an end after the begin") {
    const Options options;
    Story record = full_story();
    record.path = "/\xff\"\\\n";
    record.attempts[0].end = microseconds(-5);
    const auto spans = spans_of(options, record);
    CHECK(has(spans[0], "\xef\xbf\xbd\\\"\\\\\\n"));
    CHECK(has(spans[1], R"("endTimeUnixNano":"1800000000123100000")"));
}

TEST_CASE("the head has the resource, and head and tail make one document") {
    Options options;
    options.resource = {
        {"deployment.environment.name", {"prod"}}, {"team", {"a", "b"}}, {"service.instance.id", {"i"}}};
    const Spans spans(options);
    const std::string body = spans.head() + spans.of(plain_story()) + std::string(Spans::tail);
    const auto top = read_json(body);
    REQUIRE(top);
    const std::string resource((*top)["resourceSpans"][0]["resource"].raw());
    CHECK(has(resource, attribute("service.name", R"("stringValue":"gatehouse")")));
    CHECK(has(resource, attribute("deployment.environment.name", R"("stringValue":"prod")")));
    CHECK(has(resource, attribute("service.instance.id", R"("stringValue":"i")")));
}

TEST_CASE("the caller's flag decides about its trace, and the trace id about others") {
    Options options;
    options.sample = 0.25;
    const otlp::Sampling quarter(options);
    CHECK(quarter.samples({.id = {1, 0}, .parent = {1}, .parent_sampled = true}));
    CHECK_FALSE(quarter.samples({.id = {1, ~0ULL}, .parent = {1}}));
    CHECK(quarter.samples({.id = {1, 0x00c0000000000000}}));
    CHECK_FALSE(quarter.samples({.id = {1, 0xffbfffffffffffff}}));
    std::mt19937_64 random{7};
    int sampled = 0;
    for (int i = 0; i < 100'000; ++i) sampled += quarter.samples({.id = {1, random()}});
    CHECK(sampled > 24'000);
    CHECK(sampled < 26'000);
    options.sample = 1;
    CHECK(otlp::Sampling(options).samples({.id = {1, 0}}));
    options.sample = 0;
    CHECK_FALSE(otlp::Sampling(options).samples({.id = {1, ~0ULL}}));
}

TEST_CASE("failed and slow requests are kept after their end") {
    Options options;
    options.sample = 0;
    options.keep_slower_than_ms = 1'000;
    Story record = full_story();
    record.trace.parent = {};
    CHECK_FALSE(otlp::Sampling(options).keeps(record));
    record.total = std::chrono::seconds(1);
    CHECK(otlp::Sampling(options).keeps(record));
    record.total = microseconds(1);
    record.status = 502;
    CHECK(otlp::Sampling(options).keeps(record));
    record.status = 200;
    record.outcome = "cut";
    CHECK(otlp::Sampling(options).keeps(record));
    record.trace.parent = {1};
    record.trace.parent_sampled = false;
    CHECK_FALSE(otlp::Sampling(options).keeps(record));
    options.keep_unsampled = true;
    CHECK(otlp::Sampling(options).keeps(record));
    options.keep_failed = false;
    CHECK_FALSE(otlp::Sampling(options).keeps(record));
}
