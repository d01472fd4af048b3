// SPDX-License-Identifier: Apache-2.0
// Hooks that ask a service about a response: the response waits for them.
#include "tests/core/request/given.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <thread>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::fakes;

namespace {

/// Holds back each text until its completion is called.  Texts with an `x` block the rest.
struct Guard final : Hook {
    struct State final : HookState {
        explicit State(Guard& g) : guard(g) {}
        void attempt(const AttemptInfo&) override { held.clear(); }
        void event(Event event, EventSink&) override {
            asks = asks || std::holds_alternative<TextDelta>(event);
            held.push_back(std::move(event));
        }
        void end(EventSink& next) override {
            ++guard.ends;
            if (!asks) pass(next);
        }
        bool waits() const override { return asks; }
        void wait(Completion<void> done) override { guard.waiting.push_back(std::move(done)); }
        void resume(EventSink& next) override {
            asks = false;
            pass(next);
        }
        void pass(EventSink& next) {
            for (Event& event : std::exchange(held, {})) next.emit(std::move(event));
        }
        void done(const RequestOutcome& outcome) override {
            guard.outcome = outcome.error ? outcome.error->message : "done";
        }
        Guard& guard;
        std::vector<Event> held;
        bool asks = false;
    };
    std::unique_ptr<HookState> begin(const RequestInfo&) override { return std::make_unique<State>(*this); }

    std::deque<Completion<void>> waiting;
    std::string outcome;
    int ends = 0;
};

struct TwoGuards {
    Guard first, second;
};
/// A flow whose responses pass `second`, then `first`.
struct Guarded : TwoGuards, Given {
    explicit Guarded(bool both = false) {
        hooks = {{"first", &first}};
        if (both) hooks.push_back({"second", &second});
    }
    ~Guarded() {
        first.waiting.clear();
        second.waiting.clear();
        loop.run();
    }
    void allow(Guard& guard) {
        REQUIRE(!guard.waiting.empty());
        auto done = std::move(guard.waiting.front());
        guard.waiting.pop_front();
        done({});
        loop.run();
    }
};

}  // namespace

TEST_CASE("a stream waits for the hook, piece by piece") {
    Guarded given;
    given.upstream.script = {good({"data: one\n\n", "data: two\n\n", "data: FINISH\n\n"})};
    given.send("b hi");
    CHECK(given.client.answer.find("one") == std::string::npos);
    given.allow(given.first);
    CHECK(given.client.answer.find("one") != std::string::npos);
    while (!given.first.waiting.empty()) given.allow(given.first);
    CHECK(given.client.answer.find("two") != std::string::npos);
    CHECK(given.first.outcome == "done");
    CHECK(given.first.ends == 1);
    CHECK(given.loop.timers() == 0);
}

TEST_CASE("a non-streaming response waits for both hooks, one after the other") {
    Guarded given(true);
    given.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("a hi");
    CHECK(given.first.waiting.empty());
    while (!given.second.waiting.empty()) given.allow(given.second);
    CHECK(given.client.answer.empty());
    std::thread([&] {
        auto done = std::move(given.first.waiting.at(0));
        given.first.waiting.clear();
        done({});
    }).join();
    given.loop.run();
    CHECK(given.client.answer == "ok.");
    CHECK(given.first.ends == 1);
    CHECK(given.second.ends == 1);
    CHECK(given.loop.timers() == 0);
}

TEST_CASE("an error of the hook fails the request, and no other route is tried") {
    Guarded given;
    given.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"}),
                             good({"data: other\n\ndata: FINISH\n\n"})};
    given.send("both hi");
    auto done = std::move(given.first.waiting.at(0));
    given.first.waiting.clear();
    done(Error{ErrorKind::unavailable, "could not be checked"});
    given.loop.run();
    CHECK(given.status() == 503);
    CHECK(given.client.answer == "could not be checked");
    CHECK(given.upstream.requests.size() == 1);
    CHECK(given.first.outcome == "could not be checked");
}

TEST_CASE("a hook that does not complete within hook_timeout_ms fails the response with 504") {
    Guarded given;
    given.settings.server.hook_timeout_ms = 5'000;
    given.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("a hi");
    REQUIRE(!given.first.waiting.empty());
    given.loop.advance(std::chrono::milliseconds(5'001));
    CHECK(given.status() == 504);
    CHECK(given.client.answer == "a check of the response did not end in time");
}

TEST_CASE("a client that leaves while a hook waits leaves a completion without effect") {
    Guarded given;
    given.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("a hi");
    REQUIRE(!given.first.waiting.empty());
    given.listener().on_gone();
    CHECK_FALSE(given.first.outcome.empty());
    given.allow(given.first);
    CHECK(given.client.answer.empty());
    CHECK(given.loop.timers() == 0);
}

TEST_CASE("a response that a hook keeps in memory keeps its place among max_concurrent_requests") {
    Guarded given;
    Admission admission(given.metrics);
    admission.set_limits({.max_concurrent_requests = 1, .max_queued = 0});
    given.admission = &admission;
    given.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("a hi");
    given.listener().on_gone();
    given.flow.reset();
    NoWaiter next;
    CHECK(!admission.enter("another", given.loop, next));
    given.first.waiting.clear();
    given.loop.run();
    CHECK(admission.enter("another", given.loop, next));
}

TEST_CASE("the answer of a hook waits for the hooks before it") {
    struct Answering final : Hook {
        struct State final : HookState {
            bool decides() const override { return true; }
            void decide(Operation&, Completion<Verdict> done) override {
                done(Verdict::answer({TextDelta{"from cache"}, Finish{}}));
            }
        };
        std::unique_ptr<HookState> begin(const RequestInfo&) override { return std::make_unique<State>(); }
    } answering;
    Guarded given;
    given.hooks.push_back({"answering", &answering});
    given.send("a hi");
    CHECK(given.client.answer.empty());
    given.allow(given.first);
    CHECK(given.client.answer == "from cache.");
    CHECK(given.upstream.requests.empty());
}
