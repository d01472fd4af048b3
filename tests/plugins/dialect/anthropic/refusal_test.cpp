// SPDX-License-Identifier: Apache-2.0
// Invalid requests: the path in dots, a colon, and the reason.  Hostile bodies.
#include "tests/plugins/dialect/anthropic/helper.hpp"
#include "tests/plugins/dialect/mutations.hpp"

using namespace gatehouse;
using namespace gatehouse::anthropic_dialect;
using namespace gatehouse::anthropic_dialect::testing;

namespace {

void check(const std::string& body, const std::string& message) {
    CAPTURE(body);
    auto result = parse_message(body, Bounds{}, false);
    REQUIRE(!result);
    CHECK(result.error().kind == ErrorKind::bad_request);
    CHECK(result.error().message == message);
}

std::string block(const std::string& json, const std::string& role = "user") {
    return messages(R"([{"role":")" + role + R"(","content":[)" + json + "]}]");
}
const std::string at = "messages.0.content.0";

// A request with every field.
const std::string full =
    R"({"model":"m","max_tokens":9,"system":[{"type":"text","text":"s\u00e9\n","cache_control":{"type":"ephemeral"}}],
"messages":[{"role":"user","content":[{"type":"text","text":"t"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}},
{"type":"document","source":{"type":"text","media_type":"text/plain","data":"d"}},{"type":"odd","v":[{}]}]},
{"role":"assistant","content":[{"type":"thinking","thinking":"h","signature":"s"},{"type":"redacted_thinking","data":"d"},
{"type":"tool_use","id":"c","name":"f","input":{"a":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","is_error":false,"content":[{"type":"text","text":"r"}]}]},
{"role":"system","content":"z"}],"tools":[{"name":"f","description":"d","input_schema":{"type":"object"},"strict":true},{"type":"bash_20250124","name":"bash"}],
"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},"thinking":{"type":"enabled","budget_tokens":1024,"display":null},
"output_config":{"effort":"high","format":{"type":"json_schema","schema":{}}},"temperature":1,"top_p":0.5,"top_k":3,"stop_sequences":["a"],
"stream":true,"metadata":{"user_id":"u"},"service_tier":"auto","extra":{"y":[1,2]}})";

void check_is_well_behaved(const std::string& body) {
    auto result = parse_message(body, Bounds{}, false);
    if (result) return;
    CAPTURE(body);
    CHECK(result.error().kind == ErrorKind::bad_request);
    CHECK(!result.error().message.empty());
    CHECK(result.error().message.size() < 400);
}

}  // namespace

TEST_CASE("a missing field is named in the words of the service") {
    check("{}", "model: Field required: the name of a model");
    check(R"({"model":"m","messages":[]})",
          "max_tokens: Field required: the largest number of tokens of the answer");
    check(R"({"model":"m","max_tokens":1})", "messages: Field required: a non-empty array of messages");
    check(messages("[{}]"), "messages.0.role: Field required: user, assistant or system");
    check(messages(R"([{"role":"user"}])"),
          "messages.0.content: Field required: a string or an array of blocks");
    check(block("{}"), at + ".type: Field required: a string");
    check(block(R"({"type":"text"})"), at + ".text: Field required: a string");
    check(block(R"({"type":"image"})"), at + ".source: Field required: an object with a type");
    check(block(R"({"type":"image","source":{"type":"base64","data":"a"}})"),
          at + ".source.media_type: Field required: such as image/png");
    check(block(R"({"type":"document","source":{"type":"base64","media_type":"application/pdf"}})"),
          at + ".source.data: Field required: the content in base64");
    check(block(R"({"type":"tool_result"})"),
          at + ".tool_use_id: Field required: the id of the call of this result");
    check(block(R"({"type":"tool_use","name":"f","input":{}})", "assistant"),
          at + ".id: Field required: the id of the call");
    check(block(R"({"type":"tool_use","id":"a","input":{}})", "assistant"),
          at + ".name: Field required: the name of the tool");
    check(block(R"({"type":"tool_use","id":"a","name":"f"})", "assistant"),
          at + ".input: Field required: an object");
    check(block(R"({"type":"redacted_thinking"})", "assistant"), at + ".data: Field required: a string");
    check(with(R"("tools":[{"name":"f"}])"), "tools.0.input_schema: Field required: a JSON schema");
    check(with(R"("tools":[{"input_schema":{}}])"), "tools.0.name: Field required: the name of the tool");
    check(with(R"("thinking":{"type":"enabled"})"),
          "thinking.budget_tokens: Field required: the tokens that thinking may take");
    check(with(R"("output_config":{"format":{"type":"json_schema"}})"),
          "output_config.format.schema: Field required: a JSON schema");
    check(with(R"("tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"tool"})"),
          "tool_choice.name: Field required: the name of one of the tools");
}

