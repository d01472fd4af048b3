// SPDX-License-Identifier: Apache-2.0
// Answers for any events.  A strict reader of the protocol reads every stream, and the message
// that it builds is the non-streaming one.
#include "tests/plugins/dialect/anthropic/helper.hpp"

using namespace gatehouse;
using namespace gatehouse::anthropic_dialect;
using namespace gatehouse::anthropic_dialect::testing;

namespace {

const Finish stop{.reason = FinishReason::stop};
const Usage usage{.prompt = 21, .completion = 9, .total = 30, .cached = 8};

ToolCallDelta begin(int index, const std::string& id, const std::string& name,
                    const std::string& arguments = "") {
    return {.index = index, .id = id, .name = name, .arguments = arguments};
}
ToolCallDelta more(int index, const std::string& arguments) {
    return {.index = index, .arguments = arguments};
}

/// "text:Hello tool_use:f{"a":1}" of the blocks.
std::string blocks(const Json& message) {
    std::string all;
    for (const Json& block : message.at("content")) {
        if (!all.empty()) all += ' ';
        const std::string type = block.at("type");
        all += type;
        if (type == "text") all += ":" + block.at("text").get<std::string>();
        if (type == "thinking")
            all += ":" + block.at("thinking").get<std::string>() + "/" +
                   block.at("signature").get<std::string>();
        if (type == "redacted_thinking") all += ":" + block.at("data").get<std::string>();
        if (type == "tool_use") all += ":" + block.at("name").get<std::string>() + block.at("input").dump();
    }
    return all;
}

AnswerFacts without_thoughts() {
    AnswerFacts given = facts();
    given.shows_thoughts = false;
    return given;
}

}  // namespace

// B12, E1: usage is in message_start and in message_delta.
TEST_CASE("a text, to the byte") {
    CHECK(streamed({AnswerInfo{.created = 7, .id = "chatcmpl-1"}, TextDelta{"Hel"}, TextDelta{""},
                    TextDelta{"lo \"you\"\n"}, stop, usage}) ==
          R"(event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"gpt-5","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":25,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo \"you\"\n"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":13,"cache_creation_input_tokens":0,"cache_read_input_tokens":8,"output_tokens":9}}

event: message_stop
data: {"type":"message_stop"}

)");
}

TEST_CASE("a non-streaming message, to the byte") {
    auto formatter = whole_formatter(std::make_shared<const AnswerFacts>(facts()));
    const Answer made = answer(
        *formatter, {AnswerInfo{.service_tier = "default", .id = "msg_01abc"}, TextDelta{"Hi"}, stop, usage});
    CHECK(
        made.body ==
        R"({"id":"msg_01abc","type":"message","role":"assistant","model":"gpt-5",)"
        R"("content":[{"type":"text","text":"Hi","citations":null}],"stop_reason":"end_turn","stop_sequence":null,)"
        R"("usage":{"input_tokens":13,"cache_creation_input_tokens":0,"cache_read_input_tokens":8,)"
        R"("output_tokens":9,"service_tier":"standard"}})");
    CHECK(made.head.status == 200);
    CHECK(made.head.headers.get("content-type") == "application/json");
}

TEST_CASE("heads of responses, with the rate limits of an upstream of the protocol") {
    AnswerInfo info;
    info.headers = {{"anthropic-ratelimit-requests-remaining", "9"}, {"x-other", "1"}};
    for (const bool streams : {false, true}) {
        auto formatter =
            (streams ? stream_formatter : whole_formatter)(std::make_shared<const AnswerFacts>(facts()));
        std::string out;
        formatter->event(info, out);
        CHECK(out.empty());  // another attempt may still follow
        const http::ResponseHead head = formatter->head();
        CHECK(head.headers.get("anthropic-ratelimit-requests-remaining") == "9");
        CHECK(!head.headers.has("x-other"));
        CHECK(formatter->streams() == streams);
        CHECK(head.headers.get("content-type") ==
              (streams ? "text/event-stream; charset=utf-8" : "application/json"));
    }
}

// B1, B2, B5, B7, B9: each kind of content has its block, and arguments are in deltas only.
TEST_CASE("blocks in the order of the events") {
    CHECK(blocks(both({ReasoningDelta{"hm "}, ReasoningDelta{"so"}, TextDelta{"a"},
                       begin(0, "call_A", "f", "{\"x\":"), more(0, "1}"), TextDelta{"b"},
                       begin(1, "call_B", "g", "{}"), stop, usage})) ==
          R"(thinking:hm so/ text:a tool_use:f{"x":1} text:b tool_use:g{})");
    CHECK(blocks(both({TextDelta{"a"}, BlockEnd{}, TextDelta{"b"}, stop})) == "text:a text:b");
    CHECK(blocks(both({stop, usage})) == "");
    CHECK(blocks(both({begin(0, "c", "f"), stop})) == "tool_use:f{}");
    CHECK(blocks(both({TextDelta{"x", 1}, ReasoningDelta{"x", 2}, TextDelta{"a"}, stop})) == "text:a");
}

