// SPDX-License-Identifier: Apache-2.0
// Streaming and non-streaming COHERE responses: every fixture split at every byte,
// the last event, generated ids, citations, and failures.
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci::test;

namespace {

const char* const model = "cohere.command-a-03-2025";

Lines whole_of(std::string_view body) { return answer_to(ask(model), body); }
Lines stream_of(std::string_view body) { return answer_to(ask_stream(model), body); }
Lines stream_of(std::initializer_list<std::string_view> events) { return stream_of(sse(events)); }
std::string in_answer(const std::string& members) {
    return R"({"chatResponse":{"apiFormat":"COHERE",)" + members + "}}";
}

const Lines joke = {"text Why",    "text  did",   "text  the",     "text  Open",  "text Telemetry",
                    "text  span",  "text  cross", "text  the",     "text  road",  "text ?",
                    "text \n\nTo", "text  trace", "text  the",     "text  other", "text  side",
                    "text .",      "finish stop", "usage 22+18=40"};
const Lines weather = {"text I", "text  will", "text  look up the weather.",
                       "call 0 id=call_* name=getWeather {\"city\":\"Munich\"}", "finish tool_calls"};

}  // namespace

TEST_CASE("the reader reads the recorded non-streaming responses of COHERE") {
    CHECK(whole_of(fixture("resp-cohere.json")) ==
          Lines{"info 0", "text Hello, how are you?", "finish stop", "usage 13+6=19"});
    CHECK(whole_of(fixture("resp-cohere-null-finish.json")) ==
          Lines{"info 0", "text Why did the OpenTelemetry span cross the road?\n\nTo trace the other side.<|",
                "finish stop", "usage 22+19=41"});
    CHECK(whole_of(fixture("resp-cohere-toolcalls.json")) ==
          Lines{"info 0", "text I will look up the weather in Tokyo.",
                "call 0 id=call_* name=get_weather {\"location\":\"Tokyo\"}", "finish tool_calls",
                "usage 26+22=48"});
}

TEST_CASE("the recorded streams of COHERE give the same events wherever they are split") {
    Bench bench;
    const ChatRequest request = ask_stream(model);
    const std::pair<const char*, Lines> table[] = {{"cohere-stream-usage.sse", joke},
                                                   {"cohere-tools-stream.sse", weather}};
    for (const auto& row : table) {
        const auto& file = row.first;
        const auto& expected = row.second;
        CAPTURE(file);
        const std::string body = fixture(file);
        CHECK(stream_of(body) == expected);
        CHECK(stream_of(body + "data: [DONE]\n\n") == expected);
        CHECK(stream_of(std::string_view(body).substr(0, body.find_last_not_of('\n') + 1)) == expected);
        int wrong = 0;
        testing::replay_cut_everywhere(bench.provider, request, body,
                                       [&](const auto& result) { wrong += lines(result) != expected; });
        CHECK(wrong == 0);
        // Without its last event it is broken, with [DONE] or without.
        const std::string cut = body.substr(0, body.rfind("data: "));
        CHECK(is_one_error(stream_of(cut)));
        CHECK(is_one_error(stream_of(cut + "data: [DONE]\n\n")));
    }
}

TEST_CASE("an error in a COHERE stream is an error wherever the stream is split") {
    Bench bench;
    const ChatRequest request = ask_stream(model);
    const std::string body = fixture("cohere-error-midstream.sse");
    const Lines expected = {
        "error 502: the model failed during its answer (finish reason error): internal error"};
    CHECK(stream_of(body) == expected);
    int wrong = 0;
    testing::replay_cut_everywhere(bench.provider, request, body,
                                   [&](const auto& result) { wrong += lines(result) != expected; });
    CHECK(wrong == 0);
}

TEST_CASE("the reader emits only the new part of the last event's text") {
    const char* a = R"({"apiFormat":"COHERE","text":"ab"})";
    const char* b = R"({"text":"c"})";
    auto last = [](const char* text) {
        return R"({"text":")" + std::string(text) + R"(","finishReason":"COMPLETE"})";
    };
    CHECK(stream_of({a, b, last("abc")}) == Lines{"text ab", "text c", "finish stop"});
    CHECK(stream_of({a, b, last("abcd")}) == Lines{"text ab", "text c", "text d", "finish stop"});
    CHECK(stream_of({last("abc")}) == Lines{"text abc", "finish stop"});
    CHECK(stream_of({a, b, last("xbcd")}) == Lines{"text ab", "text c", "finish stop"});
    CHECK(stream_of({a, b, last("ab")}) == Lines{"text ab", "text c", "finish stop"});
    CHECK(stream_of({a, b, last("")}) == Lines{"text ab", "text c", "finish stop"});
    CHECK(stream_of({a, b, R"({"finishReason":"MAX_TOKENS"})"}) ==
          Lines{"text ab", "text c", "finish length"});
    CHECK(stream_of({R"({"text":""})", R"({"text":null})", last("a")}) == Lines{"text a", "finish stop"});
}

