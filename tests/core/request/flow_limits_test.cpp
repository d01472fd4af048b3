// SPDX-License-Identifier: Apache-2.0
// Limiters: they wait, refuse and shorten, and each grant is settled once, whatever the end.
#include "tests/core/request/given.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::fakes;

namespace {

struct Settling final : Limiter {
    struct Permit final : Grant {
        explicit Permit(Settling& l) : limiter(l) {}
        ~Permit() override { ++limiter.destroyed; }
        bool progress(std::int64_t tokens) override {
            limiter.progress.push_back(tokens);
            return tokens < limiter.most_tokens;
        }
        void settle(const Bill& bill) override { limiter.bills.push_back(bill); }
        std::optional<Cost> cost() const override { return Cost{.nano = 2'000'000'000, .currency = "EUR"}; }
        Settling& limiter;
    };

    void admit(const LimitRequest& request, Completion<LimitDecision> done) override {
        asked.push_back(std::string(request.model) + " " + request.who.name + " " +
                        std::to_string(request.routes.size()) + " " + request.routes.at(0).provider);
        if (waits) return waiting.push_back(std::move(done));
        done(decision());
    }
    LimitDecision decision() {
        LimitDecision made;
        made.standing.headers = {{"x-rest", "7"}};
        made.max_output_tokens = output;
        if (refuses)
            made.refusal = {ErrorKind::rate_limited, "60 of 60 used"};
        else
            made.grant = std::make_unique<Permit>(*this);
        return made;
    }

    bool waits = false, refuses = false;
    std::optional<std::int64_t> output;
    std::int64_t most_tokens = 1'000'000;
    std::vector<std::string> asked;
    std::vector<Completion<LimitDecision>> waiting;
    std::vector<Bill> bills;
    std::vector<std::int64_t> progress;
    int destroyed = 0;
};

struct OneLimiter {
    Settling permits;
};
/// The limiter outlives the flow.
struct Limited : OneLimiter, Given {
    Limited() { limiter = {"quota", &permits}; }
    ~Limited() {
        permits.waiting.clear();
        loop.run();
    }
    const Bill& bill() const {
        REQUIRE(permits.bills.size() == 1);
        CHECK(permits.destroyed == 1);
        return permits.bills.front();
    }
};

const std::string answered = "data: ok\n\ndata: USAGE\n\ndata: FINISH\n\n";

}  // namespace

TEST_CASE("a request is admitted, and settled with its route and usage") {
    Limited given;
    given.upstream.script = {good({answered})};
    given.send("ab hi");
    CHECK(given.client.answer == "ok.");
    CHECK(given.client.answer_head.headers.get("x-rest") == "7");
    CHECK(given.permits.asked == std::vector<std::string>{"ab tester 2 first"});
    const Bill& bill = given.bill();
    CHECK(bill.status == 200);
    CHECK_FALSE(bill.client_left);
    REQUIRE(bill.attempts.size() == 1);
    CHECK(bill.attempts[0].route.provider == "first");
    CHECK(bill.attempts[0].route.model == "a");
    CHECK(bill.attempts[0].sent);
    CHECK(bill.attempts[0].consumed);
    REQUIRE(bill.attempts[0].usage);
    CHECK(bill.attempts[0].usage->prompt == 7);
    CHECK(given.loop.timers() == 0);
}

TEST_CASE("the cost that a limiter has found is counted for the client, the model and the route") {
    for (const bool listener : {false, true}) {
        Limited given;
        if (listener) given.settings.admin.listen = "127.0.0.1:8051";
        given.upstream.script = {good({answered})};
        given.send("a hi");
        CHECK(given.bill().status == 200);
        CHECK(given.counts(
                  "gatehouse_client_cost_total{client=\"tester\",currency=\"EUR\",model=\"a\",route=\"first/"
                  "a\"} 2") == listener);
    }
}

TEST_CASE("a refused request reaches no upstream, and counts for no breaker") {
    Limited given;
    given.permits.refuses = true;
    given.send("a hi");
    CHECK(given.status() == 429);
    CHECK(given.client.answer == "60 of 60 used");
    CHECK(given.client.answer_head.headers.get("x-rest") == "7");
    CHECK(given.upstream.requests.empty());
    CHECK(given.permits.bills.empty());
}

TEST_CASE("a request waits for the limiter, which completes on another thread") {
    Limited given;
    given.permits.waits = true;
    given.upstream.script = {good({answered})};
    given.send("a hi");
    CHECK(given.upstream.requests.empty());
    std::thread([&] { given.permits.waiting.at(0)(given.permits.decision()); }).join();
    given.loop.run();
    CHECK(given.client.answer == "ok.");
    CHECK(given.bill().attempts.size() == 1);
}

TEST_CASE("a grant that comes after the client has left is settled without an attempt") {
    Limited given;
    given.permits.waits = true;
    given.send("a hi");
    given.listener().on_half_close();
    given.loop.run();
    CHECK(given.permits.bills.empty());
    given.permits.waiting.at(0)(given.permits.decision());
    given.loop.run();
    CHECK(given.bill().attempts.empty());
    CHECK(given.bill().client_left);
    CHECK(given.upstream.requests.empty());
}

TEST_CASE("a limiter that does not complete in time ends the request, and its grant is settled") {
    Limited given;
    given.permits.waits = true;
    given.send("a hi");
    given.loop.advance(std::chrono::milliseconds(given.settings.server.hook_timeout_ms + 1));
    CHECK(given.status() == 503);
    given.permits.waiting.at(0)(given.permits.decision());
    given.loop.run();
    CHECK(given.bill().attempts.empty());
}

TEST_CASE("a limiter that fails ends the request with its error") {
    Limited given;
    given.permits.waits = true;
    given.send("a hi");
    given.permits.waiting.at(0)(Error{ErrorKind::unavailable, "no limits now"});
    given.loop.run();
    CHECK(given.status() == 503);
    CHECK(given.client.answer == "no limits now");
    CHECK(given.permits.bills.empty());
}

TEST_CASE("the bill has the failed attempts too") {
    Limited given;
    given.upstream.script = {{.status = 500}, good({answered})};
    given.send("ab hi");
    const Bill& bill = given.bill();
    REQUIRE(bill.attempts.size() == 2);
    CHECK(bill.attempts[0].route.provider == "first");
    CHECK(bill.attempts[0].sent);
    CHECK_FALSE(bill.attempts[0].consumed);
    CHECK_FALSE(bill.attempts[0].usage);
    CHECK(bill.attempts[1].route.provider == "second");
    CHECK(bill.attempts[1].consumed);
}

TEST_CASE(
    "the text of a stream whose client leaves is counted, and what the upstream sends until it notices") {
    Limited given;
    given.upstream.script = {{.pieces = {"data: expand\n\n"}, .ends = false}};
    given.send("stream a hi");
    given.listener().on_gone();
    given.loop.run();
    const Bill& bill = given.bill();
    CHECK(bill.client_left);
    REQUIRE(bill.attempts.size() == 1);
    CHECK(bill.attempts[0].consumed);
    CHECK(bill.attempts[0].output_tokens == 25'064);
    CHECK_FALSE(bill.attempts[0].usage);
}

TEST_CASE("the text that a hook holds back is counted") {
    struct Holding final : Hook {
        struct State final : HookState {
            void event(Event event, EventSink&) override { held.push_back(std::move(event)); }
            std::vector<Event> held;
        };
        std::unique_ptr<HookState> begin(const RequestInfo&) override { return std::make_unique<State>(); }
    };
    struct Held {
        Holding holding;
    };
    struct Both : Held, Limited {
        Both() { hooks = {{"hold", &holding}}; }
    } given;
    given.upstream.script = {{.pieces = {"data: twelve bytes\n\n"}, .ends = false}};
    given.send("stream a hi");
    given.listener().on_gone();
    given.loop.run();
    CHECK(given.bill().attempts.at(0).output_tokens == (12 + 32) / 4);
}

TEST_CASE("a client that leaves before the first token has let the upstream read its prompt") {
    Limited given;
    given.upstream.script = {{.ends = false}};
    given.send("a hi");
    given.listener().on_gone();
    given.loop.run();
    CHECK(given.bill().attempts.at(0).consumed);
    CHECK(given.bill().attempts.at(0).output_tokens == 0);
}

TEST_CASE("a response is ended if the limiter says so while it streams") {
    Limited given;
    given.permits.most_tokens = 20'000;
    given.upstream.script = {{.pieces = {"data: expand\n\n"}, .ends = false}};
    given.send("stream a hi");
    given.loop.run();
    CHECK(given.permits.progress == std::vector<std::int64_t>{25'000});
    CHECK(given.client.answer.ends_with("<the budget of this client is spent>"));
    CHECK(given.bill().attempts.at(0).output_tokens == 25'000);
    CHECK(given.upstream.running == 0);
}

TEST_CASE("lists of models are not limited") {
    Limited given;
    given.send("", "in", "GET", "/v1/models");
    CHECK(given.status() == 200);
    CHECK(given.permits.asked.empty());
}

TEST_CASE("the limit of the output is lowered, and never raised") {
    for (const std::int64_t most : {100, 400}) {
        Limited given;
        given.permits.output = most;
        given.dialect.sampling.max_tokens = 300;
        given.upstream.script = {good({answered})};
        std::optional<std::int64_t> sent;
        given.words.on_chat = [&](const ChatRequest& chat) { sent = chat.sampling.max_tokens; };
        given.send("a hi");
        CHECK(sent == std::min<std::int64_t>(most, 300));
    }
}
