// SPDX-License-Identifier: Apache-2.0
// Streams: the order of items, mixed pieces, limits, heartbeats and errors in every state.
#include "tests/plugins/dialect/openai/responses/helper.hpp"

#include <set>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const std::string message_types =
    "output_item.added content_part.added output_text.delta output_text.done "
    "content_part.done output_item.done";
const std::string call_types =
    "output_item.added function_call_arguments.delta function_call_arguments.done "
    "output_item.done";
const std::string thought_types =
    "output_item.added reasoning_summary_part.added reasoning_summary_text.delta "
    "reasoning_summary_text.done reasoning_summary_part.done output_item.done";
const std::string begin_types = "created in_progress ";

ToolCallDelta call(int index, const std::string& name, const std::string& arguments = "") {
    return {.index = index, .id = "call_" + name, .name = name, .arguments = arguments};
}
ToolCallDelta more(int index, const std::string& arguments) {
    return {.index = index, .arguments = arguments};
}

Grammar read(const std::vector<Event>& events, const std::string& members = "") {
    Gateway gateway;
    Grammar grammar(answered(gateway, streaming(members), events));
    CHECK(grammar.fault() == "");
    CHECK(grammar.ended());
    return grammar;
}

/// An answer with each kind of event that a provider may send.
std::vector<Event> everything() {
    return {AnswerInfo{.created = 1, .service_tier = "flex"},
            ReasoningDelta{"hm"},
            ThoughtEnd{.signature = "c2ln", .origin = "acme"},
            ThoughtEnd{.encrypted = "ZW5j", .origin = "acme"},
            TextDelta{"It is "},
            LogprobsDelta{{{.token = "It", .logprob = -0.5}}},
            TextDelta{"so."},
            Citation{.url = "https://x", .title = "t", .start = 0, .end = 2},
            BlockEnd{},
            RefusalDelta{"But no."},
            call(0, "a", "{\"x\":"),
            more(0, "1}"),
            call(1, "b"),
            more(1, "{}"),
            TextDelta{"Late."},
            OtherBlock{"acme", "x", {"{}"}},
            Extra{.members = {R"({"x":1})"}},
            Finish{FinishReason::tool_calls},
            Usage{.prompt = 3, .completion = 5, .total = 8, .cached = 1, .reasoning = 2, .cache_written = 1}};
}

const std::string both = R"("include":["reasoning.encrypted_content","message.output_text.logprobs"])";

}  // namespace

TEST_CASE("items follow each other in the order in which they began") {
    CHECK(read({TextDelta{"a"}, Finish{}}).types() == begin_types + message_types + " completed");
    CHECK(read({ReasoningDelta{"a"}, TextDelta{"b"}, Finish{}}).types() ==
          begin_types + thought_types + " " + message_types + " completed");
    CHECK(read({TextDelta{"a"}, call(0, "f", "{}"), Finish{}}).types() ==
          begin_types + message_types + " " + call_types + " completed");
    CHECK(read({call(0, "f", "{}"), TextDelta{"a"}, Finish{}}).types() ==
          begin_types + call_types + " " + message_types + " completed");
    CHECK(read({call(0, "f", "{}"), call(1, "g", "{}"), Finish{}}).types() ==
          begin_types + call_types + " " + call_types + " completed");
    CHECK(read({TextDelta{"a"}, call(0, "f", "{}"), TextDelta{"b"}, Finish{}}).types() ==
          begin_types + message_types + " " + call_types + " " + message_types + " completed");
}