TEST_CASE("a wrong value is named with its field") {
    check("[]", "the body must be a JSON object; got an array");
    check(with(R"("temperature":1.5)"), "temperature: must be a number between 0 and 1; got 1.5");
    check(with(R"("max_tokens":-1)"), "max_tokens: must be an integer between 0 and 2147483647; got -1");
    check(with(R"("stream":"yes")"), "stream: must be true or false; got a string");
    check(with(R"("stop_sequences":"x")"), "stop_sequences: must be an array of strings; got a string");
    check(with(R"("stop_sequences":[1])"), "stop_sequences.0: must be a string; got 1");
    check(with(R"("system":[{"type":"image"}])"), "system.0.type: must be text; got \"image\"");
    check(with(R"("tool_choice":{"type":"any"})"), "tool_choice: requires tools: send at least one in tools");
    check(with(R"("tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"tool","name":"g"})"),
          "tool_choice: names \"g\", which is not among the tools");
    check(messages(R"([{"role":"robot","content":""}])"),
          "messages.0.role: must be one of user, assistant, system; got \"robot\"");
    check(block(R"({"type":"tool_use","id":"a","name":"f","input":"{}"})", "assistant"),
          at + ".input: must be an object; got a string");
    check(block(R"({"type":"tool_use"})"), at + ": a tool_use block is for messages of role assistant only");
    check(block(R"({"type":"tool_result"})", "assistant"),
          at + ": a tool_result block is for messages of role user only");
    check(block(R"({"type":""})"), at + ".type: must not be empty");
}

TEST_CASE("limits of a request") {
    const Bounds few{.messages = 2, .parts = 3, .tools = 1, .stop = 1};
    auto refused = [&](const std::string& body) {
        auto result = parse_message(body, few, false);
        REQUIRE(!result);
        return result.error().message;
    };
    const std::string one = R"({"role":"user","content":"a"})";
    CHECK(refused(messages("[" + one + "," + one + "," + one + "]")) ==
          "messages: must have at most 2 messages");
    CHECK(refused(with(R"("stop_sequences":["a","b"])")) == "stop_sequences: must have at most 1 strings");
    CHECK(refused(with(R"("tools":[{"name":"f","input_schema":{}},{"name":"g","input_schema":{}}])")) ==
          "tools: must have at most 1 entries");
    const std::string text = R"({"type":"text","text":"a"})";
    CHECK(refused(block(text + "," + text + R"(,{"type":"tool_result","tool_use_id":"a","content":[)" + text +
                        "]}")) ==
          "messages.0.content.2.content.0: one of too many blocks: all messages together may have 3");
}

TEST_CASE("headers of a request") {
    Bench bench;
    auto refused = [&](http::Headers headers) {
        auto result = bench.parse(with(""), "/v1/messages", std::move(headers));
        REQUIRE(!result);
        return bench.dialect.error(result.error());
    };
    CHECK(bench.parse(with("")));
    CHECK(bench.parse(with(""), "/v1/messages", {{"anthropic-version", "2026-10-21"}}));
    CHECK(refused({{"anthropic-version", "v1"}}).body.find("is not a valid version") != std::string::npos);
    CHECK(refused({{"content-encoding", "gzip"}}).head.status == 415);
    CHECK(refused({{"content-encoding", "gzip"}}).body.find("invalid_request_error") != std::string::npos);
    Bench strict({.require_version = true});
    auto result = strict.parse(with(""));
    REQUIRE(!result);
    CHECK(result.error().message == "anthropic-version: header is required");
    CHECK(strict.parse(with(""), "/v1/messages", {{"anthropic-version", "2023-06-01"}}));
}

TEST_CASE("a prefix of the paths") {
    Bench bench({.prefix = "/anthropic/v1"});
    CHECK(bench.parse(with(""), "/anthropic/v1/messages"));
    auto result = bench.parse(with(""), "/v1/messages");
    REQUIRE(!result);
    CHECK(result.error().kind == ErrorKind::not_found);
    gatehouse::testing::FakeHost host;
    CHECK_THROWS_WITH(Anthropic({.prefix = "v1"}, host),
                      "must begin with a slash and not end with one, such as \"/v1\"");
}

TEST_CASE("a request cut at any byte is refused") {
    REQUIRE(parse_message(full, Bounds{}, false));
    for (std::size_t size = 0; size < full.size(); ++size) {
        auto result = parse_message(full.substr(0, size), Bounds{}, false);
        CAPTURE(size);
        REQUIRE(!result);
        CHECK(result.error().message.starts_with("the body is not valid JSON: "));
    }
}

TEST_CASE("a request with any byte changed, lost or doubled is read or refused") {
    gatehouse::test::each_mutation(full, 2000, check_is_well_behaved);
}
