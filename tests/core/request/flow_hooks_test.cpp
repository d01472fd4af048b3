// SPDX-License-Identifier: Apache-2.0
// Hooks that wait, answer, hold back events and add headers.
#include "tests/core/request/given.hpp"

#include <doctest/doctest.h>

#include <set>
#include <thread>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::fakes;

namespace {

/// A hook made of functions; a missing one does nothing.
struct Scriptable final : Hook {
    struct State final : HookState {
        explicit State(Scriptable& h, const RequestInfo& i) : hook(h), info(i) {}
        ~State() override { ++hook.destroyed; }
        bool decides() const override { return bool(hook.on_decide); }
        void decide(Operation& operation, Completion<Verdict> done) override {
            hook.on_decide(operation, info, std::move(done));
        }
        Result<void> request(Operation& operation) override {
            if (hook.rename.size()) std::get<ChatRequest>(operation).model = hook.rename;
            hook.seen.push_back("request");
            return {};
        }
        void attempt(const AttemptInfo& attempt) override {
            hook.seen.push_back(std::to_string(attempt.number) + " " + std::string(attempt.provider) + "/" +
                                std::string(attempt.model));
        }
        void response(http::Headers& headers) override {
            if (hook.throws) throw std::runtime_error("/secret/path");
            for (const auto& [name, value] : hook.headers) headers.add(name, value);
        }
        void event(Event event, EventSink& next) override {
            if (hook.holds)
                held.push_back(std::move(event));
            else
                next.emit(std::move(event));
        }
        void end(EventSink& next) override {
            for (Event& event : held) next.emit(std::move(event));
        }
        void done(const RequestOutcome& outcome) override {
            hook.seen.push_back(outcome.error ? "failed" : "done");
            if (hook.on_done) hook.on_done(outcome, info);
        }
        Scriptable& hook;
        const RequestInfo& info;
        std::vector<Event> held;
    };
    std::unique_ptr<HookState> begin(const RequestInfo& info) override {
        return std::make_unique<State>(*this, info);
    }

    std::function<void(Operation&, const RequestInfo&, Completion<Verdict>)> on_decide;
    std::function<void(const RequestOutcome&, const RequestInfo&)> on_done;
    http::Headers headers;
    std::string rename;
    std::vector<std::string> seen;
    std::vector<Completion<Verdict>> waiting;
    int destroyed = 0;
    bool holds = false, throws = false;

    void waits() {
        on_decide = [this](Operation&, const RequestInfo&, Completion<Verdict> done) {
            waiting.push_back(std::move(done));
        };
    }
    void answers(std::vector<Event> events) {
        on_decide = [events](Operation&, const RequestInfo&, Completion<Verdict> done) {
            done(Verdict::answer(events));
        };
    }
};

struct TwoHooks {
    Scriptable first, second;
};
/// A request flow with the hook `first`, then the hook `second`, which outlive it.
struct Hooked : TwoHooks, Given {
    Hooked() { hooks = {{"first", &first}, {"second", &second}}; }
    ~Hooked() {
        first.waiting.clear();
        second.waiting.clear();
        loop.run();
    }
};

using Seen = std::vector<std::string>;
const std::vector<Event> cached = {TextDelta{"from "}, TextDelta{"cache"}, Finish{},
                                   Usage{.prompt = 1, .completion = 2, .total = 3}};

}  // namespace

TEST_CASE("a request waits for a hook that decides later, on another thread") {
    Hooked given;
    given.first.waits();
    given.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("a hi");
    CHECK(given.upstream.requests.empty());
    CHECK(given.second.seen.empty());
    std::thread([&] { given.first.waiting.at(0)(Verdict::go_on()); }).join();
    given.loop.run();
    CHECK(given.client.answer == "ok.");
    CHECK(given.second.seen == Seen{"request", "1 first/a", "done"});
    CHECK(given.loop.timers() == 0);
}

