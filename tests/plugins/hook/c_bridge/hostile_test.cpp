// SPDX-License-Identifier: Apache-2.0
// Libraries that break the rules of c_hook.h: the request fails, and the log has the reason.
#include "tests/plugins/hook/c_bridge/script.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const std::string internal = "500: internal error | bad: ";
const std::vector<Event> hello = {TextDelta{"hello"}, Finish{}};

std::string refused_create() {
    try {
        testing::FakeHost host;
        CBridge hook(enter(entry, sizeof entry), Options{.library = ""}, host);
        return "";
    } catch (const KeyError& error) {
        return error.path + ": " + error.what();
    }
}

}  // namespace

TEST_CASE("a hook that cannot be created is refused with its reason, and released") {
    script = {};
    script.create = fails(R"({"key":"s","message":"s is odd"})");
    CHECK(refused_create() == "settings.s: s is odd");
    CHECK(script.created == 0);
    script.create = fails("{");
    CHECK(refused_create() ==
          "library: bad cannot be used: the error of create, of 1 bytes, is not valid JSON");
    script.create = answers("x");
    CHECK(refused_create() == "library: bad cannot be used: out->answer was called in create, which may not");
    script.create = [](auto) {};
    script.null_instance = true;
    CHECK(refused_create() == "library: bad cannot be used: create returned null without out->fail");
    CHECK(script.created == 0);
    script = {};
}

TEST_CASE("a mistake in begin or request fails the request") {
    Bench bench;
    script.begin = fails(R"({"message":"not now","kind":"unavailable"})");
    CHECK(bench.ask() == "503: not now | ");
    script.begin = answers("x");
    CHECK(bench.ask() == internal + "out->answer was called in begin, which may not");
    script.begin = [](auto) {};
    script.null_state = true;
    CHECK(bench.ask() == internal + "begin returned null without out->fail");
    script.null_state = false;
    const std::vector<std::pair<Speak, std::string>> mistakes = {
        {fails("[]"), "the error is not a JSON object"},
        {fails(R"({"message":"a","knid":"b"})"),
         "the error has a member \"knid\" that this gateway does not know"},
        {fails(R"({"message":""})"), "\"message\" of the error must be a string that is not empty"},
        {fails(R"({"message":"a","kind":"odd"})"),
         "\"kind\" of the error must be a kind that gatehouse/c.h lists"},
        {fails(std::string(70'000, 'x')), "the error has 70000 bytes, more than the bound 65536"},
        {passes("x"), "out->text was called in request, which may not"},
        {[](auto out) {
             out->answer(out->context, {nullptr, 5});
         },
         "the answer is a null pointer with a size of 5"},
        {[](auto out) {
             answers("a")(out);
             answers("b")(out);
         },
         "out->answer was called twice in request"},
    };
    for (const auto& [speak, message] : mistakes) {
        script.request = speak;
        CHECK(bench.ask() == internal + message);
        CHECK_FALSE(bench.state->decides());
    }
}

TEST_CASE("only a chat can be answered") {
    Bench bench;
    script.request = answers("x");
    CHECK(bench.ask(EmbeddingRequest{.model = "m", .inputs = {"a"}}) ==
          internal + "out->answer was called for the operation embed, but only a chat can be answered");
    CHECK(bench.ask(ChatRequest{.completion = TextCompletion{}}) ==
          internal + "out->answer was called for the operation completion, but only a chat can be answered");
}

TEST_CASE("a mistake in text or flush fails the response, and nothing follows it") {
    Bench bench;
    REQUIRE(bench.ask() == "continues");
    script.text = [](auto out, const auto&) { answers("x")(out); };
    CHECK(bench.pass(hello) == Lines{internal + "out->answer was called in text, which may not"});
    testing::Events later;
    bench.state->event(TextDelta{"more"}, later);
    bench.state->end(later);
    CHECK(later.list.empty());

    REQUIRE(bench.ask() == "continues");
    script.text = [](auto, const auto&) {};
    script.flush = fails(R"({"message":"no"})");
    CHECK(bench.pass(hello) == Lines{"403: no | "});

    REQUIRE(bench.ask() == "continues");
    script.flush = [](auto out) { out->text(out->context, {nullptr, 1}); };
    CHECK(bench.pass({TextDelta{"a"}}) == Lines{internal + "a text is a null pointer with a size of 1"});
}

TEST_CASE("the output of a call is limited") {
    Bench bench;
    REQUIRE(bench.ask() == "continues");
    script.text = [](auto out, const auto&) {
        out->text(out->context, bytes(std::string(16 * 1024 * 1024 + 1, 'x')));
    };
    CHECK(bench.pass(hello) ==
          Lines{internal + "a text has 16777217 bytes, more than max_event_bytes 16777216"});
    REQUIRE(bench.ask() == "continues");
    script.text = [](auto out, const auto&) {
        for (int i = 0; i < 600'000; ++i) out->text(out->context, bytes("x"));
    };
    CHECK(bench.pass(hello).back() ==
          internal + "text passes on more than max_response_bytes, 67108864, in one call");
}

TEST_CASE("output after the call that received it is a mistake of the next call") {
    Bench bench;
    const gatehouse_c_hook_out* kept = nullptr;
    script.request = [&](auto out) { kept = out; };
    REQUIRE(bench.ask() == "continues");
    passes("late")(kept);
    CHECK(bench.pass(hello) == Lines{internal + "out->text was called outside of the call that received it"});
}
