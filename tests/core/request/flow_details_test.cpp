// SPDX-License-Identifier: Apache-2.0
// The record of a request: its trace, its steps, its attempts, its end; and an observer that is slow or
// throws.
#include "tests/core/request/observed.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::fakes;

namespace {

const std::string answered = "data: ok\n\ndata: USAGE\n\ndata: FINISH\n\n";
const std::string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

std::string stages_of(const Story& record) {
    std::string names;
    std::chrono::microseconds last{0};
    for (const StoryStage& stage : record.stages) {
        CHECK(stage.begin == last);
        CHECK(stage.end >= stage.begin);
        last = stage.end;
        names.append(names.empty() ? "" : " ").append(stage.name);
    }
    return names;
}

}  // namespace

TEST_CASE("an answered request has its client, steps, route, tokens and a new trace") {
    Observed given;
    given.authenticator.groups = {"red"};
    given.upstream.script = {good({answered})};
    given.send("a hi");
    const Story& record = given.record();
    CHECK(record.client == "tester");
    CHECK(record.groups == std::vector<std::string>{"red"});
    CHECK(record.id == given.client.answer_head.headers.get("x-request-id"));
    CHECK(record.operation == "chat");
    CHECK(record.endpoint == "/v1/chat");
    CHECK(record.dialect == "plain");
    CHECK(record.model == "a");
    CHECK(record.route.provider == "first");
    CHECK(record.outcome == "ok");
    CHECK(record.status == 200);
    CHECK(record.usage->prompt == 7);
    CHECK(record.first_output.has_value());
    CHECK(stages_of(record) == "authenticate queue read parse hooks map limit");
    REQUIRE(record.attempts.size() == 1);
    const StoryAttempt& attempt = record.attempts[0];
    CHECK(attempt.why == "first");
    CHECK(attempt.plugin == "words");
    CHECK(attempt.endpoint == "http://upstream.test");
    CHECK(attempt.status == 200);
    CHECK(attempt.usage->completion == 3);
    CHECK(attempt.finished == std::vector<FinishReason>{FinishReason::stop});
    CHECK_FALSE(attempt.error);
    CHECK_FALSE(attempt.cancelled);
    CHECK(attempt.begin <= *attempt.sent);
    CHECK(*attempt.sent <= *attempt.answered);
    CHECK(*attempt.answered <= attempt.end);
    CHECK(record.waited <= record.total);
    CHECK(record.trace.random);
    CHECK(given.sent_parent() == "00-" + record.trace.id.hex() + "-" + attempt.span.hex() + "-03");
}

TEST_CASE("a trace of the client continues, and its upstream is a child of the attempt") {
    Observed given;
    given.headers = {{"traceparent", parent}, {"tracestate", "vendor=1"}};
    given.upstream.script = {good({answered})};
    given.send("a hi");
    const Story& record = given.record();
    CHECK(record.trace.id.hex() == parent.substr(3, 32));
    CHECK(record.trace.parent.hex() == parent.substr(36, 16));
    CHECK(record.trace.span.hex() != parent.substr(36, 16));
    CHECK(record.trace.state == "vendor=1");
    CHECK(given.sent_parent() == parent.substr(0, 36) + record.attempts.at(0).span.hex() + "-01");
    CHECK(given.upstream.requests[0].headers.get("tracestate") == "vendor=1");
}

TEST_CASE("upstreams get the decision of the observer, not the client's flag") {
    Observed given;
    given.watching->sampled = false;
    given.headers = {{"traceparent", parent}};
    given.upstream.script = {good({answered})};
    given.send("a hi");
    CHECK(given.sent_parent().ends_with("-00"));
    CHECK_FALSE(given.record().sampled);
}

TEST_CASE("trace_context limits the headers of an upstream") {
    Observed given;
    given.headers = {{"traceparent", parent}, {"tracestate", "vendor=1"}};
    given.upstream.script = {good({answered})};
    SUBCASE("traceparent") {
        given.trace = TracePropagation::parent;
        given.send("a hi");
        CHECK(given.sent_parent().starts_with(parent.substr(0, 36)));
    }
    SUBCASE("none") {
        given.trace = TracePropagation::none;
        given.send("a hi");
        CHECK(given.sent_parent().empty());
    }
    CHECK_FALSE(given.upstream.requests[0].headers.has("tracestate"));
}

