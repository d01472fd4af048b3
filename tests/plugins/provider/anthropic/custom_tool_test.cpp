// SPDX-License-Identifier: Apache-2.0
// Custom tools, which Anthropic does not have.  tests/plugins/common has the tests of their
// translation.
#include "tests/plugins/provider/anthropic/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::anthropic;
using namespace gatehouse::anthropic::test;

namespace {

Tool custom_tool(std::string name) {
    Tool tool;
    tool.type = "custom";
    tool.name = std::move(name);
    tool.description = "Edits files.";
    return tool;
}

ChatRequest with_patch(const char* name = "patch", bool stream = false) {
    ChatRequest request = ask();
    request.tools = {custom_tool(name)};
    request.stream = stream;
    return request;
}

/// The history has a call of the tool and its result.
ChatRequest with_history() {
    ChatRequest request = with_patch();
    ToolCall call{.id = "toolu_1", .name = "patch", .arguments = std::string("*** \"a\"\n"), .custom = true};
    request.messages.push_back(calls({call}));
    request.messages.push_back(result("toolu_1", "done"));
    return request;
}

/// The calls of an answer, joined.
struct Called {
    std::string id = {}, name = {}, text = {};
    bool custom = false;
    int deltas = 0;
    friend bool operator==(const Called&, const Called&) = default;
};
std::vector<Called> called(const std::vector<Event>& events) {
    std::vector<Called> list;
    for (const Event& event : events) {
        auto* delta = std::get_if<ToolCallDelta>(&event);
        if (!delta) continue;
        if (!delta->name.empty()) list.push_back({.id = delta->id, .name = delta->name});
        REQUIRE(delta->index + 1 == static_cast<int>(list.size()));
        Called& call = list.back();
        call.text += delta->arguments;
        call.custom = delta->custom;
        ++call.deltas;
    }
    return list;
}

/// The calls of `body`.  They are the same wherever it is cut.
std::vector<Called> called(const ChatRequest& request, std::string_view body) {
    Bench bench;
    std::optional<std::vector<Called>> first;
    int wrong = 0;
    testing::replay_cut_everywhere(bench.provider, request, body, [&](const auto& events) {
        REQUIRE_MESSAGE(events, (events ? "" : events.error().message));
        auto found = called(*events);
        if (!first) first = found;
        wrong += found != *first;
    });
    CHECK(wrong == 0);
    return *first;
}

const char* const start =
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":1,"output_tokens":1}}})";
const char* const finish =
    R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":5}})";
const char* const stop = R"({"type":"message_stop"})";
const char* const patch_text = "*** Begin\n\"\xF0\x9F\x98\x80\"";

}  // namespace

TEST_CASE("tools and items that only upstreams of the Responses API have are left out, or refused") {
    Bench bench;
    ChatRequest request = ask();
    request.protocol = "responses";
    const OtherPart item{"web_search_call", {R"({"type":"web_search_call"})"}};
    request.messages[0].parts.emplace_back(item);
    Message only_item;
    only_item.role = Role::assistant;
    only_item.parts = {item};
    request.messages.push_back(only_item);
    request.tools = {{.type = "web_search", .json = {R"({"type":"web_search"})"}}};
    auto exchange = bench.provider.chat(request);
    REQUIRE(exchange);
    auto http = (*exchange)->request();
    REQUIRE_MESSAGE(http, (http ? "" : http.error().message));
    const Json body = Json::parse((*http)->body);
    CHECK(body["messages"].size() == 1);
    CHECK_FALSE(body.contains("tools"));
    request.tools[0].type = "mcp";
    const auto refused = bench.provider.chat(request);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().param == "tools[0].type");
}

TEST_CASE("a custom tool is sent as a function with one string") {
    const Json body = sent(with_patch());
    CHECK(body["tools"] ==
          Json::array(
              {{{"name", "patch"},
                {"description",
                 "Edits files.\n\nThe input of this tool is free text: give it as the string \"input\"."},
                {"input_schema",
                 {{"type", "object"},
                  {"properties", {{"input", {{"type", "string"}}}}},
                  {"required", {"input"}}}}}}));
    CHECK(left_out(with_patch()) == "");
}

