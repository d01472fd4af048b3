// SPDX-License-Identifier: Apache-2.0
// Requests to an OpenAI-compatible upstream: the client's fields, without the fields that the
// upstream refuses.
#include "plugins/common/openai/chat_request.hpp"

#include "plugins/common/openai/chat_messages.hpp"
#include "plugins/dialect/openai/request_parser.hpp"
#include "tests/json.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using gatehouse::openai_format::append_members;
using gatehouse::openai_format::WireFormat;
using gatehouse::openai_format::write_chat;
using gatehouse::test::Json;

namespace {

ChatRequest parsed(const Json& body) {
    std::string text = body.dump();
    ChatRequest request;
    auto read = openai_dialect::parse_chat(text, openai_dialect::Bounds{}, request);
    REQUIRE_MESSAGE(read, (read ? "" : read.error().message));
    return request;
}

Json sent(const ChatRequest& request, const WireFormat& wire = {}) {
    return Json::parse(write_chat(request, wire));
}

/// A request with one message and these members.
Json with(const std::string& members) {
    return Json::parse(R"({"model":"m","messages":[{"role":"user","content":"hi"}])" +
                       (members.empty() ? "" : "," + members) + "}");
}

Json messages(const std::string& list) { return Json::parse(R"({"model":"m","messages":)" + list + "}"); }

void check_unchanged(const Json& body) {
    CAPTURE(body.dump());
    CHECK(sent(parsed(body)) == body);
}

}  // namespace

TEST_CASE("every field of a request goes through unchanged, known or not") {
    check_unchanged(with(""));
    check_unchanged(with(
        R"("temperature":0.7,"top_p":0.9,"top_k":40,"n":2,"seed":-5,"presence_penalty":0.5,"frequency_penalty":-0.5,)"
        R"("logprobs":true,"top_logprobs":3,"logit_bias":{"42":-100},"stop":["a","b"],"max_tokens":5,)"
        R"("max_completion_tokens":6,"reasoning_effort":"xhigh","verbosity":"low","service_tier":"flex",)"
        R"("prediction":{"type":"content","content":"x"},"web_search_options":{"search_context_size":"low"},)"
        R"("modalities":["text","audio"],"audio":{"voice":"alloy","format":"wav"},"metadata":{"a":"b"},"store":false,)"
        R"("user":"u","safety_identifier":"s","prompt_cache_key":"k","parallel_tool_calls":false)"));
    check_unchanged(with(
        R"("provider":{"order":["a"]},"guided_json":{"type":"object"},"x":null,"min_p":0.05,"y":[1,"ü"])"));
}

TEST_CASE("messages, parts and their unknown members go through unchanged") {
    check_unchanged(messages(
        R"([{"role":"developer","content":"d","name":"n"},{"role":"system","content":"s","cache":{"ttl":1}},)"
        R"({"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},)"
        R"({"type":"image_url","image_url":{"url":"data:image/png;base64,QQ==","detail":"low"}},)"
        R"({"type":"image_url","image_url":{"url":"https://h/x.png"}},)"
        R"({"type":"input_audio","input_audio":{"data":"QQ==","format":"mp3"}},)"
        R"({"type":"file","file":{"file_data":"data:application/pdf;base64,QQ==","filename":"a.pdf"}},)"
        R"({"type":"file","file":{"file_id":"file-1"}},{"type":"video_url","video_url":{"url":"u"},"fps":2}]},)"
        R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f",)"
        R"("arguments":"{\"a\":\"\\u00fc\"}"}}]},{"role":"tool","tool_call_id":"c1","content":"r"},)"
        R"({"role":"assistant","content":"t","refusal":"no","reasoning_content":"hm","audio":{"id":"a1"}},)"
        R"({"role":"assistant","content":[{"type":"refusal","refusal":"no"}]},)"
        R"({"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}])"));
}

TEST_CASE("tools, choices and formats go through unchanged") {
    const std::string tools =
        R"("tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"$defs":{"a":{}},)"
        R"("type":"object"},"strict":true,"x":1}},{"type":"function","function":{"name":"g"}},)"
        R"({"type":"web_search","filters":{"a":[1]}},{"type":"custom","custom":{"name":"c"}}],)";
    for (const char* choice :
         {R"("auto")", R"("none")", R"("required")", R"({"type":"function","function":{"name":"f"}})",
          R"({"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[]}})"})
        check_unchanged(with(tools + R"("tool_choice":)" + choice));
    for (
        const char* format :
        {R"({"type":"text"})", R"({"type":"json_object"})",
         R"({"type":"json_schema","json_schema":{"name":"n","description":"d","schema":{"$ref":"#"},"strict":false}})",
         R"({"type":"json_schema","json_schema":{"name":"n"}})"})
        check_unchanged(with(std::string(R"("response_format":)") + format));
}

