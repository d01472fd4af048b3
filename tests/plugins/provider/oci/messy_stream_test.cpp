// SPDX-License-Identifier: Apache-2.0
// Streams that continue behind a finish reason, repeat the answer, or do not end.
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci::test;

namespace {

const char* const cohere = "cohere.command-a-03-2025";
const char* const cohere_v2 = "cohere.command-a-reasoning-08-2025";

/// An event of GENERIC: the text of its message and other members.
std::string generic(const std::string& text, const std::string& rest = "") {
    return R"({"index":0,"message":{"role":"ASSISTANT","content":[{"type":"TEXT","text":")" + text + "\"}]}" +
           rest + "}";
}
const std::string stopped = R"(,"finishReason":"stop")";
const std::string usage = R"({"usage":{"promptTokens":3,"completionTokens":3,"totalTokens":6}})";

/// The events of a stream, which must be the same wherever it is cut.
Lines read(const std::string& model, std::initializer_list<std::string_view> events) {
    Bench bench;
    const ChatRequest request = ask_stream(model);
    const std::string body = sse(events);
    const Lines all = lines(testing::replay(bench.provider, request, {body}));
    int wrong = 0;
    testing::replay_cut_everywhere(bench.provider, request, body,
                                   [&](const auto& result) { wrong += lines(result) != all; });
    CHECK(wrong == 0);
    return all;
}
Lines read(std::initializer_list<std::string_view> events) {
    return read("meta.llama-3.3-70b-instruct", events);
}

/// The number of silences after which the response is complete; 0: never.
int silences(const std::string& model, std::initializer_list<std::string_view> events,
             bool wants_usage = false) {
    Bench bench;
    ChatRequest request = ask_stream(model);
    request.include_usage = wants_usage;
    auto exchange = bench.provider.chat(request);
    REQUIRE(exchange);
    REQUIRE((*exchange)->request());
    (*exchange)->head({});
    testing::Events sink;
    REQUIRE((*exchange)->body(sse(events), sink));
    for (int i = 0; i <= 20; ++i) {
        if ((*exchange)->complete()) return i;
        REQUIRE((*exchange)->body("", sink));
    }
    return 0;
}

}  // namespace

TEST_CASE("GENERIC: what follows a finish reason or a usage is read") {
    const std::string both = stopped + "," + usage.substr(1, usage.size() - 2);
    CHECK(read({generic("a", both), generic("b", both), generic("c", both)}) ==
          Lines{"text a", "text b", "text c", "finish stop", "usage 3+3=6"});
    CHECK(read({generic("a", stopped), usage, generic("b")}) ==
          Lines{"text a", "text b", "finish stop", "usage 3+3=6"});
    CHECK(read({generic("a", stopped), usage,
                R"({"message":{"toolCalls":[{"id":"c","name":"f","arguments":"{}"}]}})"}) ==
          Lines{"text a", "call 0 id=c name=f {}", "finish tool_calls", "usage 3+3=6"});
    CHECK(read({generic("a", stopped), R"({"message":{"reasoningContent":"r"},"finishReason":"length"})"}) ==
          Lines{"text a", "reasoning r", "finish length"});
}

TEST_CASE("GENERIC: a complete response behind events adds only what is new") {
    auto complete = [](const std::string& message) {
        return R"({"chatResponse":{"apiFormat":"GENERIC","choices":[{"index":0,"finishReason":"stop","message":{)" +
               message + R"(}}],"usage":{"promptTokens":3,"completionTokens":3,"totalTokens":6}}})";
    };
    const std::string hello = R"("content":[{"type":"TEXT","text":"Hello you"}])";
    const Lines once{"text Hello", "text  you", "finish stop", "usage 3+3=6"};
    CHECK(read({generic("Hello"), generic(" you"), complete(hello)}) == once);
    CHECK(read({generic("Hello"), generic(" you", stopped), complete(hello)}) == once);
    CHECK(read({generic("Hello"), complete(hello)}) == once);
    CHECK(read({complete(hello)}) == Lines{"text Hello you", "finish stop", "usage 3+3=6"});
    CHECK(read({R"({"message":{"toolCalls":[{"id":"c","name":"f","arguments":"{\"x\":"}]}})",
                R"({"message":{"toolCalls":[{"arguments":"1}"}]}})",
                complete(R"("toolCalls":[{"id":"c","name":"f","arguments":"{\"x\":1}"}])")}) ==
          Lines{"call 0 id=c name=f {\"x\":", "call 0 1}", "finish tool_calls", "usage 3+3=6"});
    // The event with the finish reason repeats the text.
    CHECK(read({generic("Hello"), generic(" you"), generic("Hello you", stopped)}) ==
          Lines{"text Hello", "text  you", "finish stop"});
    CHECK(read({generic("ha"), generic("ha", stopped)}) == Lines{"text ha", "text ha", "finish stop"});
}

