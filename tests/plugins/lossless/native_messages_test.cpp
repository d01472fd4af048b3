// SPDX-License-Identifier: Apache-2.0
// The dialect and the provider of Anthropic's protocol together: requests of real clients, unknown
// members at every place, and answers of the service pass without a loss.  The protocol has
// several spellings of one meaning, which the comparison makes equal: a string for one text, and
// several messages of one role.
#include "plugins/provider/anthropic/anthropic.hpp"
#include "tests/plugins/dialect/anthropic/helper.hpp"
#include "tests/plugins/lossless/json_walk.hpp"

#include <algorithm>
#include <set>

using namespace gatehouse;
using namespace gatehouse::anthropic_dialect::testing;
using gatehouse::test::Walk;

namespace {

struct Sides {
    testing::FakeHost host;
    Bench bench;
    anthropic::Anthropic provider{anthropic::Options{}, host};

    Parsed parse(const http::RequestHead& head, const std::string& body) {
        auto parsed = bench.dialect.parse(head, body);
        REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message) << " in " << body);
        return *std::move(parsed);
    }
    http::Request sent(const Parsed& parsed) {
        auto* count = std::get_if<TokenCountRequest>(&parsed.operation);
        auto exchange =
            count ? provider.count_tokens(*count) : provider.chat(std::get<ChatRequest>(parsed.operation));
        REQUIRE(exchange);
        auto http = (*exchange)->request();
        REQUIRE_MESSAGE(http, (http ? "" : http.error().message));
        return **http;
    }
    std::string sent(const std::string& body, http::Headers headers = {}) {
        return sent(parse({.method = "POST", .path = "/v1/messages", .headers = std::move(headers)}, body))
            .body;
    }
    /// The bytes that the client receives.
    std::string answered(const std::string& request, const std::vector<std::string_view>& pieces,
                         http::Headers headers = {}) {
        const Parsed parsed = parse({.method = "POST", .path = "/v1/messages"}, request);
        auto events = testing::replay(provider, std::get<ChatRequest>(parsed.operation), pieces,
                                      {200, std::move(headers)});
        REQUIRE_MESSAGE(events, (events ? "" : events.error().message));
        auto formatter = parsed.formatter();
        std::string out;
        for (const Event& event : *events) formatter->event(event, out);
        formatter->end(out);
        head = formatter->head();
        return out;
    }
    http::ResponseHead head;
};

/// `content` as blocks.
Json blocks_of(const Json& content) {
    if (content.is_string()) return Json::array({{{"type", "text"}, {"text", content}}});
    Json blocks = Json::array();
    for (Json block : content) {
        if (block["type"] == "tool_result") {
            if (block.value("is_error", Json(false)) == false) block.erase("is_error");
            if (block.contains("content")) block["content"] = blocks_of(block["content"]);
        }
        blocks.push_back(std::move(block));
    }
    return blocks;
}

/// The body in one of its spellings.
Json normal(Json body) {
    if (body.contains("system")) body["system"] = blocks_of(body["system"]);
    Json messages = Json::array();
    for (const Json& message : body["messages"]) {
        Json blocks = blocks_of(message["content"]);
        if (messages.empty() || messages.back()["role"] != message["role"])
            messages.push_back({{"role", message["role"]}, {"content", Json::array()}});
        Json& content = messages.back()["content"];
        content.insert(content.end(), blocks.begin(), blocks.end());
    }
    body["messages"] = messages;
    if (body["tools"].empty()) body.erase("tools");
    if (body.value("stream", Json(false)) == false) body.erase("stream");
    return body;
}

void drop_nulls(Json& json) {
    if (json.is_object())
        for (auto it = json.begin(); it != json.end();) it = it->is_null() ? json.erase(it) : std::next(it);
    if (json.is_structured())
        for (Json& one : json) drop_nulls(one);
}

/// A message as a client reads it: without the model's name, and without members that are null.
Json message_of(Json message) {
    message.erase("model");
    for (Json& block : message["content"])
        if (block.contains("citations") && block["citations"].empty()) block.erase("citations");
    drop_nulls(message);
    return message;
}

const std::string ask =
    R"({"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}],)";

}  // namespace

TEST_CASE("recorded requests reach the service without a loss") {
    Sides sides;
    for (const std::string& name : client_requests()) {
        CAPTURE(name);
        const Recorded recorded(name);
        if (recorded.head.method != "POST") continue;
        const http::Request request = sides.sent(sides.parse(recorded.head, recorded.body));
        const Json expected = normal(Json::parse(recorded.body));
        CHECK(normal(Json::parse(request.body)) == expected);
        CHECK(request.headers.get("anthropic-beta") == recorded.head.headers.get("anthropic-beta"));
    }
}

