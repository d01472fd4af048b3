// SPDX-License-Identifier: Apache-2.0
// The facts and texts that a library receives, the texts that pass, and the example in C.
#include "tests/plugins/hook/c_bridge/script.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

/// The example with the word "tulip".
struct Words {
    Words() : hook(load(WORDS), Options{.library = "", .settings = {{"word", {"tulip"}}}}, host) {}
    Lines pass(std::vector<Event> given) {
        Operation operation = ChatRequest{};
        auto state = hook.begin(request.info());
        REQUIRE(state->request(operation));
        testing::Events events;
        for (Event& event : given) state->event(std::move(event), events);
        state->end(events);
        CHECK_FALSE(state->waits());
        return lines(events.list);
    }
    testing::FakeHost host;
    testing::FakeRequest request;
    CBridge hook;
};

/// The text of all text lines.
std::string joined(const Lines& lines) {
    std::string out;
    for (const std::string& line : lines)
        if (line.starts_with("text ")) out += line.substr(5);
    return out;
}

}  // namespace

TEST_CASE("a library receives the facts and all texts of a request, but no header") {
    Bench bench;
    bench.request.head.headers = {{"authorization", "Bearer sk-secret"}};
    CHECK(bench.ask() == "continues");
    CHECK(
        script.info ==
        R"({"id":"req_test","client":"ci","client_id":"u-1","groups":["red"],"operation":"chat","model":"m"})");
    CHECK(script.asked == "hi");
    const std::vector<std::pair<Operation, std::string>> others = {{TokenCountRequest{}, "count_tokens"},
                                                                   {EmbeddingRequest{}, "embed"},
                                                                   {RerankRequest{}, "rerank"},
                                                                   {ModelsRequest{}, "models"},
                                                                   {RawRequest{.body = "b"}, "raw"}};
    for (const auto& [operation, name] : others) {
        CHECK(bench.ask(operation) == "continues");
        CHECK(script.info.find("\"operation\":\"" + name + "\"") != std::string::npos);
    }
    CHECK(script.asked == "b");
}

TEST_CASE("an answer of a library is the answer to each choice") {
    Bench bench;
    script.request = answers("pong");
    ChatRequest request;
    request.sampling.n = 2;
    Operation operation = request;
    CHECK(bench.ask(operation) == "continues");
    REQUIRE(bench.state->decides());
    std::optional<Result<Verdict>> verdict;
    bench.state->decide(operation, testing::into(verdict));
    REQUIRE(verdict);
    REQUIRE(*verdict);
    CHECK((**verdict).answers);
    const auto texts = testing::all<TextDelta>((**verdict).events);
    REQUIRE(texts.size() == 2);
    CHECK(texts[1].choice == 1);
    CHECK(texts[1].text == "pong");
    CHECK(testing::all<Finish>((**verdict).events).size() == 2);
}

TEST_CASE("text is flushed at the end of its channel, and before any other event of its choice") {
    Bench bench;
    REQUIRE(bench.ask() == "continues");
    bench.state->attempt({});
    (void)bench.pass({ReasoningDelta{"r"}, TextDelta{"a"}, TextDelta{"b", 1}, TextDelta{"c"},
                      Finish{.choice = 0}, RefusalDelta{"d", 1}});
    CHECK(script.calls == Lines{"attempt", "text 1 0 r", "flush 1 0", "text 0 0 a", "text 0 1 b",
                                "text 0 0 c", "flush 0 0", "flush 0 1", "text 2 1 d", "flush 2 1"});
}

TEST_CASE("a failed attempt leaves no text to flush") {
    Bench bench;
    REQUIRE(bench.ask() == "continues");
    testing::Events events;
    bench.state->event(TextDelta{"a"}, events);
    script.calls.clear();
    bench.state->attempt({});
    bench.state->end(events);
    CHECK(script.calls == Lines{"attempt"});
}

TEST_CASE("log probabilities pass only if the library does not read texts") {
    const std::vector<Event> given = {LogprobsDelta{.tokens = {{.token = "tulip"}}}, Finish{}};
    Bench reads;
    REQUIRE(reads.ask() == "continues");
    CHECK(reads.pass(given) == Lines{"finish stop"});
    gatehouse_c_hook_door door = entry;
    door.text = nullptr;
    door.flush = nullptr;
    script = {};
    reads.state.reset();
    reads.hook.reset();
    script = {};
    Bench blind(door);
    REQUIRE(blind.ask() == "continues");
    CHECK(blind.pass(given).size() == 2);
}

TEST_CASE("the end of a request is told once the library has seen it") {
    Bench bench;
    bench.state = bench.hook->begin(bench.request.info());
    bench.state->done({.status = 403});
    CHECK(script.outcome == "");
    REQUIRE(bench.ask() == "continues");
    const Usage usage{.prompt = 3, .completion = 5};
    bench.state->done({.status = 200,
                       .provider = "quill",
                       .route = "small",
                       .attempts = 1,
                       .usage = &usage,
                       .total = std::chrono::microseconds(1200)});
    CHECK(script.outcome ==
          R"({"status":200,"client_left":false,"attempts":1,"provider":"quill","model":"small",)"
          R"("prompt":3,"completion":5,"total_us":1200})");
}

TEST_CASE("the example refuses a request with its word") {
    Words words;
    auto state = words.hook.begin(words.request.info());
    Operation operation = ChatRequest{.messages = {{.parts = {Text{"a tulip"}}}}};
    const auto taken = state->request(operation);
    REQUIRE_FALSE(taken);
    CHECK(status_of(taken.error()) == 403);
    CHECK(taken.error().message == "the request has a forbidden word");
    CHECK(taken.error().code == "word");
}

TEST_CASE("the example masks its word, cut at any two bytes") {
    Words words;
    const std::string whole = "tutulip \xE2\x82\xAC tulitulip tuli";
    const std::string masked = "tu*** \xE2\x82\xAC tuli*** tuli";
    auto inside = [&](std::size_t at) { return at < whole.size() && (whole[at] & 0xC0) == 0x80; };
    for (std::size_t a = 0; a <= whole.size(); ++a)
        for (std::size_t b = a; b <= whole.size(); ++b) {
            if (inside(a) || inside(b)) continue;
            const Lines seen = words.pass({TextDelta{whole.substr(0, a)}, TextDelta{whole.substr(a, b - a)},
                                           TextDelta{whole.substr(b)}, Finish{}});
            CHECK(joined(seen) == masked);
            CHECK(seen.back() == "finish stop");
        }
}

TEST_CASE("the example keeps the choices apart, and refuses more than it has room for") {
    Words words;
    const Lines seen = words.pass({TextDelta{"tul"}, TextDelta{"x", 1}, TextDelta{"ip"}, Finish{}});
    CHECK(joined(seen).find("***") != std::string::npos);
    auto state = words.hook.begin(words.request.info());
    Operation operation = ChatRequest{};
    REQUIRE(state->request(operation));
    testing::Events events;
    state->event(TextDelta{"a", 128}, events);
    CHECK(state->waits());
    CHECK(events.list.empty());
}