// B4, B8, C8: fragments of several calls at once, and calls without arguments.
TEST_CASE("calls whose fragments are mixed") {
    CHECK(blocks(both({begin(0, "a", "f"), begin(1, "b", "g"), more(0, "{\"x\""), more(1, "{\"y\":"),
                       more(0, ":\"}\\\"{\"}"), more(1, "2}"), stop})) ==
          R"(tool_use:f{"x":"}\"{"} tool_use:g{"y":2})");
    CHECK(blocks(both({begin(0, "a", "f"), begin(1, "b", "g", "{}"), TextDelta{"t"}, stop})) ==
          "tool_use:f{} tool_use:g{} text:t");
    CHECK(blocks(both({begin(0, "a", "f"), begin(1, "b", "g"), begin(2, "c", "h"), more(2, "{}"),
                       more(1, "{}"), more(0, "{}"), stop})) == "tool_use:f{} tool_use:g{} tool_use:h{}");
    CHECK(blocks(both({begin(0, "a", "f", "{"), TextDelta{"t"}, more(0, "}"), TextDelta{"u"}, stop})) ==
          "tool_use:f{} text:tu");
    // The first call is not complete at the end.
    CHECK(MessageStream(streamed({begin(0, "a", "f", "{"), begin(1, "b", "g", "{}"), stop}))
              .message["content"]
              .size() == 2);
}

TEST_CASE("arguments that are not an object") {
    const std::vector<Event> cut = {begin(0, "a", "f", "{\"x\":"), Finish{FinishReason::length}};
    const MessageStream stream(streamed(cut));
    CHECK(stream.broken_input);
    CHECK(stream.message["stop_reason"] == "max_tokens");
    CHECK(whole(cut)["content"][0]["input"] == Json{{"arguments", "{\"x\":"}});
    CHECK(whole({begin(0, "a", "f", "[1]"), stop})["content"][0]["input"] == Json{{"arguments", "[1]"}});
}

TEST_CASE("a call of a custom tool has its text as a member") {
    CHECK(blocks(both({ToolCallDelta{.index = 0, .id = "a", .name = "shell", .custom = true},
                       ToolCallDelta{.index = 0, .arguments = "ls \"x\"", .custom = true}, stop})) ==
          R"(tool_use:shell{"input":"ls \"x\""})");
}

TEST_CASE("ids that do not fit the pattern are replaced") {
    const Json calls = whole({begin(0, "call_A-1", "f"), begin(1, "a b", "g"), stop})["content"];
    CHECK(calls[0]["id"] == "call_A-1");
    CHECK(calls[1]["id"].get<std::string>().starts_with("toolu_"));
    CHECK(whole({AnswerInfo{.id = "msg_\"x"}, stop})["id"] == "msg_1");
}

// D1, D3: the signature comes before the end of the block.
TEST_CASE("thoughts with and without a signature") {
    CHECK(blocks(both({ReasoningDelta{"hm"}, ThoughtEnd{"c2ln", "", "anthropic"}, TextDelta{"a"}, stop})) ==
          "thinking:hm/c2ln text:a");
    CHECK(blocks(both({ThoughtEnd{"c2ln", "", "anthropic"}, ThoughtEnd{"", "ZW5j", "anthropic"}, stop})) ==
          "thinking:/c2ln redacted_thinking:ZW5j");
    CHECK(blocks(both({ReasoningDelta{"a"}, ThoughtEnd{"s1", "", "anthropic"}, ReasoningDelta{"b"},
                       ThoughtEnd{"s2", "", "anthropic"}, stop})) == "thinking:a/s1 thinking:b/s2");
    // A signature of another vendor is not for this client.
    CHECK(blocks(both({ReasoningDelta{"a"}, ThoughtEnd{"s", "e", "openai"}, TextDelta{"t"}, stop})) ==
          "thinking:a/ text:t");
}

TEST_CASE("a client that has not asked for thinking gets signed thoughts only") {
    CHECK(blocks(both({ReasoningDelta{"hm"}, TextDelta{"a"}, stop}, without_thoughts())) == "text:a");
    CHECK(blocks(both({ReasoningDelta{"h"}, ReasoningDelta{"m"}, ThoughtEnd{"c2ln", "", "anthropic"},
                       TextDelta{"a"}, stop},
                      without_thoughts())) == "thinking:hm/c2ln text:a");
    CHECK(blocks(both({TextDelta{"a"}, ReasoningDelta{"no"}, TextDelta{"b"}, stop}, without_thoughts())) ==
          "text:ab");
}