TEST_CASE("a custom tool and a function, chosen by name or with a required call") {
    ChatRequest request = with_patch();
    request.tools.push_back(tool("time"));
    request.tools.front().extra.text = R"({"cache_control":{"type":"ephemeral"}})";
    request.tool_choice = {.mode = ToolChoice::Mode::named, .name = "patch", .custom = true};
    Json body = sent(request);
    CHECK(body["tools"].size() == 2);
    CHECK(body["tools"][0]["cache_control"] == Json{{"type", "ephemeral"}});
    CHECK(body["tool_choice"] == Json{{"type", "tool"}, {"name", "patch"}});
    request = with_patch();
    request.tool_choice = {.mode = ToolChoice::Mode::required};
    request.parallel_tool_calls = false;
    body = sent(request);
    CHECK(body["tool_choice"] == Json{{"type", "any"}, {"disable_parallel_tool_use", true}});
}

TEST_CASE("a forced custom tool excludes thinking, like a forced function") {
    ChatRequest request = with_patch();
    request.reasoning_effort = "high";
    CHECK(sent(request).contains("thinking"));
    request.tool_choice = {.mode = ToolChoice::Mode::named, .name = "patch", .custom = true};
    CHECK(!sent(request).contains("thinking"));
    CHECK(left_out(request) == "reasoning_effort");
}

TEST_CASE("custom calls in the history are wrapped, also of a tool that is no longer offered") {
    ChatRequest request = with_history();
    const Json wrapped =
        Json::parse(R"([{"type":"tool_use","id":"toolu_1","name":"patch","input":{"input":"*** \"a\"\n"}}])");
    CHECK(messages(request)[1]["content"] == wrapped);
    CHECK(messages(request)[2]["content"][0]["type"] == "tool_result");
    request.tools.clear();
    CHECK(messages(request)[1]["content"] == wrapped);
}

TEST_CASE("a count of tokens has the custom tools and their calls") {
    Bench bench;
    TokenCountRequest count{with_history()};
    auto exchange = bench.provider.count_tokens(count);
    REQUIRE(exchange);
    const Json body = body_of(**exchange);
    CHECK(body["tools"][0]["name"] == "patch");
    CHECK(body["messages"][1]["content"][0]["input"] == Json{{"input", "*** \"a\"\n"}});
}

TEST_CASE("a streamed call of a custom tool comes as fragments of its text") {
    const std::string body = sse(
        {start,
         R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"patch","input":{}}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"inp"}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"ut\": \"*** Begin\\"}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"n\\\"\\ud83d"}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"\\ude00\\\"\"}"}})",
         R"({"type":"content_block_stop","index":0})", finish, stop});
    CHECK(called(with_patch("patch", true), body) ==
          std::vector<Called>{
              {.id = "toolu_1", .name = "patch", .text = patch_text, .custom = true, .deltas = 4}});
}

TEST_CASE("functions and custom tools in one answer keep their kinds") {
    ChatRequest request = with_patch();
    request.tools.push_back(tool("time"));
    const auto found = called(request,
                              R"({"type":"message","content":[
            {"type":"tool_use","id":"a","name":"time","input":{"input":"noon"}},
            {"type":"tool_use","id":"b","name":"patch","input":{"input":"*** Begin\n\"😀\""}}],
            "stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}})");
    REQUIRE(found.size() == 2);
    CHECK(!found[0].custom);
    CHECK(Json::parse(found[0].text) == Json{{"input", "noon"}});
    CHECK(found[1].custom);
    CHECK(found[1].text == patch_text);
}

TEST_CASE("a name that the API refuses comes back as the client's, and an input of another form as it is") {
    const ChatRequest request = with_patch("apply.patch");
    CHECK(sent(request)["tools"][0]["name"] == "apply_patch");
    const auto found = called(
        request,
        R"({"type":"message","content":[{"type":"tool_use","id":"a","name":"apply_patch","input":{"text":"x"}}],
            "stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}})");
    REQUIRE(found.size() == 1);
    CHECK(found[0].name == "apply.patch");
    CHECK(found[0].custom);
    CHECK(found[0].text == R"({"text":"x"})");
}

TEST_CASE("an input that a token limit cuts ends where it was cut") {
    const std::string body = sse(
        {start,
         R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"patch","input":{}}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"input\":\"*** Be"}})",
         R"({"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"output_tokens":5}})",
         stop});
    const auto found = called(with_patch("patch", true), body);
    REQUIRE(found.size() == 1);
    CHECK(found[0].text == "*** Be");
}