TEST_CASE("usage is always asked for in a stream") {
    ChatRequest request = parsed(with(R"("stream":true,"stream_options":{"include_usage":false})"));
    CHECK(!sent(request).contains("stream"));  // the provider decides whether to stream
    const Json body = sent(request, {.stream = true});
    CHECK(body["stream"] == true);
    CHECK(body["stream_options"] == Json{{"include_usage", true}});
}

TEST_CASE(
    "an upstream is spared the fields that it does not take, and is asked for each only if it would be "
    "sent") {
    const ChatRequest request =
        parsed(with(R"("temperature":0.5,"stop":["x"],"top_p":1,"tool_choice":"auto")"));
    std::vector<std::string> asked;
    WireFormat wire;
    wire.stream = true;
    wire.wants = [&](std::string_view name) {
        asked.emplace_back(name);
        return name == "top_p";
    };
    CHECK(sent(request, wire) ==
          Json::parse(
              R"({"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true,"top_p":1.0})"));
    CHECK(asked == std::vector<std::string>{"stream_options", "temperature", "top_p", "stop", "tool_choice"});
}

TEST_CASE("the limit of the answer goes by the name that the upstream knows") {
    using Limit = WireFormat::Limit;
    auto limit = [](const std::string& members, const WireFormat& wire) {
        Json body = sent(parsed(with(members)), wire);
        body.erase("model");
        body.erase("messages");
        return body.dump();
    };
    CHECK(limit(R"("max_tokens":5)", {.limit = Limit::max_completion_tokens}) ==
          R"({"max_completion_tokens":5})");
    CHECK(limit(R"("max_completion_tokens":5)", {.limit = Limit::max_tokens}) == R"({"max_tokens":5})");
    CHECK(limit(R"("max_tokens":5,"max_completion_tokens":7)", {.limit = Limit::max_tokens}) ==
          R"({"max_tokens":7})");
    CHECK(limit("", {.limit = Limit::max_tokens}) == "{}");
    CHECK(limit("", {.limit = Limit::max_tokens, .default_limit = 9}) == R"({"max_tokens":9})");
    CHECK(limit(R"("max_tokens":50)", {.limit = Limit::max_tokens, .default_limit = 9, .most = 10}) ==
          R"({"max_tokens":10})");
    CHECK(limit("", {.default_limit = 9}) == "{}");
}

TEST_CASE("developers become system, thoughts stay here, where an upstream wants it so") {
    const ChatRequest request = parsed(messages(
        R"([{"role":"developer","content":"d"},{"role":"assistant","content":"a","reasoning_content":"r"}])"));
    CHECK(sent(request, {.developer = false, .reasoning = false})["messages"] ==
          Json::parse(R"([{"role":"system","content":"d"},{"role":"assistant","content":"a"}])"));
}

TEST_CASE("calls without arguments have an empty object, tools without a result an empty text") {
    ChatRequest request = parsed(messages(
        R"([{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":" "}}]},)"
        R"({"role":"tool","tool_call_id":"c","content":null}])"));
    const Json body = sent(request)["messages"];
    CHECK(body[0]["tool_calls"][0]["function"]["arguments"] == "{}");
    CHECK(body[0]["content"].is_null());
    CHECK(body[1]["content"] == "");
}

TEST_CASE("the older names of tools go out by the newer ones") {
    const Json body = sent(parsed(
        with(R"("functions":[{"name":"f","parameters":{"type":"object"}}],"function_call":{"name":"f"})")));
    CHECK(body["tools"] ==
          Json::parse(R"([{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}])"));
    CHECK(body["tool_choice"] == Json::parse(R"({"type":"function","function":{"name":"f"}})"));
    CHECK(body["parallel_tool_calls"] == false);
}

TEST_CASE("members are spliced in from whatever object is there") {
    for (const auto& [object, spliced] :
         std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                          {"{}", ""},
                                                          {" { } ", ""},
                                                          {"{\"a\":1}", ",\"a\":1"},
                                                          {"}{", ""},
                                                          {" {\"a\":{}} ", ",\"a\":{}"}}) {
        std::string out;
        append_members(out, {object});
        CHECK(out == spliced);
    }
}