TEST_CASE("numbers and unknown members keep their spelling and their order") {
    Sides sides;
    const std::string odd = R"({"b":1.50,"a":12345678901234567,"c":[1e2, "\u00e9"]})";
    const std::string body =
        R"({"model":"claude-sonnet-4-5","max_tokens":9,"x_top":)" + odd +
        R"(,"metadata":{"user_id":"u","x":)" + odd + R"(},"system":[{"type":"text","text":"s","x_system":)" +
        odd + R"(}],"messages":[{"role":"user","content":[
        {"type":"text","text":"t","x_text":)" +
        odd + R"(},{"type":"image","source":{"type":"url","url":"https://x.example/a"},"x_image":)" + odd +
        R"(},{"type":"document","source":{"type":"file","file_id":"f"},"x_document":)" + odd +
        R"(},{"type":"x_kind","x_kind":)" + odd +
        R"(}]},{"role":"assistant","content":[{"type":"thinking","thinking":"h","signature":"s","x_thought":)" +
        odd + R"(},{"type":"tool_use","id":"t","name":"f","input":)" + odd + R"(,"x_call":)" + odd +
        R"(}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"x_inner","x_inner":)" +
        odd + R"(}],"x_result":)" + odd +
        R"(}]}],"tools":[{"name":"f","input_schema":{"type":"object","x":)" + odd + R"(},"x_tool":)" + odd +
        R"(},{"type":"x_20250101","name":"g","x_other":)" + odd +
        R"(}],"tool_choice":{"type":"auto","x_choice":)" + odd + R"(}})";
    const std::string sent = sides.sent(body);
    const auto count = [](std::string_view text, std::string_view word) {
        int found = 0;
        for (std::size_t at = 0; (at = text.find(word, at)) != text.npos; ++at) ++found;
        return found;
    };
    CHECK(count(sent, odd) == count(body, odd));
    CHECK(count(body, odd) == 16);
    for (const char* name : {"x_top", "x_system", "x_text", "x_image", "x_document", "x_kind", "x_thought",
                             "x_call", "x_inner", "x_result", "x_tool", "x_other", "x_choice"})
        CHECK_MESSAGE(sent.find(std::string("\"") + name + "\":" + odd) != sent.npos, name);
}

TEST_CASE("settings of the protocol reach the service as they are") {
    Sides sides;
    for (
        const std::string members :
        {R"("thinking":{"type":"disabled"},"output_config":{"effort":"high"})",
         R"("output_config":{"effort":"xhigh","format":{"type":"json_schema","schema":{"type":"object"}}})",
         R"("thinking":{"type":"adaptive","display":"omitted"},"context_management":{"edits":[]},"speed":"fast")",
         R"("top_k":3,"top_p":0.5,"temperature":1,"stop_sequences":["a","b","c","d","e","f"])",
         R"("service_tier":"standard_only","container":"c","mcp_servers":[{"type":"url","url":"https://x.example"}])",
         R"("tools":[{"type":"web_search_20250305","name":"web_search","max_uses":8}],"tool_choice":{"type":"tool","name":"web_search"})",
         R"("tools":[{"name":"f","input_schema":{"type":"object"},"strict":true}],"tool_choice":{"type":"any","disable_parallel_tool_use":true})",
         R"("cache_control":{"type":"ephemeral","ttl":"1h"},"inference_geo":"us","fallbacks":[])"}) {
        const std::string body = ask + members + "}";
        CAPTURE(body);
        CHECK(normal(Json::parse(sides.sent(body))) == normal(Json::parse(body)));
    }
}

// A5, A9: body fields and betas travel together.
TEST_CASE("betas") {
    Sides sides;
    const Parsed parsed = sides.parse({.method = "POST",
                                       .path = "/v1/messages",
                                       .headers = {{"anthropic-beta", "a,b"}, {"anthropic-beta", "b,c"}}},
                                      ask + R"("context_management":{"edits":[]}})");
    CHECK(sides.sent(parsed).headers.get("anthropic-beta") == "a,b,c");
}

// D2, D3: only what the service has signed returns to it.
TEST_CASE("thoughts without a signature do not reach the service") {
    Sides sides;
    const std::string body =
        R"({"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"a"},
      {"role":"assistant","content":[{"type":"thinking","thinking":"other","signature":""},
       {"type":"thinking","thinking":"own","signature":"c2ln"},{"type":"redacted_thinking","data":"ZW5j"},
       {"type":"text","text":"b"}]},{"role":"user","content":"c"}]})";
    const Json content = Json::parse(sides.sent(body))["messages"][1]["content"];
    REQUIRE(content.size() == 3);
    CHECK(content[0] == Json{{"type", "thinking"}, {"thinking", "own"}, {"signature", "c2ln"}});
    CHECK(content[1] == Json{{"type", "redacted_thinking"}, {"data", "ZW5j"}});
}

