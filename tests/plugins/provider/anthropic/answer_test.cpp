// SPDX-License-Identifier: Apache-2.0
// Streaming and non-streaming responses, cut at every byte, also of faulty and hostile
// upstreams.
#include "tests/plugins/provider/anthropic/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::anthropic;
using namespace gatehouse::anthropic::test;

namespace {

ChatRequest ask_stream() {
    ChatRequest request = ask();
    request.stream = true;
    return request;
}

void check_stream(const std::string& name, const Lines& expected) {
    const std::string body = fixture(name);
    Bench bench;
    const ChatRequest request = ask_stream();
    testing::replay_cut_everywhere(bench.provider, request, body,
                                   [&](const Result<std::vector<Event>>& found) {
                                       // Once per cut: quick where it is right, and readable where it is not.
                                       if (lines(found) != expected) REQUIRE(lines(found) == expected);
                                   });
}

std::string message_with(const std::string& content, const std::string& reason = "end_turn") {
    return R"({"type":"message","role":"assistant","content":)" + content + R"(,"stop_reason":")" + reason +
           "\"}";
}

std::string start(int index, const std::string& block) {
    return R"({"type":"content_block_start","index":)" + std::to_string(index) + R"(,"content_block":)" +
           block + "}";
}
std::string delta(int index, const std::string& inner) {
    return R"({"type":"content_block_delta","index":)" + std::to_string(index) + R"(,"delta":)" + inner + "}";
}
const std::string text_delta = delta(0, R"({"type":"text_delta","text":"hi"})");
const std::string ended = R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})";
const std::string stop = R"({"type":"message_stop"})";

}  // namespace

TEST_CASE("a stream of text cut at any byte gives the same text and usage") {
    check_stream("stream-text.sse", {"info default", "text Grüße", "text , 世界", "text  👋", "finish stop",
                                     "usage 132+15=147 cached=100"});
}

TEST_CASE("parallel calls, the second one without arguments") {
    check_stream("stream-parallel-tools.sse",
                 {"info default", "text I'll look up both.",
                  "call 0 id=toolu_01T1x1fJ34qAmk2tNTrN7Up6 name=get_weather ",
                  "call 0 {\"city\":", "call 0  \"Paris\"", "call 0 , \"unit\": \"c\"}",
                  "call 1 id=toolu_01PNsh8tQ8qTvq5Xz3yJcW2k name=get_time ", "call 1 {}", "finish tool_calls",
                  "usage 472+89=561 cached=0"});
}

TEST_CASE("thinking is emitted with its signature, so that the client can send it back") {
    check_stream("stream-thinking-tool.sse",
                 {"info default", "reasoning They want the weather. ", "reasoning I should call the tool.",
                  "thought end anthropic EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds==|",
                  "thought end anthropic |EmwKAhgBEgy3va3pzix/LafPsn4aDFIT2Xlxh0L5L8rLVyIwxtE3",
                  "call 0 id=toolu_01A09q90qw90lq917835lq9 name=get_weather ", "call 0 {\"city\":\"Oslo\"}",
                  "extra {\"thinking_blocks\":[{\"type\":\"thinking\",\"thinking\":\"They want the weather. "
                  "I should call the "
                  "tool.\",\"signature\":\"EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds==\"},"
                  "{\"type\":\"redacted_thinking\",\"data\":\"EmwKAhgBEgy3va3pzix/"
                  "LafPsn4aDFIT2Xlxh0L5L8rLVyIwxtE3\"}]}",
                  "finish tool_calls", "usage 60+120=180 cached=0 reasoning=40"});
}