TEST_CASE("an event leaves as soon as it is known") {
    Gateway gateway;
    const Parsed parsed = gateway.parse(streaming());
    auto formatter = parsed.formatter();
    std::string out;
    formatter->event(AnswerInfo{}, out);
    CHECK(out == "");
    formatter->event(TextDelta{"a"}, out);
    CHECK(out.find("\"delta\":\"a\"") != out.npos);
    out.clear();
    formatter->event(TextDelta{"b"}, out);
    CHECK(
        out.starts_with("event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\","
                        "\"sequence_number\":5,\"item_id\":\"msg_"));
    out.clear();
    formatter->event(call(0, "f"), out);
    CHECK(out.find("\"name\":\"f\"") != out.npos);
    out.clear();
    formatter->event(more(0, "{\"a\""), out);
    CHECK(out.find(R"("delta":"{\"a\"")") != out.npos);
    out.clear();
    formatter->event(Finish{}, out);
    CHECK(out.find("response.output_item.done") != out.npos);
    CHECK(out.find("response.completed") == out.npos);  // usage may follow
    formatter->event(Usage{.prompt = 7}, out);
    CHECK(out.find("response.completed") == out.npos);
    formatter->end(out);
    CHECK(out.find("\"input_tokens\":7") != out.npos);
}

TEST_CASE("the pieces of two calls that an upstream mixes stay apart") {
    const Grammar grammar = read({call(0, "f", "{\"a\":"), call(1, "g", "{\"b\":"), more(0, "1"),
                                  more(1, "2"), more(0, "}"), more(1, "}"), Finish{}});
    const Json& output = grammar.response()["output"];
    REQUIRE(output.size() == 2);
    CHECK(output[0]["arguments"] == R"({"a":1})");
    CHECK(output[1]["arguments"] == R"({"b":2})");
    CHECK(output[0]["call_id"] == "call_f");
    CHECK(output[1]["call_id"] == "call_g");
}

TEST_CASE("text within a call waits for the end of the call") {
    const Grammar grammar =
        read({call(0, "f", "{\"a\":"), TextDelta{"so"}, more(0, "1}"), TextDelta{" on"}, Finish{}});
    const Json& output = grammar.response()["output"];
    REQUIRE(output.size() == 2);
    CHECK(output[0]["arguments"] == R"({"a":1})");
    CHECK(output[1]["content"][0]["text"] == "so on");
}

TEST_CASE("a call without arguments gets an empty object, also before another call") {
    const Grammar grammar =
        read({call(0, "f"), call(1, "g"), more(1, "{\"a\":1}"), TextDelta{"x"}, Finish{}});
    const Json& output = grammar.response()["output"];
    REQUIRE(output.size() == 3);
    CHECK(output[0]["arguments"] == "{}");
    CHECK(output[0]["status"] == "completed");
    CHECK(output[1]["arguments"] == "{\"a\":1}");
    CHECK(output[2]["content"][0]["text"] == "x");
}

TEST_CASE("a call whose arguments are not JSON is never completed") {
    const Grammar grammar = read({call(0, "f", "{\"a\":"), call(1, "g", "{}"), Finish{}});
    CHECK(grammar.response()["status"] == "completed");
    CHECK(grammar.response()["output"][0]["status"] == "incomplete");
    CHECK(grammar.response()["output"][0]["arguments"] == "{\"a\":");
    CHECK(grammar.response()["output"][1]["status"] == "completed");
}

TEST_CASE("a call without an id gets one") {
    const Grammar grammar = read({ToolCallDelta{.name = "f", .arguments = "{}"}, Finish{}});
    CHECK(grammar.response()["output"][0]["call_id"].get<std::string>().starts_with("call_"));
    CHECK(grammar.response()["output"][0]["id"].get<std::string>().starts_with("fc_"));
}

TEST_CASE("an answer that was cut is incomplete and tells why") {
    struct Row {
        std::vector<Event> events;
        FinishReason reason;
        const char* word;
        const char* status;  // last item
    };
    const std::vector<Row> rows = {
        {{TextDelta{"a"}}, FinishReason::length, "max_output_tokens", "incomplete"},
        {{TextDelta{"a"}}, FinishReason::content_filter, "content_filter", "incomplete"},
        {{call(0, "f", "{\"a")}, FinishReason::length, "max_output_tokens", "incomplete"},
        {{call(0, "f", "{}")}, FinishReason::length, "max_output_tokens", "completed"},
        {{call(0, "f")}, FinishReason::length, "max_output_tokens", "incomplete"},
        {{}, FinishReason::length, "max_output_tokens", "incomplete"},
        {{}, FinishReason::content_filter, "content_filter", "incomplete"},
    };
    for (const Row& row : rows) {
        std::vector<Event> events = row.events;
        events.push_back(Finish{row.reason});
        const Grammar grammar = read(events);
        CHECK(grammar.response()["status"] == "incomplete");
        CHECK(grammar.response()["incomplete_details"] == Json{{"reason", row.word}});
        CHECK(grammar.response()["completed_at"].is_null());
        CHECK(grammar.response()["output"].back()["status"] == row.status);
    }
}

TEST_CASE("thoughts without text get an empty message, unless a limit has cut them") {
    const Grammar quiet = read({ReasoningDelta{"hm"}, Finish{}});
    REQUIRE(quiet.response()["output"].size() == 2);
    CHECK(quiet.response()["output"][1]["content"][0]["text"] == "");
    const Grammar cut = read({ReasoningDelta{"hm"}, Finish{FinishReason::length}});
    CHECK(cut.response()["output"].size() == 1);
}

TEST_CASE("each thought with a seal is an item of its own, and comes back unchanged") {
    const Grammar grammar = read({ReasoningDelta{"a"}, ThoughtEnd{.signature = "s1", .origin = "acme"},
                                  ReasoningDelta{"b"}, ThoughtEnd{.signature = "s2", .origin = "acme"},
                                  ThoughtEnd{.encrypted = "e3", .origin = "acme"}, TextDelta{"x"}, Finish{}},
                                 both);
    const Json& output = grammar.response()["output"];
    REQUIRE(output.size() == 4);
    Gateway gateway;
    const ChatRequest chat = gateway.chat(Json{
        {"model", "m"},
        {"input", {output[0], output[1], output[2], output[3], Json{{"role", "user"}, {"content", "Go."}}}}}
                                              .dump());
    REQUIRE(chat.messages.size() == 2);
    const auto& parts = chat.messages[0].parts;
    REQUIRE(parts.size() == 4);
    CHECK(std::get<Thought>(parts[0]).text == "a");
    CHECK(std::get<Thought>(parts[0]).signature == "s1");
    CHECK(std::get<Thought>(parts[0]).origin == "acme");
    CHECK(std::get<Thought>(parts[1]).signature == "s2");
    CHECK(std::get<Thought>(parts[2]).encrypted == "e3");
    CHECK(std::get<Text>(parts[3]).text == "x");
}

TEST_CASE("a seal is sent only if the client wants it") {
    const Grammar grammar = read({ReasoningDelta{"a"}, ThoughtEnd{.signature = "s"}, Finish{}});
    CHECK(!grammar.response()["output"][0].contains("encrypted_content"));
}

TEST_CASE("log probabilities are sent only if the client wants them, and all are in the part") {
    const std::vector<Event> events = {TextDelta{"a"}, LogprobsDelta{{{.token = "a", .logprob = -1}}},
                                       TextDelta{"b"}, LogprobsDelta{{{.token = "b", .logprob = -2}}},
                                       Finish{}};
    const Grammar wanted = read(events, both);
    const Json& part = wanted.response()["output"][0]["content"][0];
    REQUIRE(part["logprobs"].size() == 2);
    CHECK(part["logprobs"][0] ==
          Json{{"token", "a"}, {"logprob", -1.0}, {"bytes", {97}}, {"top_logprobs", Json::array()}});
    CHECK(read(events).response()["output"][0]["content"][0]["logprobs"].empty());
    Gateway gateway;
    CHECK(gateway.chat(whole(both + R"(,"top_logprobs":2)")).sampling.top_logprobs == 2);
    CHECK(gateway.chat(whole(both)).sampling.logprobs == true);
    CHECK(!gateway.chat(whole(R"("top_logprobs":2)")).sampling.top_logprobs);
}

TEST_CASE("a citation counts from the beginning of its message") {
    const Grammar grammar =
        read({TextDelta{"é one"}, call(0, "f", "{}"), TextDelta{"two"},
              Citation{.url = "https://x", .title = "t", .start = 5, .end = 8}, Finish{}});
    const Json& annotations = grammar.response()["output"][2]["content"][0]["annotations"];
    CHECK(annotations ==
          Json::parse(
              R"([{"type":"url_citation","url":"https://x","title":"t","start_index":0,"end_index":3}])"));
    CHECK(grammar.types().find("output_text.annotation.added") != std::string::npos);
}

TEST_CASE("usage has both details, and zeros if the upstream has not told it") {
    const Grammar grammar = read(everything());
    CHECK(grammar.response()["usage"] ==
          Json::parse(R"({"input_tokens":3,"input_tokens_details":{"cached_tokens":1,"cache_write_tokens":1},
                          "output_tokens":5,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":8})"));
    CHECK(grammar.response()["service_tier"] == "flex");
    CHECK(read({TextDelta{"a"}, Finish{}}).response()["usage"]["total_tokens"] == 0);
}

TEST_CASE("ids are short, name their kind and their response, and differ between responses") {
    const Grammar a = read(everything()), b = read(everything());
    std::set<std::string> ids;
    for (const Grammar* grammar : {&a, &b}) {
        const std::string id = grammar->response()["id"];
        CHECK(id.starts_with("resp_"));
        CHECK(ids.insert(id).second);
        for (const Json& item : grammar->response()["output"]) {
            const std::string item_id = item["id"];
            CHECK(item_id.size() <= 64);
            CHECK(item_id.find(id.substr(5)) != item_id.npos);
            CHECK(ids.insert(item_id).second);
        }
    }
}

TEST_CASE("events after the finish, of another choice or of nothing change nothing") {
    const std::string expected = read({TextDelta{"a"}, Finish{}}).types();
    CHECK(read({TextDelta{""}, ReasoningDelta{""}, RefusalDelta{""}, ThoughtEnd{}, LogprobsDelta{},
                TextDelta{"a"}, TextDelta{"b", 1}, Finish{FinishReason::length, 1}, Finish{},
                TextDelta{"late"}, Finish{FinishReason::length}})
              .types() == expected);
}

TEST_CASE("a heartbeat in every state keeps the grammar") {
    for (const bool before_head : {false, true}) {
        Gateway gateway;
        const Parsed parsed = gateway.parse(streaming(both));
        auto formatter = parsed.formatter();
        std::string out;
        if (before_head) formatter->heartbeat(out);
        formatter->head();
        for (const Event& event : everything()) {
            formatter->heartbeat(out);
            formatter->event(event, out);
            formatter->heartbeat(out);
        }
        formatter->heartbeat(out);
        formatter->end(out);
        const std::size_t size = out.size();
        formatter->heartbeat(out);
        CHECK(out.size() == size);
        const Grammar grammar(out);
        CHECK(grammar.fault() == "");
        CHECK(grammar.ended());
        CHECK(out.starts_with(before_head ? "event: response.created" : ": keep-alive\n\n"));
        CHECK(out.find("event: keepalive\ndata: {\"type\":\"keepalive\",\"sequence_number\":") != out.npos);
    }
}

TEST_CASE("an error in every state is an error event and then response.failed") {
    const std::vector<Event> events = everything();
    for (std::size_t count = 0; count <= events.size(); ++count)
        for (const bool heartbeat : {false, true}) {
            Gateway gateway;
            const Parsed parsed = gateway.parse(streaming(both));
            auto formatter = parsed.formatter();
            std::string out;
            for (std::size_t i = 0; i < count; ++i) {
                formatter->event(events[i], out);
                if (heartbeat) formatter->heartbeat(out);
            }
            formatter->error({.kind = ErrorKind::upstream, .message = "it broke", .detail = "secret"}, out);
            const std::size_t size = out.size();
            formatter->event(TextDelta{"late"}, out);
            formatter->heartbeat(out);
            formatter->end(out);
            CHECK(out.size() == size);
            CHECK(out.find("secret") == out.npos);
            const Grammar grammar(out);
            CAPTURE(count);
            CHECK(grammar.fault() == "");
            CHECK(grammar.ended());
            CHECK(grammar.types().ends_with("error failed"));
            CHECK(grammar.response()["error"] == Json{{"code", "server_error"}, {"message", "It broke."}});
        }
}

TEST_CASE("Codex knows the code of an error in a stream") {
    struct Row {
        Error error;
        const char* code;
    };
    const std::vector<Row> rows = {
        {{ErrorKind::context_length, "x"}, "context_length_exceeded"},
        {{ErrorKind::rate_limited, "x"}, "rate_limit_exceeded"},
        {{.kind = ErrorKind::rate_limited, .message = "x", .code = "insufficient_quota"},
         "insufficient_quota"},
        {{ErrorKind::unavailable, "x"}, "server_is_overloaded"},
        {{ErrorKind::timeout, "x"}, "server_error"},
        {{ErrorKind::internal, "x"}, "server_error"}};
    for (const Row& row : rows) {
        Gateway gateway;
        const Parsed parsed = gateway.parse(streaming());
        auto formatter = parsed.formatter();
        std::string out;
        formatter->event(TextDelta{"a"}, out);
        formatter->error(row.error, out);
        const Grammar grammar(out);
        CHECK(grammar.response()["error"]["code"] == row.code);
        CHECK(grammar.events()[grammar.events().size() - 2]["code"] == row.code);
    }
}

TEST_CASE("an upstream that ends without a finish reason is an error, streaming or not") {
    Gateway gateway;
    const Grammar grammar(answered(gateway, streaming(), {TextDelta{"a"}}));
    CHECK(grammar.fault() == "");
    CHECK(grammar.types().ends_with("error failed"));
    const Json body = Json::parse(answered(gateway, whole(), {TextDelta{"a"}}));
    CHECK(body["error"]["code"] == "upstream_error");
}

TEST_CASE("every beginning of a stream is right so far") {
    Gateway gateway;
    const Parsed parsed = gateway.parse(streaming(both));
    auto formatter = parsed.formatter();
    std::string out;
    for (const Event& event : everything()) {
        formatter->event(event, out);
        const Grammar grammar(out);
        CHECK(grammar.fault() == "");
        CHECK(!grammar.ended());
    }
}

TEST_CASE("a non-streaming response is the response of the last event, for everything") {
    Gateway gateway;
    const Grammar grammar(answered(gateway, streaming(both), everything()));
    Json body = Json::parse(answered(gateway, whole(both), everything())), last = grammar.response();
    const std::string a = body["id"], b = last["id"];
    std::string text = body.dump();
    for (std::size_t at; (at = text.find(a.substr(5))) != text.npos;)
        text.replace(at, a.size() - 5, b.substr(5));
    CHECK(Json::parse(text) == last);
}

TEST_CASE("the response repeats the request, on one line") {
    Gateway gateway;
    const std::string request = R"({"model":"m","stream":true,"input":"x","instructions":"a\nb",
      "metadata":{"k":
        "v"},"tools":[{"type":"function","name":"f","parameters":{"type":
        "object"},"strict":null},{"type":"web_search"}],"tool_choice":
        {"type":"function","name":"f"},"temperature":0.20,"reasoning":{"effort":"low"},"text":{"verbosity":"low"},
      "max_output_tokens":50,"truncation":"auto","user":"u","parallel_tool_calls":false,"safety_identifier":"s"})";
    const Grammar grammar(answered(gateway, request, {TextDelta{"a"}, Finish{}}));
    CHECK(grammar.fault() == "");
    const Json& response = grammar.response();
    const Json sent = Json::parse(request);
    for (const char* same :
         {"instructions", "metadata", "tools", "tool_choice", "temperature", "max_output_tokens",
          "truncation", "user", "parallel_tool_calls", "safety_identifier", "model"})
        CHECK(response[same] == sent[same]);
    CHECK(response["reasoning"] == Json{{"effort", "low"}, {"summary", nullptr}});
    CHECK(response["text"] == Json::parse(R"({"format":{"type":"text"},"verbosity":"low"})"));
    CHECK(response["store"] == false);
}

TEST_CASE("the reader of the grammar notices what is wrong") {
    Gateway gateway;
    const std::string good = answered(gateway, streaming(), {TextDelta{"a"}, call(0, "f", "{}"), Finish{}});
    auto without = [&](const std::string& event) {
        const std::size_t at = good.find("event: " + event + "\n");
        REQUIRE(at != good.npos);
        return good.substr(0, at) + good.substr(good.find("\n\n", at) + 2);
    };
    for (const char* event :
         {"response.created", "response.in_progress", "response.output_item.added",
          "response.content_part.added", "response.output_text.delta", "response.output_text.done",
          "response.content_part.done", "response.output_item.done", "response.function_call_arguments.delta",
          "response.function_call_arguments.done"})
        CHECK(!Grammar(without(event)).faults().empty());
    CHECK(!Grammar(without("response.completed")).ended());
    auto changed = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        const std::size_t at = text.find(from);
        REQUIRE(at != text.npos);
        return Grammar(text.replace(at, from.size(), to)).faults().size();
    };
    CHECK(changed("\"sequence_number\":3", "\"sequence_number\":2") > 0);
    CHECK(changed("\"output_index\":1", "\"output_index\":0") > 0);
    CHECK(changed("\"delta\":\"a\"", "\"delta\":\"b\"") > 0);
    CHECK(changed("\"call_id\":\"call_f\"", "\"call_id\":\"call_g\"") > 0);
    CHECK(changed("\"status\":\"completed\"", "\"status\":\"stop\"") > 0);
    CHECK(changed("\"created_at\":17", "\"created_at\":18") > 0);
    CHECK(changed("event: response.created", "event: response.queued") > 0);
    CHECK(!Grammar(good + "data: [DONE]\n\n").faults().empty());
    CHECK(!Grammar(good + good).faults().empty());
    CHECK(Grammar(good).faults().empty());
}
