// SPDX-License-Identifier: Apache-2.0
// The events that a library may emit, for each operation.  Other events are a defect, and the
// log has the reason.
#include "tests/plugins/provider/c_bridge/script.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

TEST_CASE("every event of a chat arrives") {
    const Clean clean;
    script.end = emits(
        {R"({"type":"info","created":7,"service_tier":"Flex"})", R"({"type":"reasoning","text":"hm"})",
         R"({"type":"text","text":"Gr\u00fc\u00df"})", R"({"type":"refusal","text":"no","choice":1})",
         R"({"type":"tool_call","index":0,"id":"c1","name":"f","arguments":"{\"a\":"})",
         R"({"type":"tool_call","index":0,"arguments":"1}"})", R"({"type":"tool_call","index":1,"name":"g"})",
         R"({"type":"logprobs","tokens":[{"token":"a","logprob":-1,"top":[{"token":"b","logprob":-2}]}]})",
         R"({"type":"citation","url":"http://x","title":"X","start":1,"end":2})",
         R"({"type":"extra","place":"message","members":{"a" : [1, null]}})",
         R"({"type":"finish","reason":"stop","choice":0})",
         R"({"type":"finish","reason":"length","choice":1})",
         R"({"type":"usage","prompt":3,"completion":2,"cached":1,"reasoning":2})"});
    CHECK(chat(2) == Lines{"info 7 flex", "reasoning hm", "text Gr\xC3\xBC\xC3\x9F", "refusal#1 no",
                           "call 0 id=c1 name=f {\"a\":", "call 0 1}", "call 1 id=call_* name=g ",
                           "logprobs a=-1.0,b=-2.0;", "citation http://x X 1-2",
                           "extra message {\"a\":[1,null]}", "call 1 {}", "finish tool_calls",
                           "finish#1 length", "usage 3+2=5 cached=1 reasoning=2"});
}

TEST_CASE("the optional members of events arrive, and are absent if the library does not send them") {
    const Clean clean;
    Bench bench;
    const ChatRequest request;
    auto events_of = [&](std::vector<std::string> events) {
        script.end = emits(std::move(events));
        auto exchange = bench.provider.chat(request);
        REQUIRE((*exchange)->request());
        testing::Events out;
        REQUIRE((*exchange)->end(out));
        return out.list;
    };
    auto found = events_of(
        {R"({"type":"info","id":"r1","model":"m2","prompt_tokens":3})",
         R"({"type":"logprobs","refusal":true,"tokens":[{"token":"a","logprob":-1,"bytes":[97,0,255],)"
         R"("top":[{"token":"b","logprob":-2,"bytes":[]}]}]})",
         R"({"type":"citation","url":"u","extra":{"a" : 1},"inner_extra":{"b":2}})",
         R"({"type":"finish","reason":"stop","native":"end_turn","stop_sequence":"END","details":{"c":3}})",
         R"({"type":"usage","prompt":3,"cache_written":2,"extra":{"cost":0.5},"prompt_extra":{"d":4},)"
         R"("completion_extra":{"e":5}})"});
    REQUIRE(found.size() == 5);
    const auto& info = std::get<AnswerInfo>(found[0]);
    CHECK(info.id == "r1");
    CHECK(info.model == "m2");
    CHECK(info.prompt_tokens == 3);
    const auto& logprobs = std::get<LogprobsDelta>(found[1]);
    CHECK(logprobs.refusal);
    CHECK(logprobs.tokens[0].bytes == std::string("a\0\xFF", 3));
    CHECK(logprobs.tokens[0].top[0].bytes == "");
    CHECK(std::get<Citation>(found[2]).extra.text == R"({"a":1})");
    CHECK(std::get<Citation>(found[2]).inner_extra.text == R"({"b":2})");
    const auto& end = std::get<Finish>(found[3]);
    CHECK(end.native == "end_turn");
    CHECK(end.stop_sequence == "END");
    CHECK(end.details.text == R"({"c":3})");
    const auto& usage = std::get<Usage>(found[4]);
    CHECK(usage.cache_written == 2);
    CHECK(usage.extra.text == R"({"cost":0.5})");
    CHECK(usage.prompt_extra.text == R"({"d":4})");
    CHECK(usage.completion_extra.text == R"({"e":5})");

    found = events_of({R"({"type":"info"})", R"({"type":"logprobs","tokens":[{"token":"a","logprob":-1}]})",
                       finish, R"({"type":"usage","prompt":3})"});
    CHECK_FALSE(std::get<AnswerInfo>(found[0]).prompt_tokens);
    CHECK_FALSE(std::get<LogprobsDelta>(found[1]).refusal);
    CHECK_FALSE(std::get<LogprobsDelta>(found[1]).tokens[0].bytes);
    CHECK(std::get<Finish>(found[2]).details.empty());
    CHECK_FALSE(std::get<Usage>(found[3]).cache_written);
    CHECK(std::get<Usage>(found[3]).extra.empty());
}