TEST_CASE("a finish reason, also a null one, or the history marks the last event") {
    CHECK(stream_of({R"({"text":"a"})", R"({"text":"a","finishReason":null})"}) ==
          Lines{"text a", "finish stop"});
    CHECK(stream_of({R"({"text":"a"})", R"({"text":"a","chatHistory":[]})"}) ==
          Lines{"text a", "finish stop"});
    CHECK(stream_of({R"({"text":"a"})", R"({"text":"a","chatHistory":null})"}) ==
          Lines{"text a", "finish stop"});
    CHECK(is_one_error(stream_of({R"({"text":"a"})"})));
    CHECK(is_one_error(stream_of({R"({"text":"a","usage":{"totalTokens":3}})", "[DONE]"})));
    // Later events are read, too.
    CHECK(
        stream_of(
            {R"({"text":"a","finishReason":"COMPLETE"})", R"({"text":"b"})",
             R"({"text":"ab","finishReason":"MAX_TOKENS","usage":{"promptTokens":1,"completionTokens":2,"totalTokens":3}})"}) ==
        Lines{"text a", "text b", "finish length", "usage 1+2=3"});
}

TEST_CASE("tool calls of the last event are emitted only if no call came before, and keep their ids") {
    const char* call = R"({"toolCalls":[{"name":"f","parameters":{"a":1}}]})";
    const char* two =
        R"({"toolCalls":[{"name":"f","parameters":{"a":1}},{"name":"f","parameters":{"a":2}}],"finishReason":"COMPLETE"})";
    CHECK(stream_of({call, call, two}) == Lines{"call 0 id=call_* name=f {\"a\":1}",
                                                "call 1 id=call_* name=f {\"a\":1}", "finish tool_calls"});
    CHECK(stream_of({two}) == Lines{"call 0 id=call_* name=f {\"a\":1}", "call 1 id=call_* name=f {\"a\":2}",
                                    "finish tool_calls"});
    Bench bench;
    auto events = testing::replay(bench.provider, ask_stream(model), {sse({two})});
    REQUIRE(events);
    const auto deltas = testing::all<ToolCallDelta>(*events);
    CHECK(deltas.at(0).id != deltas.at(1).id);
}

TEST_CASE("parameters in every form become arguments") {
    auto arguments = [](const std::string& call) {
        return whole_of(in_answer(R"("text":"","toolCalls":[)" + call + "]"));
    };
    CHECK(arguments(R"({"name":"f","parameters":{}})") ==
          Lines{"call 0 id=call_* name=f {}", "finish tool_calls"});
    CHECK(arguments(R"({"name":"f"})") ==
          Lines{"call 0 id=call_* name=f ", "call 0 {}", "finish tool_calls"});
    CHECK(arguments(R"({"name":"f","parameters":"{\"a\":1}"})") ==
          Lines{"call 0 id=call_* name=f {\"a\":1}", "finish tool_calls"});
    CHECK(arguments(R"({"name":"f","parameters":{"a":[1,"\u00fc"],"b":null}})") ==
          Lines{"call 0 id=call_* name=f {\"a\":[1,\"\xc3\xbc\"],\"b\":null}", "finish tool_calls"});
    CHECK(is_one_error(arguments(R"({"parameters":{}})")));
    CHECK(is_one_error(arguments(R"({"name":"f","parameters":7})")));
    CHECK(is_one_error(arguments("7")));
}

TEST_CASE("names that COHERE does not accept come back as the client's own") {
    ChatRequest request = ask(model);
    Tool tool;
    tool.name = "get-weather";
    request.tools = {tool};
    CHECK(
        answer_to(request, in_answer(R"("text":"","toolCalls":[{"name":"get_weather","parameters":{}}])")) ==
        Lines{"call 0 id=call_* name=get-weather {}", "finish tool_calls"});
}