TEST_CASE("hooks decide one after the other, at once or later") {
    Hooked given;
    given.first.on_decide = [](Operation& operation, const RequestInfo&, Completion<Verdict> done) {
        std::get<ChatRequest>(operation).messages.at(0).parts = {Text{"changed"}};
        done(Verdict::go_on());
    };
    given.second.waits();
    given.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("a hi");
    given.second.waiting.at(0)(Verdict::go_on());
    given.loop.run();
    CHECK(given.client.answer == "ok.");
    CHECK(given.upstream.requests.at(0).body == "changed");
    CHECK(given.loop.timers() == 0);
}

TEST_CASE("a hook refuses a request after waiting") {
    Hooked given;
    given.first.waits();
    given.send("a hi");
    given.first.waiting.at(0)(Error{ErrorKind::forbidden, "not allowed"});
    given.loop.run();
    CHECK(given.status() == 403);
    CHECK(given.client.answer == "not allowed");
    CHECK(given.first.seen == Seen{"request", "failed"});
    CHECK(given.second.seen == Seen{"failed"});
    CHECK(given.upstream.requests.empty());
}

TEST_CASE("a hook that drops its completion or throws fails only its request") {
    for (const bool throws : {true, false}) {
        Hooked given;
        given.first.on_decide = [&](Operation&, const RequestInfo&, Completion<Verdict>) {
            if (throws) throw std::runtime_error("/secret/path");
        };
        given.send("a hi");
        CHECK(given.status() == 500);
        CHECK(given.client.answer == "internal error");
    }
}

