// SPDX-License-Identifier: Apache-2.0
// The headers that explain a request: for whom, with what, and their bounds.
#include "core/request/explanation.hpp"

#include "tests/core/request/given.hpp"

#include <gatehouse/json.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::fakes;

namespace {

const std::string answered = "data: ok\n\ndata: USAGE\n\ndata: FINISH\n\n";

struct Asking : Given {
    Asking() {
        settings.server.explain_clients = {"tester"};
        headers = {{std::string(explain_header), "1"}};
    }
    std::string header() const { return std::string(client.answer_head.headers.get(explain_header)); }
    std::string timing() const { return std::string(client.answer_head.headers.get("server-timing")); }
};

RequestRecord recorded() {
    RequestRecord record;
    record.details = std::make_shared<Story>();
    record.explanation = std::make_shared<Explanation>();
    record.start = RequestRecord::Clock::time_point(std::chrono::seconds(1000));
    return record;
}

}  // namespace

TEST_CASE("a client that may ask learns routes, attempts and times") {
    Asking given;
    given.upstream.script = {{.status = 503}, good({answered})};
    given.send("ab hi");
    given.loop.advance(std::chrono::seconds(10));
    const std::string text = given.header();
    const auto json = read_json(text);
    REQUIRE(json);
    CHECK((*json)["id"].str() == given.client.answer_head.headers.get("x-request-id"));
    CHECK((*json)["client"].str() == "tester");
    CHECK((*json)["routes"].size() == 2);
    REQUIRE((*json)["attempts"].size() == 2);
    CHECK((*json)["attempts"][0]["status"].integer() == 503);
    CHECK((*json)["attempts"][1]["why"].str() == "next_route");
    const JsonValue ms = (*json)["ms"];
    const double sum = *ms["upstream"].number() + *ms["wait"].number() + *ms["overhead"].number();
    CHECK(sum == doctest::Approx(*ms["total"].number()).epsilon(0.01));
    CHECK(given.timing().find("upstream;dur=") != std::string::npos);
    CHECK(given.timing().find("desc=\"second/") != std::string::npos);
    CHECK(text.find("upstream.test") == std::string::npos);
}

TEST_CASE("a stream is explained in its header") {
    Asking given;
    given.upstream.script = {good({answered})};
    given.send("stream a hi");
    const std::string text = given.header();
    CHECK(read_json(text));
    CHECK(given.timing().find("total;dur=") != std::string::npos);
}

TEST_CASE("a client that may not ask, or has not asked, gets no explanation") {
    Asking given;
    given.upstream.script = {good({answered})};
    SUBCASE("it is off by default") { given.settings.server.explain_clients = {}; }
    SUBCASE("another client") { given.settings.server.explain_clients = {"other"}; }
    SUBCASE("the client has not asked") { given.headers = {}; }
    SUBCASE("another value") { given.headers = {{std::string(explain_header), "0"}}; }
    given.send("a hi");
    CHECK(given.status() == 200);
    CHECK(given.header().empty());
    CHECK(given.timing().empty());
}

TEST_CASE("a wrong key gets no explanation") {
    Asking given;
    given.settings.server.explain_clients = {"*"};
    given.send("a hi", "wrong");
    CHECK(given.status() == 401);
    CHECK(given.header().empty());
}

TEST_CASE("an explanation makes no trace, which nothing would record") {
    Asking given;
    given.upstream.script = {good({answered})};
    given.send("a hi");
    CHECK_FALSE(given.upstream.requests.at(0).headers.has("traceparent"));
    CHECK(given.header().find("trace_id") == std::string::npos);
}

TEST_CASE("an explanation is bounded, and its names are printable") {
    RequestRecord record = recorded();
    record.client = "caf\xc3\xa9\r\n\"\\";
    for (int i = 0; i < 32; ++i) {
        const std::string name = std::string(300, 'x') + std::to_string(i);
        record.explanation->routes.push_back(name);
        record.explanation->not_sent.push_back(name);
        record.details->attempts.push_back({.route = {"main", name}, .why = "first"});
    }
    const std::string text = explanation_json(record, record.start);
    CHECK(text.size() <= max_explanation_bytes);
    CHECK(text.find("\"truncated\":true") != std::string::npos);
    for (const char c : text + server_timing(record, record.start)) CHECK((c >= ' ' && c <= '~'));
    CHECK(read_json(text));
}

TEST_CASE("fields that the upstream request lacks or changes are named") {
    Explanation all;
    all.note_body(R"({"model":"a","max_tokens":5,"seed":1,"logit_bias":{},"stream":true})");
    all.note_sent(R"({"model":"a","request":{"maxTokens":4,"stream":true}})");
    CHECK(all.not_sent == std::vector<std::string>{"seed", "logit_bias"});
    CHECK(all.rewritten == std::vector<std::string>{"max_tokens"});
    all.note_sent("not JSON");
    CHECK(all.not_sent.empty());
}

TEST_CASE("a route that is passed over is named once") {
    Explanation all;
    for (int i = 0; i < 2; ++i) all.pass_over({"main", "a"}, "breaker_open", std::chrono::milliseconds(900));
    CHECK(all.passed_over.size() == 1);
}