TEST_CASE("the reader understands the finish reasons of COHERE") {
    const std::pair<const char*, const char*> table[] = {
        {"\"COMPLETE\"", "stop"},      {"\"MAX_TOKENS\"", "length"},          {"\"ERROR_LIMIT\"", "length"},
        {"\"USER_CANCEL\"", "stop"},   {"\"ERROR_TOXIC\"", "content_filter"}, {"null", "stop"},
        {"\"SOMETHING_NEW\"", "stop"},
    };
    for (const auto& row : table) {
        const auto& reason = row.first;
        const auto& expected = row.second;
        CAPTURE(reason);
        const std::string members = R"("text":"a","finishReason":)" + std::string(reason);
        const Lines lines = {"text a", std::string("finish ") + expected};
        CHECK(whole_of(in_answer(members)) == lines);
        CHECK(stream_of(sse({"{" + members + "}"})) == lines);
    }
    CHECK(whole_of(in_answer(R"("text":"a")")) == Lines{"text a", "finish stop"});
    CHECK(whole_of(in_answer(R"("text":"a","finishReason":"ERROR")")) ==
          Lines{"error 502: the model failed during its answer (finish reason error)"});
    CHECK(whole_of(in_answer(R"("text":"a","finishReason":null,"errorMessage":"out of memory")")) ==
          Lines{"error 502: the model failed during its answer: out of memory"});
    CHECK(stream_of({R"({"text":"a"})", R"({"errorMessage":"boom"})"}) ==
          Lines{"error 502: the model failed during its answer: boom"});
    CHECK(stream_of({R"({"text":"a"})", R"({"code":"429","message":"slow down"})"}) ==
          Lines{"error 429: slow down"});
}

TEST_CASE("a citation with an invalid range has no range") {
    CHECK(whole_of(in_answer(
              R"("text":"Tall","citations":[{"start":4,"end":1},{"start":-2,"end":1},{"end":-1}])")) ==
          Lines{"text Tall", "citation   0-0", "citation   0-0", "citation   0-0", "finish stop"});
}

TEST_CASE("citations come at the end, with titles and URLs of their documents") {
    const std::string citations =
        R"("citations":[{"start":0,"end":4,"text":"Tall","documentIds":["doc_0","doc_1"]},{"start":5,"end":8,"text":"one"}])";
    const std::string documents =
        R"("documents":[{"id":"doc_0","title":"Penguins","url":"https://p.example","snippet":"s"}])";
    const Lines expected = {"text Tall one", "citation https://p.example Penguins 0-4", "citation  doc_1 0-4",
                            "citation   5-8", "finish stop"};
    CHECK(whole_of(in_answer(R"("text":"Tall one",)" + citations + "," + documents)) == expected);
    CHECK(stream_of({R"({"text":"Tall one"})", "{" + citations + "}",
                     R"({"text":"Tall one","finishReason":"COMPLETE",)" + citations + "," + documents +
                         "}"}) == expected);
    for (const char* none :
         {R"("citations":null)", R"("citations":{})", R"("citations":[7,null])", R"("citations":[])"})
        CHECK(whole_of(in_answer(R"("text":"a",)" + std::string(none))) == Lines{"text a", "finish stop"});
}

TEST_CASE("documents without ids are cited by position, with their titles") {
    ChatRequest request = ask(model);
    request.extra = {
        R"({"documents":["plain",{"title":"B","url":"https://b.example"},{"id":"c","data":{"title":"C"}}]})"};
    CHECK(
        answer_to(
            request,
            in_answer(
                R"("text":"abc","citations":[{"start":0,"end":3,"documentIds":["doc_1","c","doc_0","doc_9"]}])")) ==
        Lines{"text abc", "citation https://b.example B 0-3", "citation  C 0-3", "citation  doc_0 0-3",
              "citation  doc_9 0-3", "finish stop"});
}

TEST_CASE("the model's search queries come with the answer") {
    Bench bench;
    const ChatRequest request = ask(model);
    const std::string body =
        in_answer(R"("text":"","isSearchRequired":true,"searchQueries":[{"text":"tall \"penguins\""},7])");
    auto events = testing::replay(bench.provider, request, {body});
    REQUIRE(events);
    const auto extras = testing::all<Extra>(*events);
    REQUIRE(extras.size() == 1);
    CHECK(Json::parse(extras[0].members.text) ==
          Json::parse(R"({"search_queries":[{"text":"tall \"penguins\""}]})"));
}

TEST_CASE("the reader accepts a document instead of a stream, and a stream instead of a document") {
    CHECK(stream_of(fixture("resp-cohere.json")) == whole_of(fixture("resp-cohere.json")));
    CHECK(whole_of(fixture("cohere-tools-stream.sse")) == weather);
}

TEST_CASE("a response in another format than COHERE is an error") {
    CHECK(whole_of(fixture("resp-coherev2-text.json")) ==
          Lines{"error 502: OCI's response is invalid: its format is not COHERE"});
    CHECK(is_one_error(whole_of(fixture("resp-generic-openai.json"))));
    CHECK(is_one_error(stream_of(fixture("coherev2-stream.sse"))));
    CHECK(is_one_error(whole_of(R"({"chatResponse":{"apiFormat":"COHERE"}})")));
}

TEST_CASE("a simulated stream of COHERE comes in words") {
    oci::Options given = options();
    given.streaming = "simulated";
    CHECK(answer_to(ask_stream(model), fixture("resp-cohere.json"), {}, given) ==
          Lines{"info 0", "text Hello,", "text  how", "text  are", "text  you?", "finish stop",
                "usage 13+6=19"});
}