TEST_CASE("a hook that does not complete within hook_timeout_ms fails the request with 504") {
    Hooked given;
    given.settings.server.hook_timeout_ms = 2'000;
    given.first.waits();
    given.send("a hi");
    given.loop.advance(milliseconds(1'999));
    CHECK(!given.client.ended);
    given.loop.advance(milliseconds(1));
    CHECK(given.status() == 504);
    CHECK(given.client.answer == "a check of the request did not end in time");
    given.first.waiting.at(0)(Verdict::go_on());
    given.loop.run();
    CHECK(given.upstream.requests.empty());
    CHECK(given.first.seen == Seen{"request", "failed"});
}

TEST_CASE("a client that disconnects while a hook waits leaves a completion without effect") {
    for (const bool half_close : {true, false}) {
        Hooked given;
        given.first.waits();
        given.first.on_done = [](const RequestOutcome& outcome, const RequestInfo&) {
            CHECK(outcome.client_left);
            CHECK(outcome.status == 0);
        };
        given.send("a hi");
        half_close ? given.listener().on_half_close() : given.listener().on_gone();
        CHECK(given.first.seen == Seen{"request", "failed"});
        given.flow.reset();
        CHECK(given.first.destroyed == 0);  // the hook may still run on another thread
        given.first.waiting.at(0)(Verdict::answer(cached));
        given.first.waiting.clear();
        given.loop.run();
        CHECK(given.first.destroyed == 1);
        CHECK(given.upstream.requests.empty());
        CHECK(given.loop.timers() == 0);
    }
}

TEST_CASE("a request that a hook keeps in memory keeps its place among max_concurrent_requests") {
    Hooked given;
    Admission admission(given.metrics);
    admission.set_limits({.max_concurrent_requests = 1, .max_queued = 0});
    given.admission = &admission;
    given.first.waits();
    given.send("a hi");
    given.listener().on_gone();
    given.flow.reset();
    NoWaiter next;
    CHECK(!admission.enter("another", given.loop, next));
    given.first.waiting.clear();
    given.loop.run();
    CHECK(admission.enter("another", given.loop, next));
}

TEST_CASE("the stop of the gateway ends a request that waits for a hook") {
    Hooked given;
    given.first.waits();
    given.send("a hi");
    given.listener().on_stop();
    CHECK(given.status() == 503);
    given.first.waiting.clear();
    given.loop.run();
}

TEST_CASE("a hook answers instead of an upstream, and its events pass the hooks before it") {
    for (const std::string mode : {"", "stream "}) {
        Hooked given;
        given.first.holds = true;
        given.second.answers(cached);
        given.second.holds = true;
        given.first.headers = {{"x-cache", "hit"}};
        given.second.on_done = [&](const RequestOutcome& outcome, const RequestInfo&) {
            CHECK(outcome.attempts == 0);
            CHECK(outcome.provider == "");
            CHECK(outcome.stream == !mode.empty());
            REQUIRE(outcome.usage);
            CHECK(outcome.usage->total == 3);
        };
        given.send(mode + "a hi");
        CHECK(given.status() == 200);
        CHECK(given.client.answer == "from cache.");
        CHECK(given.client.ended);
        CHECK(given.client.answer_head.headers.get("x-cache") == "hit");
        CHECK(!given.client.answer_head.headers.has("x-gatehouse-route"));
        CHECK(given.first.seen == Seen{"request", "0 /", "done"});
        CHECK(given.second.seen == Seen{"request", "done"});
        CHECK(given.upstream.requests.empty());
    }
}

TEST_CASE("a hook's answer to a chat needs a Finish event") {
    Hooked given;
    given.first.answers({TextDelta{"half"}});
    given.send("a hi");
    CHECK(given.status() == 500);
    CHECK(given.client.answer == "internal error");
}

TEST_CASE("a hook's answer may be the last that a client takes") {
    Hooked given;
    given.first.answers(cached);
    given.client.leaves = true;
    given.send("stream a hi");
    CHECK(given.first.seen.back() == "failed");
}

TEST_CASE("a hook knows the request's id, client and headers, and each attempt's route") {
    Hooked given;
    given.upstream.script = {{.status = 503},
                             {.pieces = {"data: ok\n\n", "data: FINISH\n\ndata: USAGE\n\n"}}};
    std::string id;
    given.first.on_done = [&](const RequestOutcome& outcome, const RequestInfo& info) {
        id = info.id;
        CHECK(info.who.name == "tester");
        CHECK(info.head.headers.get("authorization") == "in");
        CHECK(outcome.error == nullptr);
        CHECK(outcome.status == 200);
        CHECK(outcome.model == "ab");
        CHECK(outcome.provider == "second");
        CHECK(outcome.route == "b");
        CHECK(outcome.attempts == 2);
        REQUIRE(outcome.usage);
        CHECK(outcome.usage->total == 10);
        CHECK(outcome.bytes_in == 5);
        CHECK(outcome.bytes_out == 3);
        CHECK(outcome.first_token);
        CHECK(outcome.upstream);
        CHECK(outcome.total.count() >= outcome.first_token->count());
    };
    given.send("ab hi");
    CHECK(id == given.client.answer_head.headers.get("x-request-id"));
    CHECK(given.first.seen == Seen{"request", "1 first/a", "2 second/b", "done"});
}

TEST_CASE("hooks add headers to a response, a stream and an error, and replace none") {
    for (auto [body, script, status] : {std::tuple{"a hi", good({"data: ok\n\ndata: FINISH\n\n"}), 200},
                                        {"stream a hi", good({"data: ok\n\ndata: FINISH\n\n"}), 200},
                                        {"a hi", Scripted{.status = 400}, 400}}) {
        Hooked given;
        given.first.headers = {
            {"x-budget", "3"}, {"x-request-id", "mine"}, {"X-GATEHOUSE-ROUTE", "no/where"}};
        given.second.headers = {{"X-Budget", "4"}, {"x-second", "yes"}};
        given.upstream.script = {script};
        given.send(body);
        const http::Headers& headers = given.client.answer_head.headers;
        CHECK(given.status() == status);
        CHECK(headers.get("x-budget") == "3");
        CHECK(headers.get("x-second") == "yes");
        CHECK(headers.get("x-request-id").starts_with("req_"));
        CHECK(headers.get("x-gatehouse-route") == "first/a");
        CHECK(std::ranges::count_if(headers, [](const auto& field) {
                  return http::equal_ignoring_case(field.first, "x-budget");
              }) == 1);
    }
}

TEST_CASE("a hook that throws when it adds headers does not stop a complete response") {
    Hooked given;
    given.first.throws = true;
    given.second.headers = {{"x-second", "yes"}};
    given.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("a hi");
    CHECK(given.client.answer == "ok.");
    CHECK(given.client.answer_head.headers.get("x-second") == "yes");
}

TEST_CASE("a hook holds back a stream to its end, at most max_response_bytes") {
    Hooked given;
    given.first.holds = true;
    given.settings.upstream.max_response_bytes = 1'000;
    const std::string text(400, 'x');
    given.upstream.script = {{.pieces = {"data: " + text + "\n\n", "data: " + text + "\n\n"}, .ends = false}};
    given.send("stream a hi");
    CHECK(given.client.answer.empty());
    CHECK(given.memory.held() == 800);
    given.listener().on_gone();
    given.flow.reset();
    CHECK(given.memory.held() == 0);

    Hooked whole;
    whole.first.holds = true;
    whole.settings.upstream.max_response_bytes = 1'000;
    whole.upstream.script = {good({"data: " + text + "\n\n", "data: " + text + "\n\n", "data: FINISH\n\n"})};
    whole.send("stream a hi");
    CHECK(whole.client.answer == text + text + ".");

    for (const std::string mode : {"", "stream "}) {
        Hooked too_much;
        too_much.first.holds = true;
        too_much.settings.upstream.max_response_bytes = 1'000;
        too_much.upstream.script = {
            {.pieces = {"data: " + text + "\n\n", "data: " + text + "\n\n", "data: " + text + "\n\n"},
             .ends = false}};
        too_much.send(mode + "a hi");
        CHECK(too_much.status() == 500);
        CHECK(too_much.client.answer == "the response is larger than the gateway may hold back");
        CHECK(too_much.upstream.running == 0);
    }
}

TEST_CASE("a hook that drops the finish event of a chat fails the request") {
    struct Dropping final : Hook {
        struct State final : HookState {
            void event(Event event, EventSink& next) override {
                if (!std::holds_alternative<Finish>(event)) next.emit(std::move(event));
            }
        };
        std::unique_ptr<HookState> begin(const RequestInfo&) override { return std::make_unique<State>(); }
    } dropping;
    Given given;
    given.hooks = {{"dropping", &dropping}};
    given.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"})};
    given.send("a hi");
    CHECK(given.status() == 500);
    CHECK(given.client.answer == "internal error");
}

TEST_CASE("model permissions hold for the name that the client wrote, whatever a hook makes of it") {
    Hooked renamed;
    renamed.first.rename = "b";
    renamed.upstream.script = {good({"data: ok\n\ndata: FINISH\n\n"})};
    renamed.send("a hi", "a only");
    CHECK(renamed.client.answer == "ok.");
    CHECK(renamed.upstream.requests.at(0).url == "http://upstream.test/b");

    Hooked refused;
    refused.first.rename = "a";
    refused.send("b hi", "a only");
    CHECK(refused.status() == 404);
    CHECK(refused.client.answer == "The model 'b' does not exist or you do not have access to it.");
    CHECK(refused.first.seen == Seen{"failed"});
}

TEST_CASE("calls of a formatter are noted under the name of the dialect's instance") {
    std::set<std::string> noted;
    const auto note = [&] {
        for (const CallSlot* slot : call_slots()) {
            CallSlot::Calls calls;
            if (!slot->read(calls) || calls.count == 0) continue;
            const NotedCall& call = calls.calls[calls.count - 1];
            noted.insert(std::string(call.instance.data()) + " " + call.member);
        }
    };
    const std::set<std::string> both = {"plain ResponseFormatter::end", "plain ResponseFormatter::event"};
    SUBCASE("the response of an upstream") {
        Given given;
        given.dialect.on_format = note;
        given.upstream.script = {good({"data: hello\n\ndata: FINISH\n\n"})};
        given.send("a hi");
        CHECK(given.status() == 200);
        CHECK(noted == both);
    }
    SUBCASE("the response of a hook") {
        Hooked given;
        given.dialect.on_format = note;
        given.second.answers(cached);
        given.send("a hi");
        CHECK(given.status() == 200);
        CHECK(noted == both);
    }
}