TEST_CASE("the next request has the returned thinking blocks") {
    Bench bench;
    const ChatRequest first = ask_stream();
    const auto events = testing::replay(bench.provider, first, {fixture("stream-thinking-tool.sse")});
    REQUIRE(events);
    const auto extras = testing::all<Extra>(*events);
    REQUIRE(extras.size() == 1);
    Message said = calls({{"toolu_01A09q90qw90lq917835lq9", "get_weather", R"({"city":"Oslo"})"}});
    said.extra = extras[0].members;
    const Json content = messages(with(
        {message(Role::user, "q"), said, result("toolu_01A09q90qw90lq917835lq9", "rain")}))[1]["content"];
    REQUIRE(content.size() == 3);
    CHECK(content[0]["signature"] == "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds==");
    CHECK(content[1]["type"] == "redacted_thinking");
    CHECK(content[2]["id"] == "toolu_01A09q90qw90lq917835lq9");
}

TEST_CASE("a call that the limit has cut keeps what there is of it") {
    check_stream("stream-max-tokens-in-tool.sse", {"info default", "call 0 id=toolu_01cut name=write_file ",
                                                   "call 0 {\"path\":\"a.txt\",\"text\":\"once upon",
                                                   "finish length", "usage 50+16=66 cached=0"});
}

TEST_CASE("a tool's input that is not valid JSON reaches the client") {
    const std::string begun = start(0, R"({"type":"tool_use","id":"a","name":"f","input":{}})");
    const std::string used = R"({"type":"message_delta","delta":{"stop_reason":"tool_use"}})";
    for (const char* input : {R"({\"a\":)", R"({\"a\": 1,})", R"({'a': 1})", R"({\"a\": 1}<|call|>)"}) {
        CAPTURE(input);
        const std::string text = Json::parse("\"" + std::string(input) + "\"");
        CHECK(told_by(sse(
                  {begun,
                   delta(0, R"({"type":"input_json_delta","partial_json":")" + std::string(input) + "\"}"),
                   used, stop})) == Lines{"call 0 id=a name=f ", "call 0 " + text, "finish tool_calls"});
        // Compatible servers send it as a string.
        CHECK(told_by(message_with(
                  R"([{"type":"tool_use","id":"a","name":"f","input":")" + std::string(input) + "\"}]",
                  "tool_use")) == Lines{"call 0 id=a name=f ", "call 0 " + text, "finish tool_calls"});
    }
}

TEST_CASE("citations rest on the text of their block, and the service's own tools are other blocks") {
    check_stream(
        "stream-citations.sse",
        {"info default",
         R"(other anthropic server_tool_use {"type":"server_tool_use",)"
         R"("id":"srvtoolu_01WYG3ziw53XMcoyKL4XcZmE","name":"web_search","input":{"query":"shannon"}})",
         R"(other anthropic web_search_tool_result {"type":"web_search_tool_result",)"
         R"("tool_use_id":"srvtoolu_01WYG3ziw53XMcoyKL4XcZmE","content":[{"type":"web_search_result",)"
         R"("title":"Claude Shannon","url":"https://example.org/shannon",)"
         R"("encrypted_content":"EqgfCioIARgBIiQ3YTAwMjY1Mi1mZjM5","page_age":null}]})",
         "text Él nació: ", "block end", "text in 1916",
         "citation https://example.org/shannon Claude Shannon 10-17", "citation  Notes 10-17", "block end",
         "text .", "finish stop", "usage 30+40=70 cached=0"});
}

TEST_CASE("a refusal says why") {
    check_stream("stream-refusal.sse",
                 {"info default", "text Let me", "refusal This request could enable harm.",
                  "finish content_filter", "usage 20+3=23 cached=0"});
}

TEST_CASE("an error in the middle of a stream is one") {
    check_stream(
        "stream-overloaded.sse",
        {"error 503: Anthropic is overloaded or not available at the moment (Anthropic says: Overloaded)"});
}