TEST_CASE("streams of the service reach the client without a loss, cut at every byte") {
    Sides sides;
    for (const char* name : {"stream-text.sse", "stream-parallel-tools.sse", "stream-thinking-tool.sse",
                             "stream-citations.sse", "stream-refusal.sse", "stream-max-tokens-in-tool.sse"}) {
        CAPTURE(name);
        const std::string upstream = fixture(name);
        const std::string_view text = upstream;
        const MessageStream original(upstream, true);
        const Json expected = message_of(original.message);
        std::set<std::string> seen;
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            CAPTURE(cut);
            const std::string out =
                sides.answered(ask + R"("stream":true})", {text.substr(0, cut), text.substr(cut)});
            if (!seen.insert(out).second) continue;
            Json message = message_of(MessageStream(out).message);
            for (const char* member : {"cache_read_input_tokens", "cache_creation_input_tokens"})
                if (!expected["usage"].contains(member)) message["usage"].erase(member);
            REQUIRE(message == expected);
        }
    }
}

TEST_CASE("non-streaming answers of the service reach the client without a loss") {
    Sides sides;
    for (const char* name :
         {"resp-text.json", "resp-thinking.json", "resp-tools.json", "resp-stop-sequence.json"}) {
        CAPTURE(name);
        const std::string upstream = fixture(name);
        CHECK(message_of(Json::parse(sides.answered(ask + "\"x\":1}", {upstream}))) ==
              message_of(Json::parse(upstream)));
    }
}

TEST_CASE("pauses, unknown members and rate limits of the service") {
    Sides sides;
    const std::string upstream =
        R"({"id":"msg_01A","type":"message","role":"assistant","model":"m","content":[
        {"type":"tool_use","id":"toolu_1","name":"f","input":{"n":12345678901234567,"x":1.50},"caller":{"type":"direct"}}],
        "stop_reason":"pause_turn","stop_sequence":null,"container":{"id":"c"},"x_new":{"n":1.50},
        "usage":{"input_tokens":1,"output_tokens":2,"server_tool_use":{"web_search_requests":1}}})";
    const std::string out =
        sides.answered(ask + "\"x\":1}", {upstream},
                       {{"anthropic-ratelimit-tokens-remaining", "7"}, {"anthropic-organization-id", "o"}});
    const Json message = Json::parse(out);
    CHECK(message["stop_reason"] == "pause_turn");
    CHECK(message["id"] == "msg_01A");
    CHECK(message["container"]["id"] == "c");
    CHECK(message["usage"]["server_tool_use"]["web_search_requests"] == 1);
    CHECK(message["content"][0]["caller"]["type"] == "direct");
    CHECK(out.find(R"("input":{"n":12345678901234567,"x":1.50})") != out.npos);
    CHECK(out.find(R"("x_new":{"n":1.50})") != out.npos);
    CHECK(sides.head.headers.get("anthropic-ratelimit-tokens-remaining") == "7");
    CHECK(!sides.head.headers.has("anthropic-organization-id"));
}

TEST_CASE("the bodies of a conversation's turns begin alike at the service") {
    Sides sides;
    const std::string head =
        R"({"model":"claude-sonnet-4-5","max_tokens":9,"system":[{"type":"text","text":"Be terse."}],
      "tools":[{"name":"f","input_schema":{"type":"object"}}],"messages":[)";
    std::string list =
        R"({"role":"user","content":[{"type":"text","text":"one"}]},{"role":"system","content":"note"})";
    std::string last;
    const http::Headers betas = {{"anthropic-beta", "mid-conversation-system-2026-04-07"}};
    for (int turn = 0; turn < 5; ++turn) {
        const std::string number = std::to_string(turn);
        const std::string text = sides.sent(head + list + "]}", betas);
        // Without the brackets that end the content, the message, the messages and the body.
        if (!last.empty()) CHECK(text.starts_with(last.substr(0, last.size() - 4)));
        last = text;
        list +=
            R"(,{"role":"assistant","content":[{"type":"thinking","thinking":"h","signature":"s"},{"type":"text","text":"look"},{"type":"tool_use","id":"t)" +
            number +
            R"(","name":"f","input":{"n":1.50}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t)" +
            number + R"(","content":"r","is_error":true}]})";
    }
}
