// SPDX-License-Identifier: Apache-2.0
// The cache through its entry point: which chats it answers, which answers it keeps, and a
// store that fails.
#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

ChatRequest chat(std::string text = "question", bool stream = false) {
    ChatRequest request{.model = "m", .messages = {{.parts = {Text{std::move(text)}}}}, .stream = stream};
    request.sampling.temperature = 0;
    return request;
}

const std::vector<Event> answer = {AnswerInfo{.id = "first", .headers = {{"anthropic-ratelimit-a", "1"}}},
                                   TextDelta{"good "}, TextDelta{"answer"}, Finish{},
                                   Usage{.prompt = 3, .completion = 2, .total = 5}};

struct Fixture {
    FakeHost host;
    FakeStore store;
    FakeRequest client{.who = {"ci"}};
    Table table = {};
    std::string authenticator = "door";

    Fixture() { host.given_store = &store; }

    void header(std::string value) { client.head.headers = {{"x-gatehouse-cache", std::move(value)}}; }

    /// "hit: TEXT", or "miss" or "" (no header) after the upstream's answer has passed.
    std::string ask(Operation operation, const std::vector<Event>& events = answer,
                    const RequestOutcome& outcome = {.status = 200}, int attempt = 1) {
        auto hook = create<Hook>(gatehouse_plugin, table, host);
        REQUIRE(hook);
        const RequestInfo info{client.id, client.who, client.head, authenticator};
        auto state = (*hook)->begin(info);
        REQUIRE(state->request(operation));
        std::optional<Result<Verdict>> verdict;
        if (state->decides()) {
            state->decide(operation, into(verdict));
            for (auto& timer : host.timers) timer();
            host.timers.clear();
            REQUIRE(verdict);
            REQUIRE(*verdict);
        }
        Events out;
        const bool hit = verdict && (**verdict).answers;
        if (!hit) pass(*state, events, attempt, out);
        http::Headers headers;
        state->response(headers);
        state->done(outcome);
        const std::string said(headers.get("x-gatehouse-cache"));
        return hit ? said + ": " + text((**verdict).events) : said;
    }

