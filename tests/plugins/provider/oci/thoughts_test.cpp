// SPDX-License-Identifier: Apache-2.0
// Thoughts and places of tool calls among the parts of an assistant's message.  Other
// protocols have them.
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

const char* const generic = "meta.llama-3.3-70b-instruct";
const char* const v1 = "cohere.command-a-03-2025";
const char* const v2 = "cohere.command-a-reasoning-08-2025";

/// A conversation whose second message is the assistant's `parts` with one call.
ChatRequest conversation(const char* model, std::vector<Part> parts, bool with_call = true) {
    ChatRequest request = ask(model);
    Message turn;
    turn.role = Role::assistant;
    turn.parts = std::move(parts);
    if (with_call) turn.tool_calls = {{"1", "f", "{}"}};
    request.messages.push_back(turn);
    if (with_call) request.messages.push_back(result("1", "42"));
    request.messages.push_back(message(Role::user, "And now?"));
    return request;
}

Thought thought(std::string text) { return {std::move(text), "signature", "", "anthropic"}; }

Json turn_sent(const char* model, std::vector<Part> parts, bool send_reasoning = false,
               bool with_call = true) {
    Options given = options();
    given.models[model].send_reasoning = send_reasoning;
    Bench bench(given);
    const Json chat = chat_sent(bench.provider, conversation(model, std::move(parts), with_call));
    return chat.contains("chatHistory") ? chat["chatHistory"][1] : chat.at("messages")[1];
}

}  // namespace

TEST_CASE("thoughts and places of calls are not content") {
    const std::vector<Part> parts = {thought("hm"), Text{"Let me see."}, ToolCallRef{0}};
    CHECK(turn_sent(generic, parts)["content"] == Json::parse(R"([{"type":"TEXT","text":"Let me see."}])"));
    CHECK(turn_sent(generic, parts).contains("reasoningContent") == false);
    CHECK(turn_sent(v1, parts)["message"] == "Let me see.");
    CHECK(turn_sent(v2, parts)["content"] == Json::parse(R"([{"type":"TEXT","text":"Let me see."}])"));
    CHECK(turn_sent(v2, parts).contains("toolPlan") == false);
}

TEST_CASE("a turn of calls and thoughts alone has no content in GENERIC") {
    CHECK(turn_sent(generic, {thought("hm"), ToolCallRef{0}}).contains("content") == false);
    CHECK(turn_sent(generic, {thought("hm"), ToolCallRef{0}})["toolCalls"].size() == 1);
    CHECK(turn_sent(v1, {thought("hm"), ToolCallRef{0}})["toolCalls"].size() == 1);
    CHECK(turn_sent(v2, {thought("hm"), ToolCallRef{0}})["toolCalls"].size() == 1);
}

TEST_CASE("send_reasoning sends the text of thoughts like reasoning_content") {
    const std::vector<Part> parts = {thought("a"), Text{"Let me see."}, thought(""), thought("b")};
    CHECK(turn_sent(generic, parts, true)["reasoningContent"] == "ab");
    CHECK(turn_sent(v2, parts, true)["toolPlan"] == "ab");
    CHECK(turn_sent(v2, parts, true, false)["content"] ==
          Json::parse(R"([{"type":"THINKING","thinking":"ab"},{"type":"TEXT","text":"Let me see."}])"));
    CHECK(turn_sent(generic, {thought("")}, true).contains("reasoningContent") == false);
    CHECK(turn_sent(v1, parts, true)["message"] == "Let me see.");
}