// B6: one numbering, also with blocks of the upstream's own kinds.
TEST_CASE("blocks of the upstream's own kinds") {
    const std::string search =
        "{\"type\":\"server_tool_use\",\n\"id\":\"srvtoolu_1\",\"name\":\"web_search\",\"input\":{\"query\":\"x\"}}";
    const std::string result =
        R"({"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"encrypted_content":"E"}]})";
    const Json message = both({TextDelta{"a"}, OtherBlock{"anthropic", "server_tool_use", {search}},
                               OtherBlock{"anthropic", "web_search_tool_result", {result}},
                               OtherBlock{"openai", "x", {"{}"}}, TextDelta{"b"}, stop});
    REQUIRE(message["content"].size() == 4);
    CHECK(message["content"][1] == Json::parse(search));
    CHECK(message["content"][2] == Json::parse(result));
}

TEST_CASE("citations") {
    const JsonText own = {
        R"({"type":"char_location","cited_text":"c","document_index":0,"document_title":"T","start_char_index":0,"end_char_index":1})"};
    const Json message = both(
        {TextDelta{"It is \xC3\xA9 so."}, Citation{.title = "T", .start = 0, .end = 11, .extra = own}, stop});
    CHECK(message["content"][0]["citations"] == Json::array({Json::parse(own.text)}));
    const std::vector<Event> foreign = {
        TextDelta{"It is \xC3\xA9 so."},
        Citation{.url = "https://x.example", .title = "t", .start = 6, .end = 10}, stop};
    CHECK(whole(foreign)["content"][0]["citations"] ==
          Json::parse(R"([{"type":"web_search_result_location","url":"https://x.example","title":"t",
                           "cited_text":"\u00e9 so","encrypted_index":""}])"));
    CHECK(MessageStream(streamed(foreign)).message["content"][0]["citations"][0]["url"] ==
          "https://x.example");
}

// B10: no tool_use without a call.
TEST_CASE("stop reasons") {
    auto reason = [](std::vector<Event> events) { return both(std::move(events))["stop_reason"]; };
    CHECK(reason({TextDelta{"a"}, stop}) == "end_turn");
    CHECK(reason({TextDelta{"a"}, Finish{FinishReason::tool_calls}}) == "end_turn");
    CHECK(reason({begin(0, "a", "f", "{}"), stop}) == "tool_use");
    CHECK(reason({begin(0, "a", "f", "{}"), Finish{FinishReason::length}}) == "max_tokens");
    CHECK(reason({TextDelta{"a"}, Finish{FinishReason::length}}) == "max_tokens");
    CHECK(reason({TextDelta{"a"}, Finish{FinishReason::content_filter}}) == "refusal");
    CHECK(reason({RefusalDelta{"no"}, stop}) == "refusal");
    for (const FinishReason any : {FinishReason::stop, FinishReason::length, FinishReason::tool_calls})
        CHECK(reason({Finish{.reason = any, .native = "pause_turn"}}) == "pause_turn");
    CHECK(reason({Finish{.reason = FinishReason::length, .native = "model_context_window_exceeded"}}) ==
          "model_context_window_exceeded");
    const Json stopped = both({TextDelta{"a"}, Finish{.native = "stop_sequence", .stop_sequence = "END"}});
    CHECK(stopped["stop_reason"] == "stop_sequence");
    CHECK(stopped["stop_sequence"] == "END");
    const Json refused = both({Finish{.reason = FinishReason::content_filter,
                                      .native = "refusal",
                                      .details = {R"({"type":"refusal","category":"x"})"}}});
    CHECK(refused["stop_details"]["category"] == "x");
}

// E1, E2: estimates in the place of zeros.
TEST_CASE("usage") {
    const Json all =
        both({AnswerInfo{.service_tier = "priority"}, TextDelta{"Hi."}, stop,
              Usage{.prompt = 30,
                    .completion = 9,
                    .cached = 8,
                    .reasoning = 4,
                    .cache_written = 2,
                    .extra = {R"({"server_tool_use":{"web_search_requests":1},"input_tokens":99})"},
                    .completion_extra = {R"({"x":1})"}}});
    CHECK(all["usage"] == Json::parse(R"({"input_tokens":20,"cache_creation_input_tokens":2,
        "cache_read_input_tokens":8,"output_tokens":9,"output_tokens_details":{"thinking_tokens":4,"x":1},
        "service_tier":"priority","server_tool_use":{"web_search_requests":1}})"));
    for (const Event& nothing : {Event{Usage{}}, Event{BlockEnd{}}}) {
        const Json estimated = both({TextDelta{"Hello"}, stop, nothing});
        CHECK(estimated["usage"]["input_tokens"] == 25);
        CHECK(estimated["usage"]["output_tokens"] == 2);
    }
    const MessageStream told(streamed({AnswerInfo{.prompt_tokens = 77}, TextDelta{"a"}, stop}));
    CHECK(told.first_usage["input_tokens"] == 77);
}

