// SPDX-License-Identifier: Apache-2.0
// GENERIC event streams: every fixture split at every byte, in other framings and
// in each vendor's wire format.
#include "tests/plugins/provider/oci/helpers.hpp"

#include <set>

using namespace gatehouse;
using namespace gatehouse::oci::test;

namespace {

struct Recorded {
    const char* file;
    Lines expected;
};

const std::vector<Recorded> recorded = {
    {"generic-finish-with-text-stream.sse", {"text Hello ", "finish stop"}},
    {"generic-gemini-multipart-stream.sse", {"text First part. Second part. Third part.", "finish stop"}},
    {"generic-gemini-tool-no-id-stream.sse",
     {"call 0 id=call_* name=get_weather {\"location\": \"Boston\"}", "finish tool_calls"}},
    {"generic-gptoss-fragment-stream.sse",
     {"call 0 id=call_abc123 name=get_weather {\"loc", "call 0 ation\": \"NYC\"}", "finish tool_calls"}},
    {"generic-grok-parallel-tools-stream.sse",
     {"call 0 id=call_weather name=get_weather {\"location\": \"Tokyo\"}",
      "call 1 id=call_time name=get_time {\"timezone\": \"PST\"}", "finish tool_calls"}},
    {"generic-grok-reasoning-stream.sse",
     {"reasoning 7 * 8 ", "text 5", "reasoning = 56.", "text 6", "finish stop", "usage 5+3=8 reasoning=0"}},
    {"generic-tools-fragment-stream.sse",
     {"call 0 id=chatcmpl-tool-e5f86a029 name=sqrt ", "call 0 {\"arg0\": \"", "call 0 16\"}",
      "call 1 id=chatcmpl-tool-13ee961b3 name=extractMagicalNumber ", "call 1 {\"arg1\": \"", "call 1 778\"",
      "call 1 , \"arg0\": \"", "call 1 556\"}", "finish tool_calls"}},
    {"generic-tools-whole-stream.sse",
     {"call 0 id=call_83516431 name=sqrt {\"arg0\":16}",
      "call 1 id=call_26154935 name=extractMagicalNumber {\"arg1\":778,\"arg0\":556}", "finish tool_calls"}},
};

const std::string llama_text =
    "Why did the OpenTelemetry span go to therapy?\n\nBecause it was struggling to \"trace\" its roots and "
    "was feeling "
    "a little \"distributed\"!";

}  // namespace

TEST_CASE("every recorded stream gives the same events wherever it is split") {
    Bench bench;
    const ChatRequest request = ask_stream();
    for (const Recorded& one : recorded) {
        CAPTURE(one.file);
        const std::string body = fixture(one.file);
        int wrong = 0;
        testing::replay_cut_everywhere(bench.provider, request, body,
                                       [&](const auto& result) { wrong += lines(result) != one.expected; });
        CHECK(wrong == 0);
        CHECK(streamed(body) == one.expected);
    }
}

TEST_CASE("the recorded Llama streams give the complete text, with and without usage") {
    Bench bench;
    const ChatRequest request = ask_stream();
    for (const char* file : {"generic-llama-stream-usage.sse", "generic-llama-stream-no-usage.sse"}) {
        CAPTURE(file);
        const std::string body = fixture(file);
        auto events = testing::replay(bench.provider, request, {body});
        REQUIRE(events);
        const Lines expected = lines(*events);
        CHECK(testing::text(*events).starts_with("Why did the OpenTelemetry span"));
        CHECK(testing::all<Finish>(*events).size() == 1);
        const bool has_usage = std::string_view(file).ends_with("-usage.sse") &&
                               !std::string_view(file).ends_with("no-usage.sse");
        CHECK(expected.back() == (has_usage ? "usage 43+33=76" : "finish stop"));
        for (const TextDelta& delta : testing::all<TextDelta>(*events)) CHECK(!delta.text.empty());
        int wrong = 0;
        testing::replay_cut_everywhere(bench.provider, request, body,
                                       [&](const auto& result) { wrong += lines(result) != expected; });
        CHECK(wrong == 0);
    }
}

