// SPDX-License-Identifier: Apache-2.0
// The fields of the access log that `[log] fields` and `sample` choose.
#include "core/observe/access_log.hpp"

#include "core/config/access_fields.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace std::chrono_literals;

namespace {

StoryAttempt attempt_of(std::string model, int status, std::chrono::microseconds begin,
                        std::chrono::microseconds end) {
    StoryAttempt attempt{.status = status, .begin = begin, .end = end, .sent = begin + 2ms};
    attempt.route = {"near", std::move(model)};
    return attempt;
}

/// A request that failed on one route and succeeded on another.
RequestRecord record_with_details() {
    const auto start = RequestRecord::Clock::time_point(1000s);
    RequestRecord record{.request_id = "req-1",
                         .model = "gpt-5",
                         .status = 200,
                         .attempts = 2,
                         .start = start,
                         .end = start + 1s};
    record.usage = Usage{.prompt = 10, .completion = 5, .total = 15};
    record.upstream_start = start + 300ms;
    record.upstream_end = record.end;
    record.first_token = start + 600ms;
    record.waited = 299ms;
    record.details = std::make_shared<Story>();
    record.details->user_agent = "tool/1.0 (a \"b\")";
    record.details->parameters = {.max_tokens = 64, .choices = 2};
    record.details->stages = {{"read", 0us, 1ms}, {"queue", 1ms, 43ms}};
    record.details->attempts = {attempt_of("a", 503, 50ms, 262ms), attempt_of("b", 200, 298ms, 1s)};
    record.details->attempts.back().model = "b-2026";
    record.details->attempts.back().finished = {FinishReason::stop, FinishReason::length};
    return record;
}

std::string line_of(std::vector<std::string> fields, const RequestRecord& record,
                    Line::Format format = Line::Format::text) {
    return AccessLog({.fields = std::move(fields)}).line(format, record).content();
}

std::vector<std::string> every_field() {
    std::vector<std::string> names;
    for (const AccessField& field : access_fields) names.emplace_back(field.name);
    return names;
}

}  // namespace

TEST_CASE("a line has the chosen fields in their fixed order") {
    const RequestRecord record = record_with_details();
    CHECK(line_of({"status", "request_id"}, record) == "access request request_id=req-1 status=200");
    CHECK(
        line_of({"finish", "queue_ms", "before_ms", "max_tokens", "choices", "upstream_model"}, record) ==
        "access request max_tokens=64 choices=2 finish=stop,length queue_ms=42 before_ms=52 upstream_model=b-2026");
    CHECK(line_of({"tried"}, record) == "access request tried=near/a:503:212ms,near/b:200:702ms");
    CHECK(line_of({"user_agent"}, record) == "access request user_agent=\"tool/1.0 (a \\\"b\\\")\"");
    // 400 ms for the four tokens after the first one; 1 s without 299 ms and the 700 ms of the upstream.
    CHECK(line_of({"token_us", "overhead_us"}, record) == "access request token_us=100000 overhead_us=1000");
}

TEST_CASE("the usual fields are chosen by one word, and further ones are added") {
    const RequestRecord record = record_with_details();
    const std::string usual = line_of({"default"}, record);
    CHECK(usual.find("total_ms=1000") != usual.npos);
    CHECK(usual.find("finish=") == usual.npos);
    CHECK(usual.find("overhead_us=") == usual.npos);
    const std::string more = line_of({"finish", "default"}, record);
    CHECK(more.find(" finish=stop,length ") != more.npos);
    CHECK(more.size() == usual.size() + std::string_view(" finish=stop,length").size());
}

TEST_CASE("the cost is a decimal number with its currency") {
    RequestRecord record = record_with_details();
    CHECK(line_of({"cost", "currency", "cost_estimated"}, record) == "access request");
    record.cost = Cost{.nano = 5'600'000, .currency = "USD"};
    CHECK(line_of({"default"}, record).find(" cost=0.0056 currency=USD ") != std::string::npos);
    CHECK(line_of({"cost"}, record, Line::Format::json) ==
          R"("instance":"access","message":"request","cost":0.0056)");
    record.cost->estimated = true;
    CHECK(line_of({"cost", "cost_estimated"}, record) == "access request cost=0.0056 cost_estimated=true");
}

TEST_CASE("an attempt that got no response shows its cause") {
    RequestRecord record = record_with_details();
    record.details->attempts[0].status = 0;
    record.details->attempts[0].cause = "connect";
    record.details->attempts[1].status = 0;
    CHECK(line_of({"tried"}, record) == "access request tried=near/a:connect:212ms,near/b:-:702ms");
    record.details->attempts[0].status = 503;  // its cause says no more
    record.details->attempts[1].status = 200;
    record.details->attempts[1].cause = "connection_lost";
    CHECK(line_of({"tried"}, record) ==
          "access request tried=near/a:503:212ms,near/b:200/connection_lost:702ms");
    record.details->attempts[0].route.model = "x:200:1ms,far/b" + std::string(200, 'y');
    CHECK(line_of({"tried"}, record).find("near/x_200_1ms_far/byyy") != std::string::npos);
    CHECK(line_of({"tried"}, record).find(std::string(101, 'y')) == std::string::npos);
}

TEST_CASE("a request without details omits the fields that need them") {
    RequestRecord record = record_with_details();
    const std::string usual = line_of({"default"}, record);
    record.details = nullptr;
    CHECK(line_of({"default"}, record) == usual);
    for (const AccessField& field : access_fields)
        if (field.needs == AccessField::Needs::details)
            CHECK(line_of({std::string(field.name)}, record) == "access request");
    CHECK(line_of(every_field(), RequestRecord()).find("request_id") == std::string::npos);
}

TEST_CASE("a sample omits successful requests only, and about the chosen share of them") {
    const AccessLog log({.sample = 0.1});
    int written = 0;
    RequestRecord record = record_with_details();
    for (int i = 0; i < 10'000; ++i) {
        record.request_id = std::to_string(i) + "-request";
        written += log.includes(record);
        CHECK(log.includes(record) == log.includes(record));
    }
    CHECK(written > 800);
    CHECK(written < 1'200);
    record.error = ErrorKind::upstream;  // after the header was sent
    for (int i = 0; i < 1'000; ++i) {
        record.request_id = std::to_string(i);
        CHECK(log.includes(record));
    }
    record.gone = true;
    CHECK(log.includes(record));
    CHECK(AccessLog({.sample = 1}).includes(record_with_details()));
    CHECK_FALSE(AccessLog({.sample = 0}).includes(record_with_details()));
}
