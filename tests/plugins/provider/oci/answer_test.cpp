// SPDX-License-Identifier: Apache-2.0
// Non-streaming GENERIC responses: the recorded ones, and each member of table
// 8.2.
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

/// A response with one choice that has these members and an index.
std::string with_choice(const std::string& members) {
    return R"({"chatResponse":{"apiFormat":"GENERIC","choices":[{"index":0,)" + members + "}]}}";
}
std::string with_message(const std::string& members) {
    return with_choice(R"("finishReason":"stop","message":{"role":"ASSISTANT",)" + members + "}");
}

}  // namespace

TEST_CASE("the recorded answers give their text, calls, reasoning and usage") {
    const std::pair<const char*, Lines> recorded[] = {
        {"resp-generic-llama.json",
         {"info 1789760819",
          "text Why did the OpenTelemetry span go to therapy?\n\nBecause it was struggling to \"trace\" its "
          "roots and was "
          "feeling a little \"distributed\"! (get it?)",
          "finish stop", "usage 43+35=78"}},
        {"resp-generic-openai.json",
         {"info 1789760827 default",
          "text Why did the OpenTelemetry engineer break up with their partner?\n\nBecause every time they "
          "asked, “How "
          "are we doing?” the answer was, “It depends on your sampling rate.”",
          "finish stop", "usage 25+39=64 cached=0 reasoning=0 accepted=0"}},
        {"resp-generic-reasoning.json",
         {"info 1773738307", "reasoning 7 * 8 = 56.", "text 56", "finish stop",
          "usage 12+1=120 reasoning=107"}},
        {"resp-generic-toolcalls.json",
         {"info 0", "call 0 id=chatcmpl-tool-a52781794a76726d name=get_weather {\"city\": \"Paris\"}",
          "finish tool_calls", "usage 245+23=268"}},
    };
    for (const auto& row : recorded) {
        const auto& file = row.first;
        const auto& expected = row.second;
        CAPTURE(file);
        Bench bench;
        const ChatRequest request = ask();
        int wrong = 0;
        testing::replay_cut_everywhere(bench.provider, request, fixture(file),
                                       [&](const auto& result) { wrong += lines(result) != expected; });
        CHECK(wrong == 0);
        CHECK(whole(fixture(file)) == expected);
    }
}

TEST_CASE("text parts are joined; parts without text and parts of other types are ignored") {
    CHECK(
        whole(with_message(
            R"("content":[{"type":"TEXT","text":"a"},{"type":"TEXT"},{"type":"TEXT","text":null},{"type":"IMAGE","imageUrl":{"url":"x"}},{"type":"TEXT","text":"b"}])")) ==
        Lines{"text ab", "finish stop"});
    CHECK(whole(with_message(R"("content":"plain")")) == Lines{"text plain", "finish stop"});
    for (const char* none :
         {R"("content":[])", R"("content":null)", R"("toolCalls":[])", R"("annotations":[])"})
        CHECK(whole(with_message(none)) == Lines{"finish stop"});
}

TEST_CASE("a non-streaming response without a finish reason or without a message is complete") {
    CHECK(whole(with_choice(R"("message":{"content":[{"type":"TEXT","text":"a"}]})")) ==
          Lines{"text a", "finish stop"});
    CHECK(whole(with_choice(R"("message":{"content":[{"type":"TEXT","text":"a"}]},"finishReason":null)")) ==
          Lines{"text a", "finish stop"});
    CHECK(whole(with_choice(R"("finishReason":"length")")) == Lines{"finish length"});
    CHECK(whole(with_choice(R"("message":null,"finishReason":"max_tokens")")) == Lines{"finish length"});
}

TEST_CASE("a tool call is complete in every form of its arguments and id") {
    CHECK(
        whole(with_message(
            R"("toolCalls":[{"type":"FUNCTION","name":"f","arguments":{"a": [1, "x"], "b": {}}},{"id":"","name":"g","arguments":null},{"id":"c","name":"h"}])")) ==
        Lines{"call 0 id=call_* name=f {\"a\":[1,\"x\"],\"b\":{}}", "call 1 id=call_* name=g ",
              "call 2 id=c name=h ", "call 1 {}", "call 2 {}", "finish tool_calls"});
    CHECK(whole(with_message(
              R"("toolCalls":[{"id":"c","type":"FUNCTION","function":{"name":"f","arguments":"{}"}}])")) ==
          Lines{"call 0 id=c name=f {}", "finish tool_calls"});
    // A number that no integer type holds is still valid JSON.
    CHECK(
        whole(with_message(
            R"("toolCalls":[{"id":"c","name":"f","arguments":"{\"n\":123456789012345678901234567890}"}])")) ==
        Lines{"call 0 id=c name=f {\"n\":123456789012345678901234567890}", "finish tool_calls"});
}

TEST_CASE("a call that the limit cut keeps the finish reason length; invalid arguments reach the client") {
    const std::string cut =
        R"("message":{"toolCalls":[{"id":"c","name":"f","arguments":"{\"a\":"}]},"finishReason":)";
    CHECK(whole(with_choice(cut + "\"length\"")) == Lines{"call 0 id=c name=f {\"a\":", "finish length"});
    CHECK(whole(with_choice(cut + "\"stop\"")) == Lines{"call 0 id=c name=f {\"a\":", "finish tool_calls"});
    for (const char* broken : {R"({\"a\": 1,})", R"({\"a\": \"b\"}<|call|>)", "no JSON", R"({'a': 1})"}) {
        CAPTURE(broken);
        const Lines found =
            whole(with_choice(R"("message":{"toolCalls":[{"id":"c","name":"f","arguments":")" +
                              std::string(broken) + R"("}]},"finishReason":"tool_calls")"));
        CHECK(found ==
              Lines{"call 0 id=c name=f " + Json::parse("\"" + std::string(broken) + "\"").get<std::string>(),
                    "finish tool_calls"});
    }
}