TEST_CASE("a stream whose last event lacks its empty line, or whose [DONE] never comes, is complete") {
    for (const Recorded& one : recorded) {
        CAPTURE(one.file);
        std::string body = fixture(one.file);
        body.resize(body.rfind("data: [DONE]"));
        CHECK(streamed(body) == one.expected);
        body.resize(body.size() - 2);
        CHECK(streamed(body) == one.expected);
    }
}

TEST_CASE("other framings of the same events are read the same") {
    auto replaced = [](std::string text, std::string_view from, std::string_view to) {
        for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size())
            text.replace(at, from.size(), to);
        return text;
    };
    Bench bench;
    const ChatRequest request = ask_stream();
    for (const Recorded& one : recorded) {
        CAPTURE(one.file);
        const std::string body = fixture(one.file);
        const std::string variants[] = {
            replaced(body, "\n\n", "\n"),                               // a single LF between events
            replaced(body, "\n\n", "\r\n\r\n"),                         // CRLF
            replaced(body, "\n\n", "\r\r"),                             // CR
            replaced(body, "data: ", "data:"),                          // no blank
            replaced(body, "data: ", ": comment\n\ndata: "),            // comments between
            replaced(body, "data: ", "event: message\nid: 7\ndata: "),  // other fields
            "\xEF\xBB\xBF" + body,                                      // a byte order mark
            "\n\n" + body,                                              // blank lines before
            ": hello\n\n" + body,
        };
        for (const std::string& variant : variants) {
            CAPTURE(variant);
            CHECK(streamed(variant) == one.expected);
        }
        int wrong = 0;
        for (const std::string* variant : {&variants[0], &variants[1], &variants[6]})
            testing::replay_cut_everywhere(bench.provider, request, *variant, [&](const auto& result) {
                wrong += lines(result) != one.expected;
            });
        CHECK(wrong == 0);
    }
}

TEST_CASE("blanks before a stream are ignored, and a byte order mark is accepted only at its start") {
    Bench bench;
    const std::string event = R"(data: {"index":0,"message":{"content":[{"type":"TEXT","text":"a"}]},)"
                              R"("finishReason":"stop"})";
    // For every split.
    const auto outcomes = [&](const std::string& body) {
        std::set<Lines> all{streamed(body)};
        testing::replay_cut_everywhere(bench.provider, ask_stream(), body,
                                       [&](const auto& result) { all.insert(lines(result)); });
        return all;
    };
    for (const char* before : {"", " ", "\n \t", "\xEF\xBB\xBF", "\xEF\xBB\xBF \r\n"})
        CHECK(outcomes(before + event) == std::set<Lines>{{"text a", "finish stop"}});
    for (const char* before : {"\n\xEF\xBB\xBF", "\xEF\xBB\xBF\xEF\xBB\xBF", "\xEF\xBB "})
        CHECK(outcomes(before + event) ==
              std::set<Lines>{{"error 502: OCI's response is invalid: it is neither JSON nor an "
                               "event stream"}});
}

TEST_CASE("a JSON document as the response to a streaming request is one chunk") {
    Bench bench;
    const std::string body = fixture("resp-generic-openai.json");
    const Lines expected = answer_to(ask(), body);
    CHECK(expected.size() == 4);
    CHECK(streamed(body) == expected);
    CHECK(streamed("\n " + body) == expected);
    int wrong = 0;
    testing::replay_cut_everywhere(bench.provider, ask_stream(), body,
                                   [&](const auto& result) { wrong += lines(result) != expected; });
    CHECK(wrong == 0);
}

TEST_CASE("an event stream as the response to a non-streaming request is read too") {
    CHECK(whole(fixture("generic-finish-with-text-stream.sse")) == Lines{"text Hello ", "finish stop"});
}