TEST_CASE("COHERE: text behind a finish reason is read") {
    auto event = [](const std::string& text, const std::string& rest = "") {
        return R"({"apiFormat":"COHERE","text":")" + text + "\"" + rest + "}";
    };
    const std::string complete = R"(,"finishReason":"COMPLETE")";
    CHECK(read(cohere, {event("a", complete), event("b", complete), event("c", complete)}) ==
          Lines{"text a", "text b", "text c", "finish stop"});
    CHECK(read(cohere, {event("a"), event("b"), event("ab", complete), event("c")}) ==
          Lines{"text a", "text b", "text c", "finish stop"});
    CHECK(read(cohere, {event("a"), event("b"), event("ab", complete), event("ab", complete)}) ==
          Lines{"text a", "text b", "finish stop"});
    CHECK(silences(cohere, {event("a"), event("a", complete)}) == 1);
    CHECK(silences(cohere, {event("a", complete), event("b")}) == 10);
    CHECK(silences(cohere, {event("a")}) == 0);
}

TEST_CASE("COHEREV2: text behind a finish reason is read, and a repeated response is not") {
    auto event = [](const std::string& text, const std::string& rest = "") {
        return R"({"apiFormat":"COHEREV2","message":{"role":"ASSISTANT","content":[{"type":"TEXT","text":")" +
               text + "\"}]}" + rest + "}";
    };
    const std::string complete = R"(,"finishReason":"COMPLETE")";
    CHECK(read(cohere_v2, {event("a", complete), event("b", complete), event("ab", complete)}) ==
          Lines{"text a", "text b", "text ab", "finish stop"});
    CHECK(read(cohere_v2, {event("a"), event("b", complete), event("c")}) ==
          Lines{"text a", "text b", "text c", "finish stop"});
    CHECK(read(cohere_v2, {event("a"), event("b"), event("ab", complete)}) ==
          Lines{"text a", "text b", "finish stop"});
    CHECK(read(cohere_v2, {event("a"), R"({"chatResponse":)" + event("ab", complete) + "}"}) ==
          Lines{"text a", "text b", "finish stop"});
    CHECK(silences(cohere_v2, {event("a"), event("", complete)}) == 1);
    CHECK(silences(cohere_v2, {event("a", complete), event("b")}) == 10);
    CHECK(silences(cohere_v2, {event("a")}) == 0);
}

TEST_CASE("a bad end does not look like a good one, streaming and non-streaming") {
    auto reason = [](const std::string& word) {
        const std::string finish = R"("finishReason":")" + word + "\"";
        const std::string in_stream = streamed(sse({generic("a"), "{" + finish + "}"})).back();
        CHECK(whole(R"({"chatResponse":{"choices":[{"message":{"content":"a"},)" + finish + "}]}}").back() ==
              in_stream);
        return in_stream;
    };
    for (const char* word : {"sensitive", "SAFETY", "guardrail_intervened", "content_filtered"})
        CHECK(reason(word) == "finish content_filter");
    for (const char* word : {"model_context_window_exceeded", "MAX_TOKENS", "model_length", "length"})
        CHECK(reason(word) == "finish length");
    for (const char* word : {"network_error", "insufficient_system_resource", "cancelled", "timeout"})
        CHECK(reason(word) ==
              "error 502: the model failed during its answer (finish reason " + std::string(word) + ")");
    for (const char* word : {"stop", "COMPLETE", "a word of tomorrow"}) CHECK(reason(word) == "finish stop");
}

TEST_CASE("a character that two events share is joined") {
    const std::string smile = "\xF0\x9F\x98\x80", lost = "\xEF\xBF\xBD";
    CHECK(read({generic(R"(a\ud83d)"), generic(R"(\ude00b)"), R"({"finishReason":"stop"})"}) ==
          Lines{"text a", "text " + smile + "b", "finish stop"});
    CHECK(read({generic(R"(a\ud83d)"), R"({"finishReason":"stop"})"}) ==
          Lines{"text a", "text " + lost, "finish stop"});
    CHECK(read({R"({"message":{"reasoningContent":"\ud83d"}})",
                R"({"message":{"reasoningContent":"\ude00"}})", R"({"finishReason":"stop"})"}) ==
          Lines{"reasoning " + smile, "finish stop"});
    CHECK(read({R"({"message":{"toolCalls":[{"id":"c","name":"f","arguments":"[\"\ud83d"}]}})",
                R"({"message":{"toolCalls":[{"arguments":"\ude00\"]"}]}})", R"({"finishReason":"stop"})"}) ==
          Lines{"call 0 id=c name=f [\"", "call 0 " + smile + "\"]", "finish tool_calls"});
    CHECK(read(cohere,
               {R"({"apiFormat":"COHERE","text":"\ud83d"})", R"({"apiFormat":"COHERE","text":"\ude00"})",
                R"({"apiFormat":"COHERE","text":"\ud83d\ude00","finishReason":"COMPLETE"})"}) ==
          Lines{"text " + smile, "finish stop"});
}

TEST_CASE("GENERIC: a stream without an end is complete after a silence") {
    const std::string model = "meta.llama-3.3-70b-instruct";
    CHECK(silences(model, {generic("a"), R"({"finishReason":"stop"})"}) == 1);
    CHECK(silences(model, {generic("a"), R"({"finishReason":"stop"})", usage}) == 1);
    CHECK(silences(model, {generic("a", stopped)}) == 10);
    CHECK(silences(model, {generic("a", stopped), usage}) == 1);
    CHECK(silences(model, {generic("a"), usage}) == 0);
    // The usage that a client asked for may come later.
    CHECK(silences(model, {generic("a"), R"({"finishReason":"stop"})"}, true) == 10);
    CHECK(silences(model, {generic("a"), R"({"finishReason":"stop"})", usage}, true) == 1);
}