TEST_CASE("several choices keep their indices, or get them by position") {
    auto choice = [](const std::string& index, const std::string& text) {
        return "{" + index + R"("message":{"content":[{"type":"TEXT","text":")" + text +
               R"("}]},"finishReason":"stop"})";
    };
    auto answer = [](const std::string& choices) {
        return R"({"chatResponse":{"choices":[)" + choices + "]}}";
    };
    const Lines expected = {"text a", "text#1 b", "finish stop", "finish#1 stop"};
    CHECK(whole(answer(choice("\"index\":0,", "a") + "," + choice("\"index\":1,", "b"))) == expected);
    CHECK(whole(answer(choice("", "a") + "," + choice("", "b"))) == expected);
    CHECK(whole(answer(choice("\"index\":0,", "a") + "," + choice("\"index\":0,", "b"))) == expected);
    CHECK(whole(answer(choice("\"index\":1,", "b") + "," + choice("\"index\":0,", "a"))) ==
          Lines{"text#1 b", "text a", "finish stop", "finish#1 stop"});
}

TEST_CASE("times are read in every form that RFC 3339 allows, and Unix times too") {
    auto created = [](const std::string& time) {
        const Lines found =
            whole(R"({"chatResponse":{"timeCreated":)" + time + R"(,"choices":[{"finishReason":"stop"}]}})");
        return found.size() == 2 ? found[0] : std::string("none");
    };
    for (const char* time :
         {"\"2026-09-18T19:46:59.025Z\"", "\"2026-09-18T19:46:59Z\"", "\"2026-09-18T21:46:59+02:00\"",
          "\"2026-09-18t14:16:59.123456789-05:30\"", "1789760819", "1789760819025"})
        CHECK(created(time) == "info 1789760819");
    for (const char* time : {"\"\"", "\"yesterday\"", "\"2026-13-01T00:00:00Z\"", "\"2026-02-30T00:00:00Z\"",
                             "-5", "{}", "[]", "\"2026-09-18\"", "\"1900-01-01T00:00:00Z\"", "true"})
        CHECK(created(time) == "none");
}

TEST_CASE("logprobs in the legacy layout become tokens with their alternatives, best first") {
    CHECK(
        whole(with_choice(
            R"("message":{"content":[{"type":"TEXT","text":"ab"}]},"finishReason":"stop","logprobs":{"textOffset":[0,1],"tokens":["a","b"],"tokenLogprobs":[-1,-0.25],"topLogprobs":[{"z":-3,"a":-1},{}]})")) ==
        Lines{"text ab", "logprobs a=-1.0,a=-1.0,z=-3.0;b=-0.25;", "finish stop"});
    for (const char* none : {"{}", "null", "[]", R"({"tokens":"x","tokenLogprobs":[]})",
                             R"({"tokens":[1],"tokenLogprobs":[1]})"})
        CHECK(whole(with_choice(std::string(R"("finishReason":"stop","logprobs":)") + none)) ==
              Lines{"finish stop"});
}

TEST_CASE("refusals and annotations are passed on") {
    CHECK(
        whole(with_message(
            R"("refusal":"I cannot","content":null,"annotations":[{"type":"url_citation","urlCitation":{"startIndex":3,"endIndex":9,"title":"T","url":"https://e.example"}},{"type":"other"},7])")) ==
        Lines{"refusal I cannot", "citation https://e.example T 3-9",
              R"(extra message {"annotations":[{"type":"other"}]})", "finish stop"});
}

TEST_CASE("the web sources of Google's models are citations, and the rest of the grounding is kept") {
    const std::string chunks =
        R"("groundingChunks":[{"web":{"uri":"https://a.example","title":"A","domain":"a.example"}},{},{"web":{"uri":"https://b.example","domain":"b.example"}}])";
    auto grounded = [&](const std::string& members) {
        return with_choice(R"("finishReason":"stop","message":{"content":"text"},"groundingMetadata":{)" +
                           members + "}");
    };
    auto extra = [](const std::string& members) {
        return R"(extra choice {"grounding_metadata":{)" + members + "}}";
    };
    const std::string supported =
        R"("webSearchQueries":["q"],)" + chunks +
        R"(,"groundingSupports":[{"segment":{"startIndex":0,"endIndex":4,"text":"text"},"groundingChunkIndices":[2,0,1,9]},{"groundingChunkIndices":[0]},{"segment":7}])";
    CHECK(whole(grounded(supported)) ==
          Lines{"text text", "citation https://b.example b.example 0-4", "citation https://a.example A 0-4",
                "citation https://a.example A 0-0", extra(supported), "finish stop"});
    CHECK(whole(grounded(chunks)) == Lines{"text text", "citation https://a.example A 0-0",
                                           "citation https://b.example b.example 0-0", extra(chunks),
                                           "finish stop"});
    for (const char* none : {R"("groundingChunks":[])", R"("groundingChunks":7,"groundingSupports":{})",
                             R"("groundingSupports":[{"groundingChunkIndices":[0,-1,"x"]}])"})
        CHECK(whole(grounded(none)) == Lines{"text text", extra(none), "finish stop"});
    CHECK(whole(with_choice(R"("finishReason":"stop","groundingMetadata":[])")) == Lines{"finish stop"});
}

TEST_CASE("a response in another format than the request's is an error") {
    CHECK(whole(R"({"chatResponse":{"apiFormat":"COHERE","text":"hi","finishReason":"COMPLETE"}})") ==
          Lines{"error 502: OCI's response is invalid: its format is not GENERIC"});
}