TEST_CASE("without an observer the client's trace passes through, and none begins") {
    Given given;
    given.headers = {{"traceparent", parent}, {"tracestate", "vendor=1"}};
    given.upstream.script = {good({answered})};
    given.send("a hi");
    CHECK(given.upstream.requests[0].headers.get("traceparent") == parent);
    CHECK(given.upstream.requests[0].headers.get("tracestate") == "vendor=1");

    Given without;
    without.upstream.script = {good({answered})};
    without.send("a hi");
    CHECK_FALSE(without.upstream.requests[0].headers.has("traceparent"));
}

TEST_CASE("each upstream request is an attempt with its reason, span and error") {
    Observed given;
    SUBCASE("another route") {
        given.upstream.script = {{.status = 503}, good({answered})};
        given.send("ab hi");
        given.loop.advance(std::chrono::seconds(10));
        const Story& record = given.record();
        REQUIRE(record.attempts.size() == 2);
        CHECK(record.attempts[0].status == 503);
        CHECK(record.attempts[0].error == ErrorKind::upstream);
        CHECK(record.attempts[1].why == "next_route");
        CHECK(record.attempts[1].route.provider == "second");
        CHECK_FALSE(record.attempts[1].error);
        CHECK(record.route.provider == "second");
        CHECK(given.sent_parent(0).substr(36, 16) == record.attempts[0].span.hex());
        CHECK(given.sent_parent(1).substr(36, 16) == record.attempts[1].span.hex());
        CHECK(record.attempts[0].end <= record.attempts[1].begin);
    }
    SUBCASE("renewed credentials") {
        given.stamp.renews = true;
        given.upstream.script = {{.status = 401}, good({answered})};
        given.send("a hi");
        const Story& record = given.record();
        REQUIRE(record.attempts.size() == 2);
        CHECK(record.attempts[0].error.has_value());
        CHECK(record.attempts[1].why == "credentials");
    }
    SUBCASE("an amended request") {
        given.upstream.script = {{.status = 400, .pieces = {" amend"}}, good({answered})};
        given.send("a hi");
        const Story& record = given.record();
        REQUIRE(record.attempts.size() == 2);
        CHECK(record.attempts[0].error == ErrorKind::bad_request);
        CHECK(record.attempts[1].why == "amended");
    }
    SUBCASE("another endpoint") {
        given.upstream.script = {{.status = 503}, good({answered})};
        given.send("moves hi");
        const Story& record = given.record();
        REQUIRE(record.attempts.size() == 2);
        CHECK(record.attempts[1].why == "endpoint");
        CHECK(record.attempts[1].endpoint == "http://elsewhere.test");
    }
    SUBCASE("no upstream request") {
        given.send("self hi");
        const Story& record = given.record();
        REQUIRE(record.attempts.size() == 1);
        CHECK(record.attempts[0].endpoint.empty());
        CHECK_FALSE(record.attempts[0].sent);
    }
}

TEST_CASE("a refused request has a status and no attempt") {
    Observed given;
    SUBCASE("a wrong key") {
        given.send("a hi", "wrong");
        CHECK(given.record().status == 401);
        CHECK(given.record().client.empty());
        CHECK(given.record().operation.empty());
    }
    SUBCASE("an unknown path") {
        given.send("a hi", "in", "POST", "/elsewhere");
        CHECK(given.record().status == 404);
        CHECK(given.record().endpoint.empty());
    }
    SUBCASE("a hook") {
        given.send("a stop");
        CHECK(given.record().status == 403);
    }
    CHECK(given.record().outcome == "failed");
    CHECK(given.record().attempts.empty());
}

TEST_CASE("a client that leaves ends its record and its attempt") {
    Observed given;
    given.upstream.script = {{.pieces = {"data: ok\n\n"}, .ends = false}};
    given.send("stream a hi");
    given.listener().on_gone();
    const Story& record = given.record();
    CHECK(record.outcome == "left");
    REQUIRE(record.attempts.size() == 1);
    CHECK(record.attempts[0].cancelled);
    CHECK_FALSE(record.attempts[0].error);
}

TEST_CASE("a response that breaks has a cut outcome") {
    Observed given;
    given.upstream.script = {{.pieces = {"data: ok\n\n"}, .breaks = Error{ErrorKind::upstream, "reset"}}};
    given.send("stream a hi");
    CHECK(given.record().outcome == "cut");
    CHECK(given.record().attempts.at(0).error == ErrorKind::upstream);
}

TEST_CASE("an unwanted record is not queued") {
    Observed given;
    given.send("a hi", "in", "POST", "/unwanted");
    given.observers[0]->deliver();
    CHECK(given.watching->records.empty());
}
