// SPDX-License-Identifier: Apache-2.0
// The echo: its text, its rate, and its end.
#include "plugins/provider/echo/echo.hpp"

#include <doctest/doctest.h>
#include <gatehouse/testing.hpp>

using namespace gatehouse;
using namespace gatehouse::echo;
using namespace std::chrono_literals;

namespace {

ChatRequest ask(const std::string& text) {
    ChatRequest request;
    request.messages.push_back({.parts = {Text{text}}});
    return request;
}

testing::LocalEvents said(const ChatRequest& request, Options options = {.words_per_second = 0}) {
    testing::FakeHost host;
    Echo echo(options, host);
    testing::LocalEvents events;
    REQUIRE(echo.run(request, events));
    return events;
}

std::string param_of(const Operation& operation) {
    testing::FakeHost host;
    Echo echo({}, host);
    testing::LocalEvents events;
    auto result = echo.run(operation, events);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::unsupported);
    CHECK(events.list.empty());
    return result.error().param;
}

}  // namespace

TEST_CASE("words keep their blanks: joined, they are the text") {
    for (const char* text : {"", " ", "a", " a", "a ", "a b", "  two\n\nlines  \n", "Grüße, 世界 !"}) {
        std::string joined;
        for (std::string_view word : split(text)) joined += word;
        const bool has_words = std::string(text).find_first_not_of(" \n") != std::string::npos;
        CHECK(joined == (has_words ? text : ""));
    }
    CHECK(split(" a  b ").size() == 2);
}

TEST_CASE("an echo returns the last user text, with a finish and a word count") {
    const auto events = said(ask("one two three"));
    CHECK(testing::text(events.list) == "one two three");
    REQUIRE(testing::all<Finish>(events.list).size() == 1);
    CHECK(testing::all<Finish>(events.list)[0].reason == FinishReason::stop);
    const auto usage = testing::all<Usage>(events.list);
    REQUIRE(usage.size() == 1);
    CHECK(usage[0].prompt == 3);
    CHECK(usage[0].completion == 3);
    CHECK(testing::text(said(ask("hi"), {.words_per_second = 0, .prefix = "You said: "}).list) ==
          "You said: hi");
    CHECK(testing::all<Finish>(said(ask("")).list).size() == 1);
}

TEST_CASE("an echo returns the prompt of a text completion") {
    ChatRequest request = ask("once upon");
    request.completion = TextCompletion{.echo = false, .best_of = 1};
    CHECK(testing::text(said(request).list) == "once upon");
}

TEST_CASE("a limit cuts the answer, and all choices are the same") {
    ChatRequest request = ask("one two three");
    request.sampling.max_tokens = 2;
    request.sampling.n = 2;
    const auto events = said(request);
    for (int choice : {0, 1}) CHECK(testing::text(events.list, choice) == "one two");
    for (const Finish& finish : testing::all<Finish>(events.list))
        CHECK(finish.reason == FinishReason::length);
    CHECK(testing::all<Usage>(events.list)[0].completion == 4);
}

TEST_CASE("an echo waits before the first word, and between words at its rate") {
    CHECK(said(ask("one"), {.words_per_second = 10, .delay_ms = 70}).slept == 70ms);
    // The time that a test's sleep does not take is waited for again, so this is a bound.
    CHECK(said(ask("1 2 3"), {.words_per_second = 10}).slept >= 290ms);
}

TEST_CASE("an echo stops when its client has disconnected") {
    testing::FakeHost host;
    Echo echo({.words_per_second = 0}, host);
    testing::LocalEvents events;
    events.interest = 2;
    CHECK(echo.run(ask("one two three four"), events));
    CHECK(events.list.size() == 2);
}

TEST_CASE("an echo refuses unsupported fields by name") {
    ChatRequest request = ask("hi");
    request.tool_choice.mode = ToolChoice::Mode::required;
    CHECK(param_of(request) == "tool_choice");
    request = ask("hi");
    request.sampling.logprobs = true;
    CHECK(param_of(request) == "logprobs");
    request = ask("hi");
    request.response_format.kind = ResponseFormat::Kind::json_object;
    CHECK(param_of(request) == "response_format");
    auto completion = [](TextCompletion one) {
        ChatRequest request = ask("hi");
        request.completion = std::move(one);
        return param_of(request);
    };
    CHECK(completion({.prompts = {"[1]"}}) == "prompt");
    CHECK(completion({.suffix = "x"}) == "suffix");
    CHECK(completion({.echo = true}) == "echo");
    CHECK(completion({.best_of = 2}) == "best_of");
    CHECK(completion({.logprobs = 0}) == "logprobs");
    request = ask("hi");
    request.modalities = {R"(["text", "audio"])"};
    CHECK(param_of(request) == "modalities");
    request = ask("hi");
    request.web_search_options = {"{}"};
    CHECK(param_of(request) == "web_search_options");
    request = ask("hi");
    request.messages.push_back({.parts = {Text{"look"}, Image{"https://example.com/a.png"}}});
    CHECK(param_of(request) == "messages[1].content[1]");
    CHECK(param_of(EmbeddingRequest{}) == "model");
    CHECK(param_of(RerankRequest{}) == "model");
}

TEST_CASE("an echo refuses tools, unless tool_choice is none or ignore_tools is set") {
    ChatRequest request = ask("hi");
    request.tools.push_back({.name = "f"});
    CHECK(param_of(request) == "tools");
    CHECK(testing::text(said(request, {.words_per_second = 0, .ignore_tools = true}).list) == "hi");
    request.tool_choice.mode = ToolChoice::Mode::none;
    request.modalities = {R"([ "text" ])"};
    CHECK(testing::text(said(request).list) == "hi");
}

TEST_CASE("an echo stops at the first stop sequence, with finish reason stop") {
    ChatRequest request = ask("one two three");
    request.sampling.stop = {"three", "tw", ""};
    const auto events = said(request);
    CHECK(testing::text(events.list) == "one ");
    CHECK(testing::all<Finish>(events.list)[0].reason == FinishReason::stop);
}

TEST_CASE("an echo logs ignored fields once") {
    testing::FakeHost host;
    Echo echo({.words_per_second = 0}, host);
    testing::LocalEvents events;
    ChatRequest request = ask("hi");
    REQUIRE(echo.run(request, events));
    CHECK(host.logged.empty());
    request.sampling.seed = 7;
    request.reasoning_effort = "low";
    REQUIRE(echo.run(request, events));
    REQUIRE(host.logged.size() == 1);
    CHECK(host.logged[0].find("seed, reasoning_effort") != std::string::npos);
}