TEST_CASE("finish reasons are understood in every spelling") {
    const std::pair<const char*, const char*> table[] = {
        {"stop", "stop"},
        {"STOP", "stop"},
        {"COMPLETE", "stop"},
        {"length", "length"},
        {"max_tokens", "length"},
        {"MAX_TOKENS", "length"},
        {"LENGTH", "length"},
        {"tool_calls", "stop"},
        {"content_filter", "content_filter"},
        {"SAFETY", "content_filter"},
        {"ERROR_TOXIC", "content_filter"},
        {"something_new", "stop"},
        {"USER_CANCEL", "stop"},
        {"STOP_SEQUENCE", "stop"},
        {"ERROR_LIMIT", "length"},
    };
    for (const auto& row : table) {
        const auto& reason = row.first;
        const auto& expected = row.second;
        CAPTURE(reason);
        const std::string finish = std::string(R"({"finishReason":")") + reason + "\"}";
        CHECK(streamed(sse({R"({"index":0,"message":{"content":[{"type":"TEXT","text":"a"}]}})", finish,
                            "[DONE]"})) == Lines{"text a", std::string("finish ") + expected});
    }
    CHECK(streamed(sse({R"({"finishReason":"ERROR"})"})) ==
          Lines{"error 502: the model failed during its answer (finish reason error)"});
}

TEST_CASE("a stream that ends without a finish reason is an error, with [DONE] or without") {
    const char* text = R"({"index":0,"message":{"content":[{"type":"TEXT","text":"a"}]}})";
    const Lines expected = {
        "error 502: OCI's response ended before it was complete: it has no finish reason"};
    CHECK(streamed(sse({text})) == expected);
    CHECK(streamed(sse({text, "[DONE]"})) == expected);
    CHECK(streamed(sse({"[DONE]"})) == expected);
    CHECK(streamed(sse({text, R"({"usage":{"promptTokens":1,"completionTokens":2,"totalTokens":3}})",
                        "[DONE]"})) == expected);
    CHECK(streamed(sse({text, R"({"finishReason":null})", R"({"finishReason":""})"})) == expected);
    CHECK(streamed(": only comments\n\n") == expected);
    CHECK(streamed("") == Lines{"error 502: OCI's response is invalid: it is empty"});
    CHECK(streamed("  \n\n ") == Lines{"error 502: OCI's response is invalid: it is empty"});
}

TEST_CASE("output before a broken connection is emitted before the error") {
    Bench bench;
    const ChatRequest request = ask_stream();
    auto exchange = bench.provider.chat(request);
    REQUIRE(exchange);
    REQUIRE((*exchange)->request());
    (*exchange)->head(status(200));
    testing::Events events;
    CHECK((*exchange)->body(sse({R"({"message":{"content":[{"type":"TEXT","text":"a"}]}})"}), events));
    CHECK(lines(events.list) == Lines{"text a"});
    CHECK(!(*exchange)->end(events));
}

TEST_CASE("usage is found in any event, and the last one counts") {
    CHECK(
        streamed(sse(
            {R"({"message":{"content":[{"type":"TEXT","text":"a"}]},"usage":{"promptTokens":1,"completionTokens":1,"totalTokens":2}})",
             R"({"finishReason":"stop","usage":{"promptTokens":1,"completionTokens":2,"totalTokens":9}})",
             "[DONE]"})) == Lines{"text a", "finish stop", "usage 1+2=9"});
    // Before the finish reason, and with details.
    CHECK(
        streamed(sse(
            {R"({"usage":{"promptTokens":7,"totalTokens":20,"promptTokensDetails":{"cachedTokens":5},"completionTokensDetails":{"reasoningTokens":3,"acceptedPredictionTokens":1,"rejectedPredictionTokens":2}}})",
             R"({"finishReason":"stop"})"})) ==
        Lines{"finish stop", "usage 7+13=20 cached=5 reasoning=3 accepted=1 rejected=2"});
    CHECK(streamed(sse({R"({"finishReason":"stop","usage":null})"})) == Lines{"finish stop"});
    CHECK(streamed(sse({R"({"finishReason":"stop","usage":{"promptTokens":-1,"completionTokens":"x"}})"})) ==
          Lines{"finish stop"});
}

