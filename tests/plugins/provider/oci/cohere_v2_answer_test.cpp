// SPDX-License-Identifier: Apache-2.0
// Streaming and non-streaming COHEREV2 responses: every fixture split at every
// byte, and each way in which a stream may repeat itself or end.
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci::test;

namespace {

const char* const model = "cohere.command-a-reasoning-08-2025";

Lines whole_of(std::string_view body) { return answer_to(ask(model), body); }
Lines stream_of(std::string_view body) { return answer_to(ask_stream(model), body); }
Lines stream_of(std::initializer_list<std::string_view> events) { return stream_of(sse(events)); }
std::string message(const std::string& members, const std::string& beside = "") {
    return R"({"apiFormat":"COHEREV2","message":{"role":"ASSISTANT",)" + members + "}" + beside + "}";
}
std::string text(const std::string& said, const std::string& beside = "") {
    return message(R"("content":[{"type":"TEXT","text":")" + said + "\"}]", beside);
}
std::string call(const std::string& members, const std::string& beside = "") {
    return message(R"("toolCalls":[{)" + members + "}]", beside);
}
std::string in_answer(const std::string& event) { return R"({"chatResponse":)" + event + "}"; }
const std::string complete = R"(,"finishReason":"COMPLETE")";

}  // namespace

TEST_CASE("the reader reads the recorded non-streaming responses of COHEREV2") {
    CHECK(whole_of(fixture("resp-coherev2-text.json")) ==
          Lines{"info 0", "text A red square.", "finish stop", "usage 520+4=524"});
    CHECK(whole_of(fixture("resp-coherev2-toolcalls.json")) ==
          Lines{"info 0", "reasoning need weather", "reasoning \nI will call get_weather.",
                "call 0 id=tc-1 name=weather {\"city\": \"Paris\"}", "finish tool_calls", "usage 60+30=90"});
}

TEST_CASE("the streams of COHEREV2 give the same events wherever they are split") {
    const std::pair<const char*, Lines> table[] = {
        {"coherev2-stream.sse", {"text Hello", "text  world", "finish stop", "usage 6+2=8"}},
        {"coherev2-tools-stream.sse",
         {"reasoning need weather", "reasoning \nI will call get_weather.",
          "call 0 id=get_weather_0 name=get_weather {\"city\":\"Tokyo\"}", "finish tool_calls"}}};
    Bench bench;
    const ChatRequest request = ask_stream(model);
    for (const auto& row : table) {
        const auto& file = row.first;
        const auto& expected = row.second;
        CAPTURE(file);
        const std::string body = fixture(file);
        CHECK(stream_of(body) == expected);
        CHECK(stream_of(body + "data: [DONE]\n\n") == expected);
        int wrong = 0;
        testing::replay_cut_everywhere(bench.provider, request, body,
                                       [&](const auto& result) { wrong += lines(result) != expected; });
        CHECK(wrong == 0);
        const std::string cut = body.substr(0, body.rfind("data: "));
        CHECK(is_one_error(stream_of(cut)));
        CHECK(is_one_error(stream_of(cut + "data: [DONE]\n\n")));
    }
}

TEST_CASE("a last event that repeats the text adds nothing; a last event that continues it does") {
    CHECK(stream_of({text("a"), text("b"), text("ab", complete)}) ==
          Lines{"text a", "text b", "finish stop"});
    CHECK(stream_of({text("a"), text("b"), text("c", complete)}) ==
          Lines{"text a", "text b", "text c", "finish stop"});
    // After a single event, an equal text may also be the next piece.
    CHECK(stream_of({text("ha"), text("ha", complete)}) == Lines{"text ha", "text ha", "finish stop"});
    CHECK(stream_of({text("a"), text("a"), text("aa")}).size() == 1);
    CHECK(stream_of({text("a"), text("b"),
                     message(R"("content":[{"type":"TEXT","text":"a"},{"type":"TEXT","text":"b"}])",
                             complete)}) == Lines{"text a", "text b", "finish stop"});
    auto thought = [](const std::string& said, const std::string& beside = "") {
        return message(R"("content":[{"type":"THINKING","thinking":")" + said + "\"}]", beside);
    };
    CHECK(stream_of({thought("x"), thought("y"), thought("xy", complete)}) ==
          Lines{"reasoning x", "reasoning y", "finish stop"});
    CHECK(stream_of({message(R"("toolPlan":"p")"), message(R"("toolPlan":"q")"),
                     message(R"("toolPlan":"pq","content":[{"type":"TEXT","text":"t"}])", complete)}) ==
          Lines{"reasoning p", "reasoning q", "text t", "finish stop"});
}