TEST_CASE("unknown members of the upstream's message") {
    const Extra extra{
        .members = {R"({"container":{"id":"c"},"context_management":{"applied_edits":[]},"type":"x"})"},
        .protocol = "anthropic"};
    const Json complete = whole({TextDelta{"a"}, extra, stop});
    CHECK(complete["container"]["id"] == "c");
    CHECK(complete["context_management"]["applied_edits"] == Json::array());
    const MessageStream stream(streamed({TextDelta{"a"}, extra, stop}));
    CHECK(stream.last_delta["delta"]["container"]["id"] == "c");
    CHECK(stream.last_delta["context_management"]["applied_edits"] == Json::array());
    CHECK(!whole({Extra{.members = {R"({"x":1})"}, .protocol = "openai"}, stop}).contains("x"));
}

// B11: each delta goes out at once.
TEST_CASE("every delta is written when it comes") {
    auto formatter = stream_formatter(std::make_shared<const AnswerFacts>(facts()));
    for (const Event& event : {Event{TextDelta{"a"}}, Event{ReasoningDelta{"b"}}, Event{begin(0, "c", "f")},
                               Event{more(0, "{")}, Event{more(0, "}")}}) {
        std::string out;
        formatter->event(event, out);
        CHECK(!out.empty());
    }
}

TEST_CASE("heartbeats and errors in every state") {
    const std::vector<Event> events = {AnswerInfo{.id = "msg_9"},
                                       ReasoningDelta{"hm"},
                                       ThoughtEnd{"c2ln", "", "anthropic"},
                                       TextDelta{"a"},
                                       Citation{.url = "https://x.example"},
                                       BlockEnd{},
                                       TextDelta{"b"},
                                       begin(0, "c", "f"),
                                       begin(1, "d", "g"),
                                       more(1, "{}"),
                                       more(0, "{}"),
                                       OtherBlock{"anthropic", "x", {R"({"type":"x"})"}},
                                       Finish{FinishReason::tool_calls},
                                       usage};
    auto make = [] { return stream_formatter(std::make_shared<const AnswerFacts>(facts())); };
    const Json expected = MessageStream(streamed(events)).message;
    {
        auto formatter = make();
        std::string out;
        formatter->heartbeat(out);
        for (const Event& event : events) {
            formatter->event(event, out);
            formatter->heartbeat(out);
        }
        formatter->end(out);
        formatter->heartbeat(out);
        const MessageStream stream(out);
        CHECK(stream.message == expected);
        CHECK(stream.pings == static_cast<int>(events.size()) + 1);
    }
    for (std::size_t count = 0; count <= events.size(); ++count) {
        CAPTURE(count);
        auto formatter = make();
        std::string out;
        for (std::size_t i = 0; i < count; ++i) formatter->event(events[i], out);
        formatter->error({ErrorKind::unavailable, "the upstream is overloaded", "secret"}, out);
        const std::size_t size = out.size();
        formatter->event(TextDelta{"late"}, out);
        formatter->heartbeat(out);
        formatter->end(out);
        CHECK(out.size() == size);
        const MessageStream stream(out);
        REQUIRE(stream.error);
        CHECK((*stream.error)["type"] == "overloaded_error");
        CHECK(out.find("secret") == out.npos);
    }
}

// B13: an answer without an end is an error.
TEST_CASE("an answer without a finish reason fails") {
    const std::string out = streamed({TextDelta{"Hel"}});
    const MessageStream stream(out);
    REQUIRE(stream.error);
    CHECK((*stream.error)["type"] == "api_error");
    CHECK(stream.events.back() == "error");
    CHECK(stream.events[stream.events.size() - 2] == "content_block_delta");
    auto formatter = whole_formatter(std::make_shared<const AnswerFacts>(facts()));
    const Answer made = answer(*formatter, {TextDelta{"Hel"}});
    CHECK(made.head.status == 502);
    CHECK(Json::parse(made.body)["error"]["type"] == "api_error");
}

TEST_CASE("much content behind a call that is never complete ends the wait") {
    std::vector<Event> events = {begin(0, "a", "f", "{")};
    for (int i = 0; i < 100; ++i) events.push_back(TextDelta{std::string(100'000, 'x')});
    auto formatter = stream_formatter(std::make_shared<const AnswerFacts>(facts()));
    std::string out;
    for (const Event& event : events) formatter->event(event, out);
    CHECK(out.size() > 6'000'000);
    formatter->event(stop, out);
    formatter->end(out);
    CHECK(MessageStream(out).message["content"][1]["text"].get<std::string>().size() == 10'000'000);
}