TEST_CASE("non-streaming responses are read") {
    CHECK(told_by(fixture("resp-text.json")) ==
          Lines{"info default", "text Hi! My name is Claude.", "finish stop", "usage 10+12=22 cached=0"});
    CHECK(told_by(fixture("resp-stop-sequence.json")) ==
          Lines{"info default", "text one, two, ", "finish stop", "usage 9+6=15 cached=0"});
    CHECK(told_by(fixture("resp-tools.json")) ==
          Lines{"info default", "text Let me look.",
                "call 0 id=toolu_01D7FLrfh4GYq7yT1ULFeyMV name=get_stock_price ",
                "call 0 {\"ticker\":\"^GSPC\",\"days\":[1,2]}", "call 1 id=toolu_02 name=now ", "call 1 {}",
                "finish tool_calls", "usage 1300+60=1360 cached=1000"});
    CHECK(told_by(fixture("resp-thinking.json")) ==
          Lines{"info default", "reasoning 27 * 453 = 12231",
                "thought end anthropic WaUjzkypQ2mUEVM36O2TxuC06KN8xyfbJwyem2dw3URve|", "text 12231",
                "extra {\"thinking_blocks\":[{\"type\":\"thinking\",\"thinking\":\"27 * 453 = "
                "12231\",\"signature\":\"WaUjzkypQ2mUEVM36O2TxuC06KN8xyfbJwyem2dw3URve\"}]}",
                "finish stop", "usage 40+400=440 cached=0 reasoning=380"});
}

TEST_CASE("a non-streaming response cut at any byte is the same") {
    const std::string body = fixture("resp-tools.json");
    const Lines expected = told_by(body);
    Bench bench;
    const ChatRequest request = ask();
    testing::replay_cut_everywhere(bench.provider, request, body,
                                   [&](const Result<std::vector<Event>>& found) {
                                       if (lines(found) != expected) REQUIRE(lines(found) == expected);
                                   });
}

TEST_CASE("a non-streaming response to a streaming request is read, and the reverse") {
    CHECK(answer_to(ask_stream(), fixture("resp-text.json")).at(1) == "text Hi! My name is Claude.");
    CHECK(answer_to(ask(), fixture("stream-text.sse")).at(1) == "text Grüße");
}

TEST_CASE("stop reasons") {
    auto finish = [](const std::string& reason) { return told_by(message_with("[]", reason)).back(); };
    CHECK(finish("end_turn") == "finish stop");
    CHECK(finish("stop_sequence") == "finish stop");
    CHECK(finish("max_tokens") == "finish length");
    CHECK(finish("model_context_window_exceeded") == "finish length");
    CHECK(finish("pause_turn") == "finish length");
    CHECK(finish("refusal") == "finish content_filter");
    CHECK(finish("tool_use") == "finish stop");  // there was no call
    CHECK(finish("of a time to come") == "finish stop");
    // Other servers with this API send these.
    CHECK(finish("sensitive") == "finish content_filter");
    CHECK(finish("guardrail_intervened") == "finish content_filter");
    CHECK(finish("length") == "finish length");
    CHECK(finish("network_error") ==
          "error 502: the model failed during its answer (stop reason network_error)");
    CHECK(told_by(sse(
              {text_delta, R"({"type":"message_delta","delta":{"stop_reason":"network_error"}})", stop})) ==
          Lines{"error 502: the model failed during its answer (stop reason network_error)"});
}

TEST_CASE("the answer is complete with message_stop, and nothing after it counts") {
    Bench bench;
    const ChatRequest request = ask_stream();
    auto exchange = begin(bench.provider, request);
    body_of(*exchange);
    exchange->head({.status = 200});
    testing::Events events;
    REQUIRE(exchange->body(sse({text_delta, ended}), events));
    CHECK(!exchange->complete());
    REQUIRE(exchange->body(sse({stop, text_delta}), events));
    CHECK(exchange->complete());
    REQUIRE(exchange->body("data: {broken\n\n", events));
    REQUIRE(exchange->end(events));
    CHECK(lines(events.list) == Lines{"text hi", "finish stop"});
    // The same if it arrives in the same piece.
    CHECK(told_by(sse({text_delta, ended, stop}) + "data: {broken\n\n" + sse({text_delta})) ==
          Lines{"text hi", "finish stop"});
    // Some proxies append OpenAI's [DONE].
    CHECK(told_by(sse({text_delta, ended, stop}) + "data: [DONE]\n\n") == Lines{"text hi", "finish stop"});
    CHECK(told_by(sse({text_delta, ended}) + "data: [DONE]\n\n") == Lines{"text hi", "finish stop"});
    CHECK(told_by(sse({text_delta, ended})) == Lines{"text hi", "finish stop"});
}