TEST_CASE("calls may be complete, in fragments, with and without ids, and repeated at the end") {
    const std::string f = R"("id":"c1","type":"FUNCTION","function":{"name":"f","arguments":"{\"a\":1}"})";
    const Lines one = {"call 0 id=c1 name=f {\"a\":1}", "finish tool_calls"};
    CHECK(stream_of({call(f), message(R"("content":[])", R"(,"finishReason":"TOOL_CALL")")}) == one);
    CHECK(stream_of({call(f, R"(,"finishReason":"COMPLETE")")}) == one);
    CHECK(stream_of({call(f), call(f, complete)}) == one);
    CHECK(stream_of({call(R"("function":{"name":"f","arguments":{"a":1}})"),
                     call(R"("function":{"name":"f","arguments":{"a":1}})", complete)}) ==
          Lines{"call 0 id=call_* name=f {\"a\":1}", "finish tool_calls"});
    CHECK(stream_of({call(R"("id":"c1","function":{"name":"f","arguments":"{\"a\""})"),
                     call(R"("function":{"arguments":":1"})"),
                     call(R"("id":"c1","function":{"arguments":"}"})", complete)}) ==
          Lines{"call 0 id=c1 name=f {\"a\"", "call 0 :1", "call 0 }", "finish tool_calls"});
    CHECK(stream_of({call(f), call(R"("id":"c2","function":{"name":"g"})", complete)}) ==
          Lines{"call 0 id=c1 name=f {\"a\":1}", "call 1 id=c2 name=g ", "call 1 {}", "finish tool_calls"});
    // Each with the same plan.
    CHECK(stream_of(
              {message(R"("toolPlan":"p","toolCalls":[{)" + f + "}]"),
               message(R"("toolPlan":"p","toolCalls":[{"id":"c2","function":{"name":"g","arguments":{}}}])",
                       complete)}) == Lines{"reasoning p", "call 0 id=c1 name=f {\"a\":1}",
                                            "call 1 id=c2 name=g {}", "finish tool_calls"});
    // In GENERIC's flat form.
    CHECK(whole_of(in_answer(call(R"("id":"c1","name":"f","arguments":{"a":1})"))) == one);
}

TEST_CASE("content may be a string, missing, or have parts of unknown types") {
    CHECK(whole_of(in_answer(message(R"("content":"plain")"))) == Lines{"text plain", "finish stop"});
    CHECK(whole_of(in_answer(message(R"("content":null)"))) == Lines{"finish stop"});
    CHECK(whole_of(in_answer(message(R"("content":[{"type":"DOCUMENT","document":{}},{"type":"TEXT"}])"))) ==
          Lines{"finish stop"});
    CHECK(is_one_error(whole_of(in_answer(message(R"("content":7)")))));
    CHECK(is_one_error(whole_of(in_answer(R"({"apiFormat":"COHEREV2"})"))));
    CHECK(whole_of(in_answer(R"({"apiFormat":"COHEREV2","finishReason":"MAX_TOKENS"})")) ==
          Lines{"finish length"});
}

TEST_CASE("the reader understands the finish reasons and errors of COHEREV2") {
    const std::pair<const char*, const char*> table[] = {
        {"COMPLETE", "stop"}, {"STOP_SEQUENCE", "stop"}, {"MAX_TOKENS", "length"}, {"TOOL_CALL", "stop"}};
    for (const auto& [reason, expected] : table) {
        const std::string event = text("a", R"(,"finishReason":")" + std::string(reason) + "\"");
        CHECK(stream_of({event}) == Lines{"text a", std::string("finish ") + expected});
        CHECK(whole_of(in_answer(event)) == Lines{"text a", std::string("finish ") + expected});
    }
    const Lines failed = {"error 502: the model failed during its answer (finish reason error): boom"};
    CHECK(stream_of({text("a"),
                     R"({"apiFormat":"COHEREV2","finishReason":"ERROR","errorMessage":"boom"})"}) == failed);
    CHECK(whole_of(in_answer(R"({"apiFormat":"COHEREV2","finishReason":"ERROR","errorMessage":"boom"})")) ==
          failed);
    CHECK(is_one_error(stream_of({text("a"), R"({"apiFormat":"COHEREV2","finishReason":null})"})));
}

TEST_CASE("usage may come in any event, also after the finish; log probabilities are read") {
    const char* usage = R"({"usage":{"promptTokens":1,"completionTokens":2,"totalTokens":3}})";
    CHECK(stream_of({usage, text("a", complete)}) == Lines{"text a", "finish stop", "usage 1+2=3"});
    CHECK(stream_of({text("a", complete), usage, "[DONE]"}) == Lines{"text a", "finish stop", "usage 1+2=3"});
    CHECK(
        whole_of(in_answer(text(
            "ab",
            R"(,"logProbabilities":[{"tokenIds":[1,2],"text":"ab","logProbabilities":[-0.5,-1]},{},7])"))) ==
        Lines{"text ab", "logprobs ab=-1.5;", "finish stop"});
}

TEST_CASE("citations of the text have their sources; citations of thoughts have no range") {
    CHECK(whole_of(in_answer(message(
              R"("content":[{"type":"TEXT","text":"abc"}],"citations":[
                {"start":0,"end":1,"type":"TEXT_CONTENT","sources":[{"type":"DOCUMENT","document":{"id":"d1","document":{"title":"T","url":"https://d.example"}}},
                  {"type":"TOOL","tool":{"id":"get_weather_0:1","toolOutput":{}}}]},
                {"start":1,"end":2,"type":"THINKING_CONTENT","sources":[]},{"start":2,"end":3}])"))) ==
          Lines{"text abc", "citation https://d.example T 0-1", "citation  get_weather_0:1 0-1",
                "citation   2-3", "finish stop"});
}

TEST_CASE("a response in another format than COHEREV2 is an error") {
    CHECK(whole_of(fixture("resp-cohere.json")) ==
          Lines{"error 502: OCI's response is invalid: its format is not COHEREV2"});
    CHECK(is_one_error(stream_of(fixture("cohere-stream-usage.sse"))));
}
