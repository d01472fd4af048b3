// SPDX-License-Identifier: Apache-2.0
#include "tests/core/request/given.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::fakes;

TEST_CASE("a failure that is not the client's names the request") {
    Given given;
    given.settings.upstream.attempts = 1;
    given.upstream.script = {{.status = 0, .breaks = Error{ErrorKind::upstream, "connection refused"}}};
    given.send("a hi");
    CHECK(given.client.answer == "connection refused");
    CHECK(given.client.names_id);
    Given wrong;
    wrong.send("nowhere hi");
    CHECK(wrong.status() == 404);
    CHECK(!wrong.client.names_id);
}

TEST_CASE("a non-streaming response is sent with its head when it is complete") {
    Given given;
    given.upstream.script = {good({"data: Hel\n\nda", "ta: lo\n\ndata: FINISH\n\n"})};
    given.send("a hi");
    CHECK(given.status() == 200);
    CHECK(given.client.answer == "Hello.");
    CHECK(given.client.ended);
    CHECK(given.upstream.requests.at(0).url == "http://upstream.test/a");
    CHECK(given.upstream.requests.at(0).headers.get("stamp") == "1");
    CHECK(given.client.answer_head.headers.get("x-request-id").starts_with("req_"));
    CHECK(given.client.answer_head.headers.get("x-gatehouse-route") == "first/a");
    CHECK(given.hook.seen == std::vector<std::string>{"attempt", "done"});
}