TEST_CASE("blocks behind a stop reason are read") {
    const std::string second = delta(0, R"({"type":"text_delta","text":" you"})");
    const std::string usage =
        R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":1,"output_tokens":N}})";
    auto counted = [&](char tokens) {
        std::string text = usage;
        text[text.find('N')] = tokens;
        return text;
    };
    CHECK(told_by(sse({text_delta, counted('1'), second, counted('2'), stop})) ==
          Lines{"text hi", "text  you", "finish stop", "usage 1+2=3"});
    CHECK(told_by(sse({text_delta, ended, second})) == Lines{"text hi", "text  you", "finish stop"});
    CHECK(told_by(sse({text_delta, ended,
                       start(1, R"({"type":"tool_use","id":"a","name":"f","input":{"x":1}})"), stop})) ==
          Lines{"text hi", "call 0 id=a name=f ", "call 0 {\"x\":1}", "finish tool_calls"});
    CHECK(told_by(sse({text_delta, ended, delta(1, R"({"type":"thinking_delta","thinking":"hm"})"), stop})) ==
          Lines{"text hi", "reasoning hm", "finish stop"});
}

TEST_CASE("a message behind its blocks adds only what is new") {
    const std::string message = message_with(
        R"([{"type":"text","text":"hi you"},{"type":"tool_use","id":"a","name":"f","input":{"x":1}}])",
        "tool_use");
    const Lines all{"text hi", "text  you", "call 0 id=a name=f ", "call 0 {\"x\":1}", "finish tool_calls"};
    CHECK(told_by(sse({text_delta, message})) == all);
    CHECK(told_by(sse({text_delta, message, stop})) == all);
    CHECK(told_by(sse({text_delta, delta(0, R"({"type":"text_delta","text":" you"})"),
                       start(1, R"({"type":"tool_use","id":"a","name":"f","input":{}})"),
                       delta(1, R"({"type":"input_json_delta","partial_json":"{\"x\":1}"})"), message})) ==
          all);
    CHECK(told_by(sse({message})) ==
          Lines{"text hi you", "call 0 id=a name=f ", "call 0 {\"x\":1}", "finish tool_calls"});
}

TEST_CASE("a character that two events share is joined") {
    const std::string smile = "\xF0\x9F\x98\x80", lost = "\xEF\xBF\xBD";
    auto two = [&](const char* kind, const char* member) {
        auto piece = [&](const char* text) {
            return delta(0, std::string(R"({"type":")") + kind + R"(",")" + member + R"(":")" + text + "\"}");
        };
        return told_by("data: " + piece(R"(a\ud83d)") + "\n\ndata: " + piece(R"(\ude00b)") + "\n\n" +
                       sse({ended, stop}));
    };
    CHECK(two("text_delta", "text") == Lines{"text a", "text " + smile + "b", "finish stop"});
    CHECK(two("thinking_delta", "thinking") ==
          Lines{"reasoning a", "reasoning " + smile + "b", "finish stop"});
    const std::string begun = start(0, R"({"type":"tool_use","id":"a","name":"f","input":{}})");
    CHECK(told_by(sse({begun}) +
                  "data: " + delta(0, R"({"type":"input_json_delta","partial_json":"[\"\ud83d"})") +
                  "\n\ndata: " + delta(0, R"({"type":"input_json_delta","partial_json":"\ude00\"]"})") +
                  "\n\n" + sse({ended, stop})) ==
          Lines{"call 0 id=a name=f ", "call 0 [\"", "call 0 " + smile + "\"]", "finish tool_calls"});
    CHECK(told_by("data: " + delta(0, R"({"type":"text_delta","text":"a\ud83d"})") + "\n\n" +
                  sse({ended, stop})) == Lines{"text a", "text " + lost, "finish stop"});
}

TEST_CASE("a stream without message_stop is complete after a silence") {
    auto silences = [](const std::string& body) {
        Bench bench;
        const ChatRequest request = ask_stream();
        auto exchange = begin(bench.provider, request);
        body_of(*exchange);
        exchange->head({.status = 200});
        testing::Events events;
        REQUIRE(exchange->body(body, events));
        for (int i = 0; i <= 20; ++i) {
            if (exchange->complete()) return i;
            REQUIRE(exchange->body("", events));
        }
        return 0;
    };
    CHECK(silences(sse({text_delta, ended})) == 1);
    CHECK(silences(sse({text_delta, ended, text_delta})) == 10);
    CHECK(silences(sse({text_delta})) == 0);
    CHECK(silences(message_with("[]")) == 1);
}

TEST_CASE("a stream that ends too early is an error, wherever that is") {
    const std::string body = fixture("stream-parallel-tools.sse");
    const std::size_t reason = body.find("event: message_delta");
    for (std::size_t end = 0; end < reason; end += 7) {
        const Lines found = told_by(body.substr(0, end));
        if (!is_one_error(found)) REQUIRE(found == Lines{"an error"});
    }
}

TEST_CASE("a retry starts with empty state") {
    Bench bench;
    const ChatRequest request = ask_stream();
    auto exchange = begin(bench.provider, request);
    body_of(*exchange);
    testing::Events events;
    exchange->head({.status = 200});
    REQUIRE(exchange->body(sse({text_delta, text_delta}).substr(0, 100), events));
    events.list.clear();
    CHECK(lines(testing::replay(*exchange, {sse({text_delta, ended, stop})})) ==
          Lines{"text hi", "finish stop"});
}

TEST_CASE("unknown types of events are skipped, and those of blocks are other blocks") {
    CHECK(
        told_by(sse({R"({"type":"of_a_time_to_come","index":"x"})", R"({"type":"ping"})",
                     start(0, R"({"type":"hologram","data":[1]})"), delta(0, R"({"type":"hologram_delta"})"),
                     delta(1, R"({"type":"text_delta","text":"hi"})"),
                     R"({"type":"content_block_stop","index":7})", ended, stop})) ==
        Lines{R"(other anthropic hologram {"type":"hologram","data":[1]})", "text hi", "finish stop"});
    CHECK(told_by(message_with(
              R"([{"type":"hologram"},{"type":"text","text":"a"},{"type":"text","text":"b"}])")) ==
          Lines{R"(other anthropic hologram {"type":"hologram"})", "text a", "block end", "text b",
                "finish stop"});
}

TEST_CASE("optional members of a wrong type are dropped") {
    CHECK(told_by(R"({"type":"message","content":[{"type":"text","text":"a","citations":[1,{"url":7}]}],
        "stop_reason":"end_turn","stop_details":"x","usage":{"input_tokens":"many","output_tokens":-1,
        "service_tier":5,"output_tokens_details":[]}})") == Lines{"text a", "finish stop"});
    CHECK(told_by(R"({"type":"message","content":[],"stop_reason":"end_turn","usage":[]})") ==
          Lines{"finish stop"});
}

TEST_CASE("a part of the answer with a wrong type is an upstream error") {
    const std::vector<std::string> bodies = {
        "",
        "null",
        "[]",
        "\"text\"",
        "<html>",
        "{",
        "{}",
        R"({"type":"message"})",
        R"({"type":"message","content":"text","stop_reason":"end_turn"})",
        R"({"type":"message","content":[1],"stop_reason":"end_turn"})",
        R"({"type":"message","content":[],"stop_reason":null})",
        R"({"type":"message","content":[],"stop_reason":7})",
        message_with(R"([{"type":"text","text":1}])"),
        message_with(R"([{"type":"thinking","thinking":[]}])"),
        message_with(R"([{"type":"tool_use","id":"a","input":{}}])"),
        message_with(R"([{"type":"tool_use","id":"a","name":3,"input":{}}])"),
        message_with(R"([{"type":"tool_use","id":"a","name":"f","input":7}])"),
        sse({R"({"type":"message_start","message":1})"}),
        sse({R"({"type":"content_block_start","index":0})"}),
        sse({R"({"type":"content_block_start","content_block":{"type":"text"}})"}),
        sse({R"({"type":"content_block_delta","index":-1,"delta":{}})"}),
        sse({R"({"type":"content_block_delta","index":0,"delta":[]})"}),
        sse({delta(0, R"({"type":"text_delta","text":{}})"), ended}),
        sse({delta(0, R"({"type":"input_json_delta","partial_json":"{}"})"), ended}),
        sse({start(0, R"({"type":"text","text":""})"), start(0, R"({"type":"text","text":""})"), ended}),
        sse({start(0, R"({"type":"tool_use","id":"a","name":"f","input":{}})"),
             delta(0, R"({"type":"input_json_delta","partial_json":7})"), ended}),
        "data: {broken}\n\n",
        "data: 7\n\n",
    };
    for (const std::string& body : bodies) {
        const Lines found = told_by(body);
        CAPTURE(body);
        CHECK(is_one_error(found));
        CHECK(found.at(0).starts_with("error 502: "));
    }
}

TEST_CASE("bytes that are not UTF-8 do not lose the answer") {
    const Lines found = told_by(message_with("[{\"type\":\"text\",\"text\":\"a\xff\"}]"));
    CHECK(found == Lines{"text a\xEF\xBF\xBD", "finish stop"});
}

TEST_CASE("two calls of one id get two") {
    Bench bench;
    const auto events = testing::replay(
        bench.provider, ask(),
        {message_with(
            R"([{"type":"tool_use","id":"t","name":"f","input":{}},{"type":"tool_use","id":"t","name":"f","input":{}}])",
            "tool_use")});
    REQUIRE(events);
    std::vector<std::string> ids;
    for (const ToolCallDelta& one : testing::all<ToolCallDelta>(*events))
        if (!one.id.empty()) ids.push_back(one.id);
    REQUIRE(ids.size() == 2);
    CHECK(ids[0] == "t");
    CHECK(ids[1].starts_with("call_"));
}

TEST_CASE("memory is bounded: events, answers, blocks and kept thoughts") {
    Bench bench;
    bench.host.given_limits = {.max_event_bytes = 1000, .max_answer_bytes = 3000};
    auto found = [&](const std::string& body) {
        return lines(testing::replay(bench.provider, ask(), {body}));
    };
    CHECK(is_one_error(
        found(sse({delta(0, R"({"type":"text_delta","text":")" + std::string(2000, 'x') + "\"}")}))));
    CHECK(is_one_error(found(message_with(R"([{"type":"text","text":")" + std::string(5000, 'x') + "\"}]"))));

    std::string thoughts = sse({start(0, R"({"type":"thinking","thinking":"","signature":""})")});
    for (int i = 0; i < 10; ++i)
        thoughts +=
            sse({delta(0, R"({"type":"thinking_delta","thinking":")" + std::string(500, 'x') + "\"}")});
    thoughts += sse({delta(0, R"({"type":"signature_delta","signature":"s"})"), ended, stop});
    const Lines told = found(thoughts);
    CHECK(told.size() == 11);  // all of them, and the finish; nothing to send back
    CHECK(told.back() == "finish stop");

    Bench roomy;
    std::string many;
    for (int i = 0; i < 10'001; ++i) many += sse({start(i, R"({"type":"hologram"})")});
    CHECK(lines(testing::replay(roomy.provider, ask(), {many + sse({ended, stop})})) ==
          Lines{"error 502: Anthropic's response is invalid: it has too many content blocks"});
}