TEST_CASE("a call of a custom tool keeps its free text and its unknown members") {
    const Clean clean;
    Bench bench;
    const ChatRequest request;
    script.end =
        emits({R"({"type":"tool_call","index":0,"id":"c1","name":"f","arguments":"not ","custom":true,)"
               R"("extra":{"a":1},"inner_extra":{"b":2}})",
               R"({"type":"tool_call","index":0,"arguments":"JSON {","custom":true})", finish});
    auto exchange = bench.provider.chat(request);
    REQUIRE((*exchange)->request());
    testing::Events out;
    REQUIRE((*exchange)->end(out));
    std::string text;
    for (const auto& call : testing::all<ToolCallDelta>(out.list)) {
        CHECK(call.custom);
        text += call.arguments;
    }
    CHECK(text == "not JSON {");
    const auto& first = std::get<ToolCallDelta>(out.list.at(0));
    CHECK(first.extra.text == R"({"a":1})");
    CHECK(first.inner_extra.text == R"({"b":2})");
    CHECK(defect_of({R"({"type":"tool_call","index":0,"name":"f","custom":1})"}) ==
          "\"custom\" of the event \"tool_call\" must be true or false");
}

TEST_CASE("a library never receives tokens as the input of embeddings") {
    const Clean clean;
    Bench bench;
    const Lines found = run(bench.provider.embed({.model = "m", .tokens = {{"[1]"}}}));
    REQUIRE(found.size() == 1);
    CHECK(found[0].starts_with("error 400: the provider of this model takes texts as input, not tokens"));
}

TEST_CASE("an optional member of a wrong type is a defect with a reason") {
    const Clean clean;
    CHECK(defect_of({R"({"type":"info","prompt_tokens":-1})"}) ==
          "\"prompt_tokens\" of the event \"info\" must be an integer between 0 and 9007199254740992");
    CHECK(defect_of({R"({"type":"citation","url":"u","extra":[]})"}) ==
          "\"extra\" of the event \"citation\" must be an object");
    CHECK(defect_of({R"({"type":"logprobs","tokens":[{"token":"a","logprob":-1,"bytes":[256]}]})"}) ==
          "\"bytes\" of a token of the event \"logprobs\" must be a list of integers between 0 and 255");
    CHECK(defect_of({R"({"type":"finish","reason":"stop","details":"x"})"}) ==
          "\"details\" of the event \"finish\" must be an object");
}

TEST_CASE("invalid and misplaced events are a defect with a reason") {
    const Clean clean;
    CHECK(defect_of({"{\"type\":"}) == "an event, of 8 bytes, is not valid JSON");
    CHECK(defect_of({""}) == "an event, of 0 bytes, is not valid JSON");
    CHECK(defect_of({"[]"}) == "an event is not a JSON object");
    CHECK(defect_of({"{}"}) == "an event lacks \"type\"");
    CHECK(defect_of({R"({"type":"txet"})"}) ==
          "an event has the type \"txet\", which this gateway does not know");
    CHECK(defect_of({R"({"type":"text","text":5})"}) == "\"text\" of the event \"text\" must be a string");
    CHECK(defect_of({R"({"type":"text","text":"","chioce":1})"}) ==
          "the event \"text\" has a member \"chioce\" that this gateway does not know");
    CHECK(defect_of({R"({"type":"tool_call","index":-1,"name":"f"})"}) ==
          "\"index\" of the event \"tool_call\" must be an integer between 0 and 2147483647");
    CHECK(defect_of({R"({"type":"text","text":"a","choice":1})"}) ==
          "an event is for choice 1, but the client requested 1; choices count from 0");
    CHECK(defect_of({R"({"type":"finish","reason":"done"})"}) ==
          "\"reason\" of the event \"finish\" must be one of stop, length, tool_calls, content_filter");
    CHECK(defect_of({finish, R"({"type":"text","text":"a"})"}) ==
          "an event came after the finish of its choice");
    CHECK(defect_of({finish, finish}) == "an event came after the finish of its choice");
    CHECK(defect_of({R"({"type":"text","text":"a"})"}) == "choice 0 ends without a finish event");
    CHECK(defect_of({R"({"type":"usage","prompt":1})"}) == "the response ends without a finish event");
    CHECK(defect_of({finish, R"({"type":"usage","prompt":1})", R"({"type":"usage","prompt":1})"}) ==
          "an event came after the usage event, which must be the last event");
    CHECK(defect_of({R"({"type":"text","text":"a"})", R"({"type":"info"})"}) ==
          "an info event came after another event");
    CHECK(defect_of({R"({"type":"embedding","index":0,"vector":[1]})"}) ==
          "an event does not belong to the response of a chat");
    CHECK(defect_of({R"({"type":"extra","place":"top","members":{}})"}) ==
          "\"place\" of the event \"extra\" must be one of answer, choice, message");
}

TEST_CASE("an event with any byte replaced is an event or a defect") {
    const Clean clean;
    const std::string good =
        R"({"type":"tool_call","index":0,"id":"c\u00e9","name":"f","arguments":"{\"a\":-1.5e3}"})";
    for (std::size_t at = 0; at < good.size(); ++at)
        for (const char byte : {'\0', '"', '\\', '{', ']', '-', '9', '\xC3'}) {
            std::string changed = good;
            changed[at] = byte;
            script.end = emits({changed, finish});
            const Lines found = chat();
            REQUIRE_FALSE(found.empty());
            CHECK((found.back() == "finish tool_calls" || found.back() == "finish stop" ||
                   is_one_error(found)));
        }
}