TEST_CASE("the bytes of a non-streaming response count as it is decoded, until the client has it") {
    Given given;
    given.upstream.script = {{.pieces = {"data: expand\n\n", "data: expand\n\n"}, .ends = false}};
    given.send("a hi");
    CHECK(given.memory.held() >= 200'000);
    given.listener().on_gone();
    given.flow.reset();
    CHECK(given.memory.held() == 0);
}

TEST_CASE("a non-streaming response that becomes larger than max_response_bytes fails") {
    Given given;
    given.settings.upstream.max_response_bytes = 150'000;
    const std::string piece = "data: expand\n\ndata: expand\n\ndata: expand\n\ndata: FINISH\n\n";
    given.upstream.script = {{.pieces = {piece}, .ends = false}, good({"data: fine\n\ndata: FINISH\n\n"})};
    given.send("ab hi");
    CHECK(given.client.answer == "fine.");
    CHECK(given.upstream.requests.size() == 2);
    CHECK(given.memory.held() < 100'000);

    Given streaming;
    streaming.settings.upstream.max_response_bytes = 150'000;
    streaming.upstream.script = {good({piece})};
    streaming.send("stream a hi");
    CHECK(streaming.client.answer == std::string(300'000, 'x') + ".");
}

TEST_CASE("a provider that emits without an end is told to stop, also in a stream") {
    for (const std::string stream : {"", "stream "}) {
        CAPTURE(stream);
        Given given;
        given.settings.upstream.max_response_bytes = 150'000;
        given.upstream.script = {good({"data: FLOOD\n\ndata: FINISH\n\n"}),
                                 good({"data: fine\n\ndata: FINISH\n\n"})};
        given.send(stream + "ab hi");
        CHECK(given.client.answer == "fine.");
        CHECK(plain::WordsProvider::Words::flooded == (stream.empty() ? 2 : 336));
    }
}

TEST_CASE("the next request of a polled response waits for the delay that the provider names") {
    Given given;
    given.upstream.script = {good({"data: POLL\n\n"}), good({"data: POLL\n\n"}),
                             good({"data: there\n\ndata: FINISH\n\n"})};
    given.send("a hi");
    CHECK(given.upstream.requests.size() == 1);
    given.loop.advance(std::chrono::milliseconds(499));
    CHECK(given.upstream.requests.size() == 1);
    given.loop.advance(std::chrono::milliseconds(1));
    CHECK(given.upstream.requests.size() == 2);
    given.loop.advance(std::chrono::milliseconds(500));
    CHECK(given.status() == 200);
    CHECK(given.client.answer == "there.");
}

TEST_CASE("no request is sent after a delay if the client has left or the time is over") {
    for (const bool leaves : {true, false}) {
        Given given;
        given.settings.upstream.attempts = 1;
        if (!leaves) given.settings.upstream.timeouts.response = std::chrono::milliseconds(200);
        given.upstream.script = {good({"data: POLL\n\n"}), good({"data: FINISH\n\n"})};
        given.send("a hi");
        if (leaves) given.listener().on_gone();
        if (!leaves) std::this_thread::sleep_for(std::chrono::milliseconds(201));
        given.loop.advance(std::chrono::milliseconds(leaves ? 500 : 200));
        CHECK((leaves || given.status() == 504));
        CHECK(given.upstream.requests.size() == 1);
    }
}

TEST_CASE("a streaming response is forwarded as it arrives") {
    Given given;
    given.upstream.script = {{.pieces = {"data: Hel\n\n", "data: lo\n\n"}, .ends = false}};
    given.send("stream a hi");
    CHECK(given.client.answer == "Hello");
    CHECK(!given.client.ended);
    given.client.half_close = true;
    given.listener().on_half_close();  // during an upstream request, FIN counts as a disconnect
    CHECK(given.client.aborted);
    CHECK(given.upstream.running == 0);
}

TEST_CASE("rejections are checked in order: 401, 404, 405, then the dialect's errors") {
    auto status = [](std::string body, std::string key, std::string method, std::string path) {
        Given given;
        given.send(std::move(body), std::move(key), std::move(method), std::move(path));
        return given.status();
    };
    CHECK(status("", "wrong", "POST", "/nowhere") == 401);
    CHECK(status("", "in", "POST", "/nowhere") == 404);
    CHECK(status("", "in", "DELETE", "/v1/chat") == 405);
    CHECK(status("", "in", "GET", "/v1/chat") == 405);
    CHECK(status("no-words", "in", "POST", "/v1/chat") == 400);
    CHECK(status("nowhere hi", "in", "POST", "/v1/chat") == 404);
}

TEST_CASE("a 405 response lists the allowed methods") {
    Given given;
    given.send("", "in", "PUT", "/v1/models");
    CHECK(given.client.answer_head.headers.get("allow") == "GET, HEAD, OPTIONS");
    CHECK(given.client.answer == "method not allowed at this path; allowed: GET, HEAD");
}

TEST_CASE("models are listed, and one of them is found or not") {
    Given all, one, none;
    all.send("", "in", "GET", "/v1/models");
    CHECK(all.client.answer == "a ab .");
    one.send("", "in", "GET", "/v1/models/ab");
    CHECK(one.client.answer == "ab .");
    none.send("", "in", "GET", "/v1/models/zz");
    CHECK(none.status() == 404);
}

TEST_CASE("a failing upstream gives way to the next route") {
    Given given;
    given.upstream.script = {{.status = 503}, good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("ab hi");
    CHECK(given.client.answer == "ok.");
    CHECK(given.upstream.requests.at(1).url == "http://upstream.test/b");
    CHECK(given.hook.seen == std::vector<std::string>{"attempt", "attempt", "done"});
}

TEST_CASE(
    "an unreachable upstream gives way to the next route, also after a part of a non-streaming response") {
    Given given;
    given.upstream.script = {{.pieces = {"data: half\n\n"}, .breaks = Error{ErrorKind::upstream, "reset"}},
                             good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("ab hi");
    CHECK(given.client.answer == "ok.");
}

TEST_CASE("a client error is not retried on another route") {
    Given given;
    given.upstream.script = {{.status = 400}};
    given.send("ab hi");
    CHECK(given.status() == 400);
    CHECK(given.upstream.requests.size() == 1);
}

TEST_CASE("attempts are limited, each has a longer wait, and the client receives the last error") {
    Given given;
    given.upstream.script = {{.status = 500}, {.status = 500}, {.status = 500}};
    given.send("a hi");
    CHECK(given.upstream.requests.size() == 1);
    given.loop.advance(milliseconds(251));
    CHECK(given.upstream.requests.size() == 2);
    given.loop.advance(milliseconds(501));
    CHECK(given.upstream.requests.size() == 3);
    CHECK(given.status() == 502);
    CHECK(given.client.answer == "the upstream failed with status 500");
}

TEST_CASE("a client receives retry-after instead of a long wait") {
    Given given;
    given.upstream.script = {{.status = 429}};
    given.send("a hi");
    CHECK(given.status() == 429);
    CHECK(given.upstream.requests.size() == 1);
}

TEST_CASE("after the first byte a failure is the stream's last event") {
    for (auto [broken, said] :
         {std::pair{Scripted{.pieces = {"data: Hel\n\n"}, .breaks = Error{ErrorKind::upstream, "reset"}},
                    "Hel<reset>"},
          std::pair{good({"data: Hel\n\n", "data: BAD\n\n"}), "Hel<bad word>"},
          std::pair{good({"data: Hel\n\n", "data: THROW\n\n"}), "Hel<internal error>"},
          std::pair{good({"data: Hel\n\n"}), "Hel<the upstream's response ended without a finish event>"}}) {
        Given given;
        given.settings.upstream.error_details = "client";
        given.upstream.script = {broken};
        given.send("stream ab hi");
        CHECK(given.client.answer == said);
        CHECK(given.client.ended);
        CHECK(given.upstream.requests.size() == 1);
        CHECK(given.hook.seen.back() == "failed");
    }
}

TEST_CASE("a response is complete after its finish event, even if the upstream does not end it") {
    Given given;
    given.upstream.script = {
        {.pieces = {"data: ok\n\ndata: FINISH\n\n"}, .breaks = Error{ErrorKind::timeout, "idle"}}};
    given.send("stream a hi");
    CHECK(given.client.answer == "ok.");
}

TEST_CASE("an empty stream is a valid response") {
    Given given;
    given.dialect.silent = true;
    given.upstream.script = {good({"data: FINISH\n\n"})};
    given.send("stream a hi");
    CHECK(given.status() == 200);
    CHECK(given.client.ended);
}

TEST_CASE("a failed attempt leaves no trace in the response to the client") {
    Given given;
    given.upstream.script = {{.status = 503, .headers = {{"x-request-id", "of the first"}}},
                             good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("ab hi");
    CHECK(given.client.answer == "ok.");
    CHECK(!given.client.answer_head.headers.has("x-upstream-request-id"));
}

TEST_CASE("a dialect that throws or returns null fails only its request") {
    for (auto broken : {plain::PlainDialect::Broken::error, plain::PlainDialect::Broken::formatter,
                        plain::PlainDialect::Broken::streams}) {
        for (auto [method, path, body] : {std::tuple{"PUT", "/v1/chat", ""},
                                          {"GET", "/v1/models", ""},
                                          {"POST", "/v1/chat", "self hi"}}) {
            Given given;
            given.dialect.broken = broken;
            given.send(body, "in", method, path);
            CHECK(given.client.ended);
            CHECK(given.client.answer.find("secret") == std::string::npos);
        }
    }
}

TEST_CASE("a plugin that throws fails only its request") {
    for (auto [body, key] : {std::pair{"a hi", "throw"},
                             {"a hi", "drop"},
                             {"throw", "in"},
                             {"throws hi", "in"},
                             {"null hi", "in"}}) {
        Given given;
        given.send(body, key);
        CHECK(given.status() == 500);
        CHECK(given.client.answer == "internal error");
    }
}

TEST_CASE("a client that may use some models sees no other models") {
    Given given;
    given.send("b hi", "a only");
    CHECK(given.status() == 404);
    CHECK(given.client.answer == "The model 'b' does not exist or you do not have access to it.");
    CHECK(given.upstream.requests.empty());

    for (auto body : {"a hi", "moves hi"}) {
        Given let_in;
        let_in.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"})};
        let_in.send(body, "a only");
        CHECK(let_in.upstream.requests.size() == 1);
    }

    Given all, other;
    all.send("", "a only", "GET", "/v1/models");
    CHECK(all.client.answer == "a .");
    other.send("", "a only", "GET", "/v1/models/ab");
    CHECK(other.status() == 404);
}

TEST_CASE("a provider may respond without an upstream") {
    Given given;
    given.send("stream self hi");
    CHECK(given.client.answer == "by myself.");
    CHECK(given.upstream.requests.empty());
}

TEST_CASE("a completion may come later, from another thread, and too late") {
    Given given;
    given.send("self hi", "later");
    CHECK(!given.client.begun);
    std::thread([&] { given.authenticator.waiting.at(0)(Identity{"tester"}); }).join();
    given.loop.run();
    CHECK(given.client.answer == "by myself.");

    Given gone;
    gone.send("self hi", "later");
    gone.listener().on_gone();
    gone.authenticator.waiting.at(0)(Identity{"tester"});
    gone.loop.run();
    CHECK(!gone.client.begun);
}

TEST_CASE("a client that disconnects cancels the upstream request, before and after the first byte") {
    for (auto pieces : {std::vector<std::string>{}, {"data: Hel\n\n"}}) {
        Given given;
        given.upstream.script = {{.pieces = pieces, .ends = false}};
        given.send("stream a hi");
        CHECK(given.upstream.running == 1);
        given.listener().on_gone();
        CHECK(given.upstream.running == 0);
        CHECK(given.hook.seen.back() == "failed");  // a truncated response is not complete
        CHECK(given.loop.timers() == 0);
    }
}

TEST_CASE(
    "a client that disconnects from a non-streaming response cancels its upstream request, also after the head") {
    for (auto pieces : {std::vector<std::string>{}, {"data: Hel\n\n"}}) {
        Given given;
        given.upstream.script = {{.pieces = pieces, .ends = false}};
        given.send("a hi");
        CHECK(given.upstream.running == 1);
        given.listener().on_gone();
        CHECK(given.upstream.running == 0);
        CHECK(given.counts("gatehouse_upstream_abandoned_total{outcome=\"cancelled\",provider=\"first\"} 1"));
    }
}

TEST_CASE("a response with on_disconnect = drain is read to its end, and its tokens are counted") {
    Given given;
    given.provider.per_model["a*"].on_disconnect = "drain";
    given.client.leaves = true;
    given.upstream.script = {good({"data: Hel\n\n", "data: lo\n\ndata: FINISH\n\n", "data: USAGE\n\n"})};
    given.send("stream a hi");
    CHECK(given.client.answer == "Hel");
    CHECK(!given.client.ended);
    CHECK(given.upstream.running == 0);
    CHECK(given.loop.timers() == 0);
    CHECK(given.counts("gatehouse_upstream_abandoned_total{outcome=\"drained\",provider=\"first\"} 1"));
    CHECK(given.counts("gatehouse_tokens_discarded_total{kind=\"completion\",provider=\"first\"} 3"));
    CHECK(given.counts("gatehouse_tokens_discarded_total{kind=\"prompt\",provider=\"first\"} 7"));
    CHECK(given.hook.seen.back() == "failed");  // no client received the complete response
}

TEST_CASE("draining is limited in time and bytes, and is not followed by a retry") {
    auto prepared = [](Given& given) { given.provider.on_disconnect = "drain"; };
    Given late;
    prepared(late);
    late.upstream.script = {{.pieces = {"data: Hel\n\n"}, .ends = false}};
    late.send("a hi");
    late.listener().on_gone();
    CHECK(late.upstream.running == 1);
    late.flow.reset();
    late.loop.advance(milliseconds(60'000));
    CHECK(late.upstream.running == 0);
    CHECK(late.counts("gatehouse_upstream_abandoned_total{outcome=\"cancelled\",provider=\"first\"} 1"));

    Given long_one;
    prepared(long_one);
    long_one.provider.drain_response_bytes = 20;
    long_one.client.leaves = true;
    long_one.upstream.script = {good({"data: Hel\n\n", "data: 34567890123\n\n", "data: FINISH\n\n"})};
    long_one.send("stream a hi");
    CHECK(long_one.counts("gatehouse_upstream_abandoned_total{outcome=\"cancelled\",provider=\"first\"} 1"));

    Given broken;
    prepared(broken);
    broken.client.leaves = true;
    broken.upstream.script = {{.pieces = {"data: Hel\n\n"}, .breaks = Error{ErrorKind::upstream, "reset"}}};
    broken.send("stream ab hi");
    broken.loop.advance(milliseconds(10'000));
    CHECK(broken.upstream.requests.size() == 1);

    Given waiting;  // for a retry, so that there is no response to drain
    prepared(waiting);
    waiting.upstream.script = {{.status = 500}};
    waiting.send("a hi");
    waiting.listener().on_gone();
    waiting.loop.advance(milliseconds(10'000));
    CHECK(waiting.upstream.requests.size() == 1);
    CHECK(waiting.loop.timers() == 0);
}

TEST_CASE(
    "a route whose breaker is open is skipped, and the client receives 503 at once if there is no other route") {
    Given given;
    given.limits.route.failures = 1;
    given.remember().failed("a");
    given.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("ab hi");
    CHECK(given.client.answer == "ok.");
    CHECK(given.upstream.requests.at(0).url == "http://upstream.test/b");

    Given none;
    none.limits.route.failures = 1;
    none.remember().failed("a");
    none.send("a hi");
    CHECK(none.status() == 503);
    CHECK(none.client.answer == "model temporarily unavailable after repeated failures; retry in 1 s");
    CHECK(none.upstream.requests.empty());
    CHECK(none.counts("gatehouse_breaker_refused_total{provider=\"first\"} 1"));
    CHECK(none.counts("gatehouse_breakers_open{provider=\"first\"} 1"));

    Given opens;  // opens before its own second attempt: the client receives the first error
    opens.limits.route.failures = 1;
    opens.upstream.script = {{.status = 500}};
    opens.send("a hi");
    CHECK(opens.client.answer == "the upstream failed with status 500");
    CHECK(opens.upstream.requests.size() == 1);
}

TEST_CASE("a trial with a response closes the breaker, also if the response is a client error") {
    for (auto answer : {good({"data: ok\n\ndata: FINISH\n\n"}), Scripted{.status = 400}}) {
        Given given;
        given.limits.route = {1, milliseconds(0)};
        given.remember().failed("a");
        given.upstream.script = {answer};
        given.send("a hi");
        CHECK(given.counts("gatehouse_breakers_open{provider=\"first\"} 0"));
        CHECK(given.counts("gatehouse_breaker_opened_total{provider=\"first\"} 1"));
    }
}

TEST_CASE("retries are limited by a budget, and fallback to another route is not") {
    Given given;
    given.limits.retries = {.percent = 0, .floor = 1};
    given.upstream.script = {{.status = 500}, {.status = 500}};
    given.send("a hi");
    given.loop.advance(milliseconds(251));
    CHECK(given.upstream.requests.size() == 2);
    CHECK(given.client.answer == "the upstream failed with status 500");
    CHECK(given.counts("gatehouse_retries_total{provider=\"first\"} 1"));
    CHECK(given.counts("gatehouse_retries_refused_total{provider=\"first\"} 1"));

    Given other;
    other.limits.retries = {.percent = 0, .floor = 0};
    other.upstream.script = {{.status = 500}, good({"data: ok\n\ndata: FINISH\n\n"})};
    other.send("ab hi");
    CHECK(other.client.answer == "ok.");
}

TEST_CASE("an ejected endpoint is skipped without an attempt, if there is another endpoint") {
    const Error refused{ErrorKind::upstream, "connection refused"};
    Given given;
    given.settings.upstream.attempts = 1;
    given.limits.endpoint.failures = 1;
    ProviderHealth& health = given.remember();
    health.has_several_endpoints();
    health.endpoint_failed("http://upstream.test");
    given.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("moves hi");
    CHECK(given.client.answer == "ok.");
    CHECK(given.upstream.requests.at(0).url == "http://elsewhere.test/moves");
    CHECK(given.counts("gatehouse_endpoints_ejected{provider=\"first\"} 1"));

    Given only;
    only.limits.endpoint.failures = 1;
    ProviderHealth& its = only.remember();
    its.has_several_endpoints();
    its.endpoint_failed("http://upstream.test");
    only.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"})};
    only.send("a hi");
    CHECK(only.client.answer == "ok.");

    Given learns;
    learns.limits.endpoint.failures = 1;
    learns.upstream.script = {{.status = 0, .breaks = refused},
                              {.status = 0, .breaks = refused},
                              good({"data: ok\n\ndata: FINISH\n\n"})};
    learns.send("moves hi");
    learns.loop.advance(milliseconds(501));
    CHECK(learns.upstream.requests.at(1).url == "http://elsewhere.test/moves");
    CHECK(learns.client.answer == "ok.");
    CHECK(learns.counts("gatehouse_endpoint_ejections_total{provider=\"first\"} 1"));
}

TEST_CASE("each route has its own timeouts, and a route that is too slow gives way to the next") {
    Given given;
    given.provider = {};
    given.provider.timeouts.connect = milliseconds(7);
    given.provider.timeouts.first_byte = milliseconds(500);
    given.provider.per_model["a"].timeouts.idle = milliseconds(8);
    given.upstream.script = {{.status = 0, .breaks = Error{ErrorKind::timeout, "no answer"}},
                             good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("stream ab hi");
    CHECK(given.client.answer == "ok.");
    const RouteTimeouts &first = given.upstream.timeouts.at(0), &second = given.upstream.timeouts.at(1);
    CHECK(first.connect == milliseconds(7));
    CHECK(first.idle == milliseconds(8));
    CHECK(first.first_byte <= milliseconds(500));
    CHECK(first.response <= milliseconds(3'600'000));
    CHECK(second.connect == milliseconds(5'000));
    CHECK(second.first_byte > milliseconds(50'000));
}

TEST_CASE("no upstream request is sent if the client disconnects during signing") {
    Given given;
    given.stamp.hold = true;
    given.send("a hi");
    given.client.half_close = true;
    auto& [request, done] = given.stamp.waiting.at(0);
    done(std::move(request));
    given.loop.run();
    CHECK(given.upstream.requests.empty());
    CHECK(given.client.aborted);
}

TEST_CASE("a slow client pauses the upstream until it has read") {
    Given given;
    given.client.slow = true;
    given.upstream.script = {{.pieces = {"data: Hel\n\n"}, .ends = false}};
    given.send("stream a hi");
    CHECK(given.upstream.paused == 1);
    given.listener().on_writable();
    CHECK(given.upstream.resumed == 1);
    given.listener().on_gone();
}

TEST_CASE("a 401 is retried once with a new signature, if the signer has new credentials") {
    Given given;
    given.stamp.renews = true;
    given.upstream.script = {{.status = 401}, good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("a hi");
    CHECK(given.client.answer == "ok.");
    CHECK(given.upstream.requests.at(1).headers.get("stamp") == "2");

    Given stubborn;
    stubborn.stamp.renews = true;
    stubborn.upstream.script = {{.status = 401}, {.status = 401}};
    stubborn.send("a hi");
    CHECK(stubborn.status() == 502);
    CHECK(stubborn.stamp.rejections == 1);

    Given hopeless;
    hopeless.upstream.script = {{.status = 401}};
    hopeless.send("a hi");
    CHECK(hopeless.status() == 502);
}

TEST_CASE("a request that the provider has amended is sent once more") {
    Given given;
    given.upstream.script = {{.status = 400, .pieces = {" amend"}}, good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("a hi");
    CHECK(given.client.answer == "ok.");
}

TEST_CASE("a provider may retry at another endpoint if a transfer fails before the response") {
    const Error refused{ErrorKind::upstream, "connection refused"};
    Given given;
    given.settings.upstream.attempts = 2;
    given.upstream.script = {{.status = 0, .breaks = refused}, good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("stream moves hi");
    CHECK(given.client.answer == "ok.");
    CHECK(given.upstream.requests.at(1).url == "http://elsewhere.test/moves");
    CHECK(given.upstream.requests.at(1).headers.get("stamp") == "2");

    Given both;
    both.settings.upstream.attempts = 2;
    both.upstream.script = {{.status = 0, .breaks = refused}, {.status = 0, .breaks = refused}};
    both.send("moves hi");
    CHECK(both.status() == 502);

    Given enough;
    enough.settings.upstream.attempts = 1;
    enough.upstream.script = {{.status = 0, .breaks = refused}};
    enough.send("moves hi");
    CHECK(enough.status() == 502);

    Given moved;  // without a failed transfer: the next endpoint counts as an attempt too
    moved.settings.upstream.attempts = 1;
    moved.upstream.script = {{.status = 404}};
    moved.send("moves hi");
    CHECK(moved.upstream.requests.size() == 1);

    Given late;  // the client has received a part of the first response
    late.upstream.script = {{.pieces = {"data: ok\n\n"}, .breaks = refused}};
    late.send("stream moves hi");
    CHECK(late.client.answer == "ok<connection refused>");
}

TEST_CASE("a complete response does not wait for the upstream to close") {
    for (const char* body : {"stream a hi", "a hi"}) {
        Given given;
        given.upstream.script = {{.pieces = {"data: ok\n\ndata: FINISH\n\ndata: DONE\n\n"}, .ends = false}};
        given.send(body);
        CHECK(given.client.answer == "ok.");
        CHECK(given.client.ended);
        // Drains briefly, so that the connection can be reused if the response ends.
        CHECK(given.upstream.running == 1);
        given.flow.reset();
        given.loop.advance(milliseconds(250));
        CHECK(given.upstream.running == 0);

        Given prompt;
        prompt.upstream.script = {
            {.pieces = {"data: ok\n\ndata: FINISH\n\ndata: DONE\n\n", "data: more\n\n"}}};
        prompt.send(body);
        CHECK(prompt.client.answer == "ok.");
        CHECK(prompt.upstream.running == 0);

        Given breaks;
        breaks.upstream.script = {{.pieces = {"data: ok\n\ndata: FINISH\n\ndata: DONE\n\n"},
                                   .breaks = Error{ErrorKind::upstream, "reset"}}};
        breaks.send(body);
        CHECK(breaks.client.answer == "ok.");
    }
}

TEST_CASE("a response that may end is complete after silences of the upstream") {
    for (const char* body : {"stream a hi", "a hi"}) {
        Given given;
        given.upstream.script = {{.pieces = {"data: ok\n\ndata: PAUSE\n\n"}, .ends = false}};
        given.send(body);
        given.loop.advance(milliseconds(500));  // bytes have come in this time
        given.loop.advance(milliseconds(500));
        given.loop.advance(milliseconds(500));
        CHECK(!given.client.ended);
        given.loop.advance(milliseconds(500));
        CHECK(given.client.answer == "ok.");
        CHECK(given.client.ended);
        CHECK(given.upstream.requests.size() == 1);

        // The idle timeout is shorter than the silences.
        Given idle;
        idle.upstream.script = {
            {.pieces = {"data: ok\n\ndata: PAUSE\n\n"}, .breaks = Error{ErrorKind::timeout, "idle"}}};
        idle.send(body);
        CHECK(idle.client.answer == "ok.");
        CHECK(idle.upstream.requests.size() == 1);

        Given incomplete;
        incomplete.settings.upstream.attempts = 1;
        incomplete.upstream.script = {{.pieces = {"data: ok\n\n"}, .ends = false}};
        incomplete.send(body);
        for (int i = 0; i < 40; ++i) incomplete.loop.advance(milliseconds(500));
        CHECK(!incomplete.client.ended);
        incomplete.listener().on_gone();
        CHECK(incomplete.upstream.running == 0);
    }
}

TEST_CASE("an upstream that a slow client pauses is not silent") {
    Given given;
    given.client.slow = true;
    given.upstream.script = {{.pieces = {"data: ok\n\ndata: PAUSE\n\n"}, .ends = false}};
    given.send("stream a hi");
    for (int i = 0; i < 10; ++i) given.loop.advance(milliseconds(500));
    CHECK(!given.client.ended);
    given.client.slow = false;
    given.listener().on_writable();
    for (int i = 0; i < 4; ++i) given.loop.advance(milliseconds(500));
    CHECK(given.client.ended);
}

TEST_CASE("an error response is read up to a limit") {
    Given given;
    given.settings.upstream.error_details = "client";
    given.settings.upstream.attempts = 1;
    given.upstream.script = {
        {.status = 500, .pieces = std::vector<std::string>(100, std::string(1000, 'x')), .ends = false}};
    given.send("a hi");
    CHECK(given.client.answer.size() == 65536 + std::string("upstream said 500").size());
    CHECK(given.upstream.running == 0);
}

TEST_CASE("hooks change events and stop requests") {
    Given given;
    given.upstream.script = {good({"data: secret\n\ndata: FINISH\n\n"})};
    given.send("a hi");
    CHECK(given.client.answer == "***.");

    Given stopped;
    stopped.send("a stop");
    CHECK(stopped.status() == 403);
    CHECK(stopped.upstream.requests.empty());
}

TEST_CASE("keep-alive chunks are sent during silence after the upstream's 2xx, and not before it") {
    Given given;
    given.settings.server.heartbeat_ms = 1;
    given.upstream.script = {{.ends = false}};
    given.send("stream a hi");
    std::this_thread::sleep_for(milliseconds(5));
    given.loop.advance(milliseconds(5));
    std::this_thread::sleep_for(milliseconds(5));
    given.loop.advance(milliseconds(5));
    CHECK(given.client.answer.starts_with("~"));

    Given silent;
    silent.settings.server.heartbeat_ms = 1;
    silent.upstream.script = {{.status = 0, .ends = false}};
    silent.send("stream a hi");
    std::this_thread::sleep_for(milliseconds(5));
    silent.loop.advance(milliseconds(5));
    CHECK(!silent.client.begun);
}

TEST_CASE("the text of a failed upstream is for the log, and error_details = client gives it to the client") {
    const Scripted broken{.status = 500, .pieces = {" at /app/server.py"}};
    Given given;
    given.settings.upstream.attempts = 1;
    given.upstream.script = {broken};
    given.send("a hi");
    CHECK(given.status() == 502);
    CHECK(given.client.answer == "the upstream failed with status 500");

    Given open;
    open.settings.upstream.attempts = 1;
    open.settings.upstream.error_details = "client";
    open.upstream.script = {broken};
    open.send("a hi");
    CHECK(open.client.answer == "upstream said 500 at /app/server.py");

    Given event;
    event.upstream.script = {good({"data: Hel\n\n", "data: BAD\n\n"})};
    event.send("stream a hi");
    CHECK(event.client.answer == "Hel<the upstream failed within its response>");
}

TEST_CASE("the reason of a refusal reaches the client without ids, inner URLs and paths") {
    for (const auto& [text, left] : std::vector<std::pair<std::string, std::string>>{
             {" of temperature", "upstream said 400 of temperature"},
             {" in ocid1.compartment.oc1..aaaa", "upstream said 400 in [id]"},
             {" at http://10.0.0.1:8000/v1", "upstream said 400 at [url]"},
             {" by upstream.test", "upstream said 400 by [host]"},
             {" in /app/x.py", "upstream said 400 in [path]"}}) {
        Given given;
        given.upstream.script = {{.status = 400, .pieces = {text}}};
        given.send("a hi");
        CHECK(given.status() == 400);
        CHECK(given.client.answer == left);
    }
}

TEST_CASE("no error tells a client the id of a resource") {
    Given given;
    given.send("ocid1.model.oc1..a hi", "a only");
    CHECK(given.status() == 404);
    CHECK(given.client.answer.find("ocid1") == std::string::npos);

    Given route;
    route.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"})};
    route.send("ocid1.model.oc1..a hi");
    CHECK(route.client.answer_head.headers.get("x-gatehouse-route") == "first/ocid1.model.oc1..a");
}

TEST_CASE("a client never receives the gateway's credentials, even if the upstream repeats them") {
    for (const char* how : {"log", "client"}) {
        Given given;
        given.settings.upstream.error_details = how;
        given.stamp.key = "key-0123456789abcdef";
        given.upstream.script = {{.status = 400, .pieces = {" with key-0123456789abcdef"}}};
        given.send("a hi");
        CHECK(given.client.answer == "upstream said 400 with ...");
    }
}

TEST_CASE("doubled slashes in a path are taken for one, and a wrong path names the right one") {
    for (const char* path : {"//v1/chat", "/v1//chat", "///v1///chat"}) {
        Given given;
        given.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"})};
        given.send("a hi", "in", "POST", path);
        CHECK(given.client.answer == "ok.");
    }
    Given model;
    model.send("", "in", "GET", "/v1//models/ab");
    CHECK(model.client.answer == "ab .");
    for (const char* path : {"/chat", "/v1/v1/chat", "/openai/v1/chat", "//chat"}) {
        Given given;
        given.send("a hi", "in", "POST", path);
        CHECK(given.status() == 404);
        CHECK(given.client.answer.starts_with("no endpoint at /"));
        CHECK(given.client.answer.find("; did you mean POST /v1/chat?") != std::string::npos);
    }
    Given wrong;
    wrong.send("", "in", "GET", "/v1//chat");
    CHECK(wrong.status() == 405);
}

namespace {

Given& with_early_heartbeats(Given& given, std::int64_t interval = 50) {
    given.settings.server.early_heartbeat_ms = interval;
    return given;
}

}  // namespace

TEST_CASE("early heartbeats are sent before the upstream has responded, if they are configured") {
    Given given;
    with_early_heartbeats(given).upstream.script = {{.status = 0, .ends = false}};
    given.send("stream a hi");
    given.loop.advance(milliseconds(49));
    CHECK(!given.client.begun);
    given.loop.advance(milliseconds(1));
    CHECK(given.status() == 200);
    CHECK(given.client.answer == "~");
    CHECK(given.client.answer_head.headers.has("x-request-id"));
    CHECK(!given.client.answer_head.headers.has("x-gatehouse-route"));  // another route may follow
    given.loop.advance(milliseconds(50));
    CHECK(given.client.answer == "~~");
    given.listener().on_gone();
    CHECK(given.loop.timers() == 0);

    Given off;
    off.upstream.script = {{.status = 0, .ends = false}};
    off.send("stream a hi");
    off.loop.advance(milliseconds(86'000));
    CHECK(!off.client.begun);

    Given whole;
    with_early_heartbeats(whole).upstream.script = {{.status = 0, .ends = false}};
    whole.send("a hi");
    whole.loop.advance(milliseconds(100));
    CHECK(!whole.client.begun);
}

TEST_CASE("after early heartbeats the request is retried and the next route is tried") {
    Given again;
    with_early_heartbeats(again).upstream.script = {{.status = 500}, good({"data: ok\n\ndata: FINISH\n\n"})};
    again.send("stream a hi");
    again.loop.advance(milliseconds(50));
    CHECK(again.client.answer == "~");
    again.loop.advance(milliseconds(251));
    CHECK(again.upstream.requests.size() == 2);
    CHECK(again.client.answer.ends_with("~ok."));
    CHECK(again.client.ended);
    CHECK(again.loop.timers() == 0);

    Given next;
    with_early_heartbeats(next).stamp.hold = true;
    next.upstream.script = {{.status = 503}, good({"data: ok\n\ndata: FINISH\n\n"})};
    next.send("stream ab hi");
    next.loop.advance(milliseconds(50));
    next.stamp.hold = false;
    auto& [request, done] = next.stamp.waiting.at(0);
    done(std::move(request));
    next.loop.run();
    CHECK(next.client.answer == "~ok.");
    CHECK(next.upstream.requests.at(1).url == "http://upstream.test/b");

    Given silent;  // the upstream has responded, but has sent no event yet
    with_early_heartbeats(silent).upstream.script = {{.ends = false}};
    silent.send("stream ab hi");
    silent.loop.advance(milliseconds(50));
    CHECK(silent.client.answer == "~");
    silent.listener().on_gone();
}

TEST_CASE("a failure after early heartbeats is the stream's last event") {
    Given given;
    with_early_heartbeats(given).upstream.script = {{.status = 500}, {.status = 400, .pieces = {" too hot"}}};
    given.send("stream a hi");
    given.loop.advance(milliseconds(50));
    given.loop.advance(milliseconds(251));
    CHECK(given.status() == 200);
    CHECK(given.client.answer.ends_with("~<upstream said 400 too hot>"));
    CHECK(given.client.ended);
    CHECK(given.hook.seen.back() == "failed");
    CHECK(given.loop.timers() == 0);

    Given failing;
    with_early_heartbeats(failing).settings.upstream.attempts = 2;
    failing.upstream.script = {{.status = 500}, {.status = 500}};
    failing.send("stream a hi");
    failing.loop.advance(milliseconds(50));
    failing.loop.advance(milliseconds(251));
    CHECK(failing.client.answer.ends_with("~<the upstream failed with status 500>"));

    Given stopped;
    with_early_heartbeats(stopped).upstream.script = {{.status = 0, .ends = false}};
    stopped.send("stream a hi");
    stopped.loop.advance(milliseconds(50));
    stopped.listener().on_stop();
    CHECK(stopped.client.answer == "~<the gateway is stopping>");
    CHECK(stopped.client.ended);
}

TEST_CASE("early heartbeats end with the first byte of a response, and after it no attempt follows") {
    Given given;
    with_early_heartbeats(given).upstream.script = {{.pieces = {"data: Hel\n\n"}, .ends = false}};
    given.send("stream a hi");
    CHECK(given.client.answer_head.headers.has("x-gatehouse-route"));
    given.loop.advance(milliseconds(500));
    CHECK(given.client.answer == "Hel");
    given.listener().on_gone();

    Given broken;
    with_early_heartbeats(broken).stamp.hold = true;
    broken.upstream.script = {{.pieces = {"data: Hel\n\n"}, .breaks = Error{ErrorKind::upstream, "reset"}}};
    broken.send("stream ab hi");
    broken.loop.advance(milliseconds(50));
    auto& [request, done] = broken.stamp.waiting.at(0);
    done(std::move(request));
    broken.loop.run();
    CHECK(broken.client.answer == "~Hel<reset>");
    CHECK(broken.upstream.requests.size() == 1);
}

TEST_CASE("a dialect without heartbeats keeps the status of an error") {
    Given given;
    given.dialect.silent_heart = true;
    with_early_heartbeats(given).upstream.script = {{.status = 400}};
    given.stamp.hold = true;
    given.send("stream a hi");
    given.loop.advance(milliseconds(100));
    CHECK(!given.client.begun);
    auto& [request, done] = given.stamp.waiting.at(0);
    done(std::move(request));
    given.loop.run();
    CHECK(given.status() == 400);
}

TEST_CASE("a client that leaves during early heartbeats ends the request, also if its response is drained") {
    for (const char* action : {"cancel", "drain"}) {
        Given given;
        given.provider.on_disconnect = action;
        with_early_heartbeats(given).upstream.script = {{.status = 0, .ends = false}};
        given.client.leaves = true;  // at the first heartbeat
        given.send("stream a hi");
        given.loop.advance(milliseconds(50));
        CHECK(given.client.answer == "~");
        given.flow.reset();
        given.loop.advance(milliseconds(60'000));
        CHECK(given.upstream.running == 0);
        CHECK(given.loop.timers() == 0);
    }
}

TEST_CASE("a request is counted by the chosen attributes of its client") {
    const std::string sample =
        "gatehouse_attribute_requests_total{attribute=\"groups\",status=\"2xx\",value=\"red\"} 1";
    for (const bool chosen : {false, true}) {
        Given given;
        given.authenticator.groups = {"red"};
        if (chosen) given.settings.metrics.attributes = {"groups"};
        given.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"})};
        given.send("a hi");
        CHECK(given.counts(sample) == chosen);
    }
    Given refused;
    refused.settings.metrics.attributes = {"groups"};
    refused.send("a hi", "wrong");
    CHECK_FALSE(refused.counts(sample));
}