    static void pass(HookState& state, const std::vector<Event>& events, int attempt, Events& out) {
        state.attempt({"p", "r", attempt});
        for (const Event& event : events) state.event(event, out);
        state.end(out);
        CHECK(out.list.size() == events.size());
    }
    double counted(const std::string& meter, const std::string& label = "") {
        return host.meters[meter].numbers[label];
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an equal chat gets the kept answer, streaming or not") {
    CHECK(ask(chat()) == "miss");
    CHECK(ask(chat()) == "hit: good answer");
    CHECK(ask(chat("question", true)) == "hit: good answer");
    CHECK(ask(chat("another")) == "miss");
    ChatRequest other_model = chat();
    other_model.model = "n";
    CHECK(ask(other_model) == "miss");
    CHECK(counted("requests_total", "hit") == 2);
    CHECK(counted("requests_total", "miss") == 3);
    CHECK(counted("stored_total") == 3);
    CHECK(counted("saved_tokens_total", "prompt") == 6);
    CHECK(counted("saved_tokens_total", "completion") == 4);
}

TEST_CASE_FIXTURE(Fixture, "another client, and a client of the same name at another door, gets nothing") {
    CHECK(ask(chat()) == "miss");
    client.who = {.name = "ci", .id = "7"};
    CHECK(ask(chat()) == "miss");
    authenticator = "gate";
    CHECK(ask(chat()) == "miss");
    CHECK(ask(chat()) == "hit: good answer");
}

TEST_CASE_FIXTURE(Fixture, "an answer expires, and has neither the id nor the limits of the first one") {
    CHECK(ask(chat()) == "miss");
    store.time = std::chrono::seconds(3'599);
    std::optional<Result<Verdict>> verdict;
    Operation operation = chat();
    auto hook = create<Hook>(gatehouse_plugin, table, host);
    const RequestInfo info{client.id, client.who, client.head, authenticator};
    auto state = (*hook)->begin(info);
    REQUIRE(state->request(operation));
    state->decide(operation, into(verdict));
    const auto infos = all<AnswerInfo>((*verdict.value()).events);
    REQUIRE(infos.size() == 1);
    CHECK(infos[0].id.empty());
    CHECK(infos[0].headers.size() == 0);
    CHECK(all<Usage>((*verdict.value()).events).at(0).total == 5);
    store.time = std::chrono::seconds(3'600);
    CHECK(ask(chat()) == "miss");
}

TEST_CASE_FIXTURE(Fixture, "the configuration and the client's header choose the chats") {
    ChatRequest warm = chat(), seeded = chat();
    warm.sampling.temperature.reset();
    seeded.sampling.temperature = 1;
    seeded.sampling.seed = 4;
    CHECK(ask(warm) == "");
    CHECK(ask(seeded) == "miss");
    CHECK(ask(ModelsRequest{}) == "");
    header("on");
    CHECK(ask(warm) == "miss");
    CHECK(ask(warm) == "hit: good answer");
    header("off");
    CHECK(ask(seeded) == "");
    header("refresh");
    CHECK(ask(seeded, {TextDelta{"new"}, Finish{}}) == "miss");
    client.head = {};
    CHECK(ask(seeded) == "hit: new");
    table = strings({{"when", "requested"}});
    CHECK(ask(seeded) == "");
    table = strings({{"when", "always"}});
    CHECK(ask(warm) == "hit: good answer");
}

TEST_CASE_FIXTURE(Fixture, "chats whose upstream searches or runs tools are not cached") {
    ChatRequest searching = chat(), tooled = chat(), called = chat();
    searching.web_search_options = {"{}"};
    tooled.tools = {{.type = "web_search", .json = {"{\"type\":\"web_search\"}"}}};
    called.tools = {{.name = "f"}};
    CHECK(ask(searching) == "");
    CHECK(ask(tooled) == "");
    CHECK(ask(called) == "miss");
}

TEST_CASE_FIXTURE(Fixture, "failed, cut, refused, filtered, large and foreign answers are not kept") {
    const Error error{ErrorKind::upstream, "broken"};
    const std::vector<Event> large = {TextDelta{std::string(2'000'000, 'x')}, Finish{}};
    CHECK(ask(chat(), answer, {.error = &error, .status = 502}) == "miss");
    CHECK(ask(chat(), answer, {.status = 200, .client_left = true}) == "miss");
    CHECK(ask(chat(), {TextDelta{"half"}}) == "miss");
    CHECK(ask(chat(), {RefusalDelta{"no"}, Finish{}}) == "miss");
    CHECK(ask(chat(), {TextDelta{"x"}, Finish{FinishReason::content_filter}}) == "miss");
    CHECK(ask(chat(), large) == "miss");
    CHECK(ask(chat(), answer, {.status = 200}, 0) == "miss");
    CHECK(store.size().records == 0);
    CHECK(ask(chat(std::string(1'100'000, 'x'))) == "");
    CHECK(ask(chat(), {TextDelta{"short"}, Finish{FinishReason::length}}) == "miss");
    CHECK(ask(chat()) == "hit: short");
}

TEST_CASE_FIXTURE(Fixture, "the events of a failed attempt are not part of the kept answer") {
    auto hook = create<Hook>(gatehouse_plugin, table, host);
    const RequestInfo info{client.id, client.who, client.head, authenticator};
    auto state = (*hook)->begin(info);
    Operation operation = chat();
    std::optional<Result<Verdict>> verdict;
    REQUIRE(state->request(operation));
    state->decide(operation, into(verdict));
    Events first, second;
    pass(*state, {TextDelta{"lost"}}, 1, first);
    pass(*state, answer, 2, second);
    state->done({.status = 200});
    CHECK(ask(chat()) == "hit: good answer");
}

TEST_CASE_FIXTURE(Fixture, "a store that fails, hangs or has other bytes leads to the upstream") {
    store.failure = Error{ErrorKind::unavailable, "away"};
    CHECK(ask(chat()) == "miss");
    CHECK(counted("requests_total", "failed") == 1);
    CHECK(counted("stored_total") == 0);
    store.failure.reset();
    store.holds = true;
    CHECK(ask(chat()) == "miss");
    CHECK(counted("requests_total", "failed") == 2);
    store.holds = false;
    store.release();
    CHECK(ask(chat()) == "hit: good answer");
}

TEST_CASE_FIXTURE(Fixture, "a cache without a store is a mistake of the configuration") {
    host.given_store = nullptr;
    auto made = create<Hook>(gatehouse_plugin, table, host);
    REQUIRE(!made);
    CHECK(made.error().message == "store: the cache needs a store: name a [store.NAME] of this file");
}