TEST_CASE("events after [DONE] are not read") {
    CHECK(streamed(sse({R"({"finishReason":"stop"})", "[DONE]", "no json at all", R"({"error":"late"})"})) ==
          Lines{"finish stop"});
}

TEST_CASE(
    "the finish is told when the upstream is done, because text may come behind finish reason and usage") {
    Bench bench;
    const ChatRequest request = ask_stream();
    auto exchange = bench.provider.chat(request);
    REQUIRE(exchange);
    REQUIRE((*exchange)->request());
    (*exchange)->head(status(200));
    testing::Events events;
    CHECK((*exchange)->body(sse({R"({"message":{"content":[{"text":"a"}]},"finishReason":"stop"})",
                                 R"({"message":{"content":[{"text":"b"}]}})",
                                 R"({"usage":{"promptTokens":1,"completionTokens":2,"totalTokens":3}})",
                                 R"({"message":{"content":[{"text":"c"}]},"finishReason":"length"})"}),
                            events));
    CHECK(lines(events.list) == Lines{"text a", "text b", "text c"});
    CHECK((*exchange)->end(events));
    CHECK(lines(events.list) == Lines{"text a", "text b", "text c", "finish length", "usage 1+2=3"});
}

TEST_CASE("several choices may be interleaved, each with its own calls and finish") {
    const std::string body = sse({
        R"({"index":0,"message":{"content":[{"type":"TEXT","text":"a"}]}})",
        R"({"index":1,"message":{"content":[{"type":"TEXT","text":"x"}]}})",
        R"({"index":1,"message":{"toolCalls":[{"id":"c1","name":"f"}]}})",
        R"({"index":0,"message":{"toolCalls":[{"id":"c1","name":"f","arguments":"{"}]}})",
        R"({"index":1,"message":{"toolCalls":[{"arguments":"[1]"}]}})",
        R"({"index":0,"message":{"toolCalls":[{"arguments":"}"}]}})",
        R"({"index":1,"message":{"content":[{"type":"TEXT","text":"y"}]},"finishReason":"stop"})",
        R"({"index":0,"finishReason":"length"})",
        R"({"usage":{"promptTokens":1,"completionTokens":2,"totalTokens":3}})",
        "[DONE]",
    });
    const Lines expected = {
        "text a",   "text#1 x", "call#1 0 id=c1 name=f ", "call 0 id=c1 name=f {", "call#1 0 [1]",
        "call 0 }", "text#1 y", "finish tool_calls",      "finish#1 tool_calls",   "usage 1+2=3"};
    Bench bench;
    ChatRequest request = ask_stream();
    request.sampling.n = 2;
    int wrong = 0;
    testing::replay_cut_everywhere(bench.provider, request, body,
                                   [&](const auto& result) { wrong += lines(result) != expected; });
    CHECK(wrong == 0);
    CHECK(streamed(body) == expected);
}

TEST_CASE("each choice must finish; a second finish without an index belongs to the next choice") {
    CHECK(is_one_error(streamed(sse({R"({"index":0,"message":{"content":[{"text":"a"}]}})",
                                     R"({"index":1,"message":{"content":[{"text":"b"}]}})",
                                     R"({"index":0,"finishReason":"stop"})"}))));
    CHECK(streamed(sse({R"({"index":0,"message":{"content":[{"text":"a"}]}})",
                        R"({"index":1,"message":{"content":[{"text":"b"}]}})", R"({"finishReason":"stop"})",
                        R"({"finishReason":"length"})"})) ==
          Lines{"text a", "text#1 b", "finish stop", "finish#1 length"});
}