TEST_CASE("arguments that are not valid JSON reach the client") {
    const Clean clean;
    script.end = emits({R"({"type":"tool_call","index":0,"name":"f","arguments":"{"})",
                        R"({"type":"finish","reason":"stop"})"});
    CHECK(chat() == Lines{"call 0 id=call_* name=f {", "finish tool_calls"});
}

TEST_CASE("pointers and sizes that cannot be are a defect") {
    const Clean clean;
    const std::string huge = "\"" + std::string(20'000'000, 'a') + "\"";
    int taken = 7;
    auto end = [&](Speak speak) {
        script.end = std::move(speak);
        return chat()[0];
    };
    CHECK(end([](auto out) {
              out->emit(out->context, {nullptr, 5});
          }) == "error 500: internal error | bad: an event is a null pointer with a size of 5");
    CHECK(end([&](auto out) { taken = out->emit(out->context, bytes(huge)); }) ==
          "error 500: internal error | bad: an event has 20000002 bytes, more than max_event_bytes 16777216");
    CHECK(taken == 0);
    CHECK(end([](auto out) { out->text(out->context, -1, bytes("a")); }) ==
          "error 500: internal error | bad: out->text was given the choice -1");
    CHECK(end([&](auto out) {
              for (int i = 0; i < 10; ++i)
                  out->text(out->context, 0, bytes(std::string_view(huge).substr(1, 10'000'000)));
          }) ==
          "error 500: internal error | bad: end emits more than max_response_bytes, 67108864, in one call");
    CHECK(end([&](auto out) {
              while (out->text(out->context, 0, bytes("a"))) {
              }
          }) ==
          "error 500: internal error | bad: end emits more than max_response_bytes, 67108864, in one call");
    CHECK(end([](auto out) {
              out->emit(nullptr, bytes("{}"));
              out->fail(nullptr, bytes("{}"));
          }) == "error 500: internal error | bad: the response ends without a finish event");
}

TEST_CASE("a function of out is refused where it does not belong") {
    const Clean clean;
    script.request = [](auto out) { out->text(out->context, 0, bytes("a")); };
    CHECK(chat() == Lines{"error 500: internal error | bad: out->text was called in request, which may not"});
    script.request = [](auto) {};
    script.end = requests(R"({"url":"http://x"})");
    CHECK(chat() == Lines{"error 500: internal error | bad: out->request was called in end, which may not"});
    // The pointer is kept after the call, which is not allowed.
    const gatehouse_c_out* kept = nullptr;
    script.request = [&](auto out) { kept = out; };
    script.end = emits({finish});
    Bench bench;
    const ChatRequest request;
    auto exchange = bench.provider.chat(request);
    REQUIRE((*exchange)->request());
    kept->emit(kept->context, bytes(finish));
    testing::Events events;
    auto ended = (*exchange)->end(events);
    REQUIRE_FALSE(ended);
    CHECK(ended.error().detail == "bad: out->emit was called outside of the call that received it");
}

TEST_CASE("each operation has OpenAI's format and its own events") {
    const Clean clean;
    Bench bench;
    ChatRequest request{.model = "m", .stream = true};
    request.messages.push_back({.parts = {Text{"Hi"}}});
    request.extra.text = R"({"new_field":[1]})";
    script.end = emits({finish});
    CHECK(run(bench.provider.chat(request)) == Lines{"finish stop"});
    CHECK(script.operation == "chat");
    CHECK(script.asked == R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"new_field":[1],)"
                          R"("messages":[{"role":"user","content":"Hi"}]})");

    request.completion = TextCompletion{.prompts = {.text = "[[1]]"}};
    request.messages.clear();
    CHECK(run(bench.provider.chat(request))[0].starts_with("error 400: prompt must be one text"));

    const EmbeddingRequest embeddings{.model = "m", .inputs = {"a", "b"}, .dimensions = 2};
    script.end =
        emits({R"({"type":"embedding","index":1,"vector":[1,2]})",
               R"({"type":"embedding","index":0,"vector":[0.5]})", R"({"type":"usage","prompt":2})"});
    CHECK(run(bench.provider.embed(embeddings)) == Lines{"other", "other", "usage 2+0=2"});
    CHECK(script.operation == "embed");
    CHECK(script.asked == R"({"model":"m","input":["a","b"],"encoding_format":"float","dimensions":2})");
    auto embedding = [&](std::vector<std::string> events) {
        script.end = emits(std::move(events));
        return run(bench.provider.embed(embeddings))[0];
    };
    const std::string first = R"({"type":"embedding","index":0,"vector":[1]})";
    CHECK(embedding({first}).ends_with("bad: input 1 has no embedding"));
    CHECK(embedding({first, first}).ends_with("bad: two events have the index 0"));
    CHECK(embedding({R"({"type":"embedding","index":2,"vector":[1]})"})
              .ends_with("bad: an event has the index 2, but there are 2 inputs"));
    CHECK(embedding({R"({"type":"embedding","index":0,"vector":[1e99]})"})
              .ends_with("bad: \"vector\" of the event \"embedding\" must be a list of numbers that fit a "
                         "float, at most 65536 and not none"));
    CHECK(embedding({finish}).ends_with("bad: an event does not belong to the response of embeddings"));

    script.end = emits({R"({"type":"ranking","index":1,"score":0.9})"});
    CHECK(run(bench.provider.rerank({.model = "m", .query = "q", .documents = {"a", "b"}, .top_n = 1})) ==
          Lines{"other"});
    CHECK(script.asked == R"({"model":"m","query":"q","documents":["a","b"],"top_n":1})");

    script.end = emits({R"({"type":"model","id":"a","context_window":8})"});
    CHECK(run(bench.provider.models()) == Lines{"other"});
    CHECK(script.operation == "models");
    CHECK(script.asked == "{}");
}