TEST_CASE("an error event in a stream has its own kind") {
    const std::string text = R"({"message":{"content":[{"type":"TEXT","text":"a"}]}})";
    auto after = [&](std::string_view event) { return streamed(sse({text, event})); };
    CHECK(after(R"({"code":"500","message":"Internal Server Error"})") ==
          Lines{"error 502: OCI failed with status 500 (OCI says: Internal Server Error)"});
    CHECK(after(R"({"code":429,"message":"slow down"})") == Lines{"error 429: slow down"});
    CHECK(after(R"({"code":"TooManyRequests","message":"slow down"})") == Lines{"error 429: slow down"});
    CHECK(after(R"({"error":{"message":"overloaded","code":"overloaded"}})") ==
          Lines{"error 503: overloaded"});
    CHECK(after(R"({"error":"bad luck"})") ==
          Lines{"error 502: OCI returned an error instead of a response (OCI says: bad luck)"});
    CHECK(
        after(
            R"({"code":"400","message":"{\"error\":{\"message\":\"inner\",\"code\":\"invalid_value\"}}"})") ==
        Lines{"error 400: inner"});
    CHECK(after(R"({"code":"boom"})") == Lines{"error 502: OCI returned an error instead of a response"});
    CHECK(
        whole(R"({"code":"404","message":"Entity with key x not found"})").at(0).starts_with("error 404: "));
}

TEST_CASE("logprobs, refusals and citations of a stream are passed on") {
    CHECK(
        streamed(sse({
            R"({"message":{"refusal":"no"},"logprobs":{}})",
            R"({"message":{"content":[{"type":"TEXT","text":"hi"}],"annotations":[{"type":"url_citation","urlCitation":{"startIndex":1,"endIndex":2,"title":"T","url":"https://e.example"}}]},"logprobs":{"textOffset":[0],"tokens":["hi"],"tokenLogprobs":[-0.5],"topLogprobs":[{"ho":-2,"hi":-0.5}]}})",
            R"({"finishReason":"stop"})",
        })) == Lines{"refusal no", "text hi", "citation https://e.example T 1-2",
                     "logprobs hi=-0.5,hi=-0.5,ho=-2.0;", "finish stop"});
}

TEST_CASE("a stream's sources come once, in an event of their own or with the finish reason") {
    const std::string grounding =
        R"("groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a.example","title":"A"}}],"groundingSupports":[{"segment":{"endIndex":2},"groundingChunkIndices":[0]}]})";
    const Lines expected{"text hi", "citation https://a.example A 0-2",
                         "extra choice {\"grounding_metadata\":" + grounding.substr(20) + "}", "finish stop"};
    const std::string text = R"({"message":{"content":[{"type":"TEXT","text":"hi"}]}})";
    CHECK(streamed(sse({text, "{" + grounding + "}", R"({"finishReason":"stop"})"})) == expected);
    CHECK(streamed(sse({text, R"({"finishReason":"stop",)" + grounding + "}"})) == expected);
    CHECK(streamed(sse({text, "{" + grounding + "}", R"({"finishReason":"stop",)" + grounding + "}"})) ==
          expected);
}

TEST_CASE("half a character at the end of an event does not break the stream") {
    CHECK(streamed(sse({R"({"message":{"content":[{"type":"TEXT","text":"a\ud83d"}]}})",
                        R"({"finishReason":"stop"})"})) ==
          Lines{"text a", "text \xEF\xBF\xBD", "finish stop"});
    CHECK(streamed(sse({"{\"message\":{\"content\":[{\"type\":\"TEXT\",\"text\":\"a\xF0\x9F\"}]}}",
                        R"({"finishReason":"stop"})"})) ==
          Lines{"text a", "text \xEF\xBF\xBD\xEF\xBF\xBD", "finish stop"});
    CHECK(streamed(sse({R"({"message":{"content":[{"type":"TEXT","text":"\ud83d\ude00 \\ud83d"}]}})",
                        R"({"finishReason":"stop"})"})) ==
          Lines{"text \xF0\x9F\x98\x80 \\ud83d", "finish stop"});
}
