// SPDX-License-Identifier: Apache-2.0
// Sessions of 30 turns in the forms of two agents.  Roles, kinds of blocks, sizes and the order of
// members are those of recorded requests; all texts are generated.
#include "tests/plugins/lossless/upstreams.hpp"

#include <utility>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

constexpr int turns = 30;

using Ordered = nlohmann::ordered_json;

// --- an agent that speaks Chat Completions ---

struct ToolSize {
    std::size_t description, schema;
    int members;
};
// 14 tools of a recorded request.
constexpr ToolSize tool_sizes[] = {{71, 162, 1},  {487, 5151, 54}, {130, 533, 2},   {503, 1317, 12},
                                   {192, 271, 3}, {350, 210, 2},   {258, 1247, 12}, {164, 516, 5},
                                   {337, 476, 3}, {61, 227, 2},    {92, 134, 1},    {502, 1191, 3},
                                   {251, 388, 5}, {49, 206, 2}};

std::string name_of(std::size_t tool) { return "tool_" + std::to_string(tool % std::size(tool_sizes)); }

Ordered schema_of(const ToolSize& size) {
    Ordered members = Ordered::object();
    const auto each = size.schema / static_cast<std::size_t>(size.members) / 2;
    for (int i = 0; i < size.members; ++i)
        members["member_" + std::to_string(i)] = {{"type", "string"},
                                                  {"description", prose("a member", each)}};
    return {{"type", "object"}, {"required", {"member_0"}}, {"properties", members}};
}

Ordered chat_tools() {
    Ordered list = Ordered::array();
    for (std::size_t i = 0; i < std::size(tool_sizes); ++i)
        list.push_back({{"type", "function"},
                        {"function",
                         {{"name", name_of(i)},
                          {"description", prose("a tool", tool_sizes[i].description)},
                          {"parameters", schema_of(tool_sizes[i])}}}});
    return list;
}

std::string mark(int turn) { return "turn-" + std::to_string(turn); }

/// `rich`: the agent sends the thoughts of the model back.
void grow(Ordered& messages, bool rich, int turn) {
    Ordered calls = Ordered::array();
    for (int i = 0; i <= turn % 3; ++i)
        calls.push_back({{"id", "call_" + std::to_string(turn) + "_" + std::to_string(i)},
                         {"type", "function"},
                         {"function",
                          {{"name", name_of(static_cast<std::size_t>(turn + i))},
                           {"arguments", R"({"member_0":")" + mark(turn) + R"("})"}}}});
    messages.push_back({{"role", "assistant"}, {"content", nullptr}, {"tool_calls", calls}});
    if (rich)
        messages.back()["thinking_blocks"] = {{{"type", "thinking"},
                                               {"thinking", prose("a thought", 200)},
                                               {"signature", "c2ln" + std::to_string(turn)}}};
    for (const Ordered& call : calls)
        messages.push_back({{"role", "tool"},
                            {"content", prose("the result of " + mark(turn), 200 + 131 * turn % 3000)},
                            {"tool_call_id", call.at("id")}});
    if (turn % 6 != 5) return;
    messages.push_back({{"role", "assistant"}, {"content", prose("the answer", 400)}});
    messages.push_back(
        {{"role", "user"}, {"content", {{{"type", "text"}, {"text", prose("a question", 250)}}}}});
}

/// The requests of a session.  `rich`: with the members that a reasoning model gets.
std::vector<ChatRequest> chat_session(bool rich, const std::string& model) {
    Ordered body = {
        {"model", "m"},
        {"messages",
         {{{"role", rich ? "developer" : "system"}, {"content", prose("the house", 48'400)}},
          {{"role", "user"}, {"content", prose("the place", 287)}},
          {{"role", "user"}, {"content", {{{"type", "text"}, {"text", prose("the first question", 220)}}}}}}},
        {"stream", true},
        {"stream_options", {{"include_usage", true}}}};
    if (rich) body["prompt_cache_key"] = "session";
    body["tools"] = chat_tools();
    body["tool_choice"] = "auto";
    body["max_completion_tokens"] = 8192;
    if (rich) body["reasoning_effort"] = "medium";
    std::vector<ChatRequest> out;
    for (int turn = 0; turn < turns; ++turn) {
        if (turn) grow(body["messages"], rich, turn);
        out.push_back(parse(body.dump(), model));
    }
    return out;
}

// --- an agent that speaks Anthropic's protocol ---

const JsonText cached = {R"({"cache_control":{"type":"ephemeral"}})"};

Message said(Role role, std::initializer_list<Text> texts) {
    Message message{.role = role, .listed = true};
    for (const Text& text : texts) message.parts.push_back(text);
    return message;
}

/// The assistant's thought and calls, and their results, of which some are errors or images.
void grow_blocks(std::vector<Message>& messages, int turn, bool images) {
    Message assistant{.role = Role::assistant, .listed = true};
    assistant.parts.push_back(Thought{.text = prose("a thought", 300),
                                      .signature = "c2lnbmF0dXJl" + std::to_string(turn),
                                      .origin = "anthropic"});
    if (turn % 4 == 1) assistant.parts.push_back(Text{prose("a step", 120)});
    for (int i = 0; i <= turn % 2; ++i) {
        assistant.parts.push_back(ToolCallRef{static_cast<std::size_t>(i)});
        assistant.tool_calls.push_back(
            {.id = "toolu_" + std::to_string(turn) + std::to_string(i),
             .name = name_of(static_cast<std::size_t>(turn)),
             .arguments = R"({"command":")" + mark(turn) + R"(","description":"d"})"});
    }
    std::vector<Message> results;
    for (const ToolCall& call : assistant.tool_calls) {
        Message result = said(Role::tool, {{prose("the result of " + mark(turn), 150 + 211 * turn % 4000)}});
        result.tool_call_id = call.id;
        result.failed = turn % 5 == 3;
        if (images && turn % 9 == 4) result.parts = {Image{"data:image/png;base64,iVBORw0KGgo="}};
        results.push_back(std::move(result));
    }
    messages.push_back(std::move(assistant));
    for (Message& result : results) messages.push_back(std::move(result));
}

/// `in_place`: the agent has the beta for system messages inside a conversation.
std::vector<ChatRequest> block_session(const std::string& model, bool images, bool in_place) {
    ChatRequest request;
    request.model = model;
    request.protocol = "anthropic";
    request.messages = {
        said(Role::system, {{prose("the agent", 62), cached}, {prose("the rules", 5706), cached}}),
        said(Role::user, {{prose("a reminder", 306)}, {prose("the question", 112)}}),
        said(Role::system, {{prose("the session", 6062)}})};
    for (std::size_t i = 0; i < 24; ++i) {
        Tool tool{.name = name_of(i) + "_" + std::to_string(i), .description = prose("a tool", 1500)};
        tool.parameters.text = schema_of({.description = 0, .schema = 900, .members = 4}).dump();
        request.tools.push_back(std::move(tool));
    }
    request.sampling.max_completion_tokens = 32'000;
    request.stream = request.include_usage = true;
    if (in_place) request.betas = {"first-2025-02-19,mid-conversation-system-2026-04-07"};
    request.extra.text =
        R"({"thinking":{"type":"adaptive"},"output_config":{"effort":"high"},"context_management":{"edits":[]}})";
    std::vector<ChatRequest> out;
    for (int turn = 0; turn < turns; ++turn) {
        if (turn) grow_blocks(request.messages, turn, images);
        if (turn % 10 == 9) request.messages.push_back(said(Role::system, {{prose("a reminder", 90)}}));
        ChatRequest now = request;
        // The agent marks the last message.
        if (now.messages.back().role == Role::tool) now.messages.back().extra = cached;
        out.push_back(std::move(now));
    }
    return out;
}

// --- checks ---

/// Tools and the first words of the system's prompt come before those of the user.
void check_front(const std::string& body, const std::string& system, const std::string& user) {
    const std::size_t tools = body.find(name_of(0)), words = body.find(system), question = body.find(user);
    REQUIRE(tools != body.npos);
    REQUIRE(words != body.npos);
    REQUIRE(question != body.npos);
    CHECK(tools < question);
    CHECK(words < question);
}

void check_session(const Upstream& upstream, const std::vector<ChatRequest>& session,
                   const std::string& system, const std::string& user) {
    testing::FakeHost host;
    auto provider = upstream.make(host);
    std::string earlier;
    for (std::size_t turn = 0; turn < session.size(); ++turn) {
        CAPTURE(turn);
        auto exchange = begin(*provider, session[turn]);
        const std::string now = body_of(*exchange);
        check_front(now, system, user);
        if (turn) check_beginning(earlier, now);
        if (turn % 10 == 0) CHECK(body_of(*exchange) == now);  // a retry
        if (turn % 6 == 0) {                                   // a restart or a reload
            auto other = upstream.make(host);
            CHECK(sent(*other, session[turn]) == now);
        }
        earlier = now;
    }
}

}  // namespace

TEST_CASE("an agent with Chat Completions: a turn's body begins with the turn before") {
    for (const Upstream& upstream : upstreams()) {
        CAPTURE(std::string(upstream.name));
        for (const bool rich : {false, true}) {
            CAPTURE(rich);
            check_session(upstream, chat_session(rich, upstream.model), "Rule 1 of the house",
                          "Rule 1 of the first question");
        }
    }
}

TEST_CASE("an agent with Anthropic's protocol: a turn's body begins with the turn before") {
    for (const Upstream& upstream : upstreams()) {
        CAPTURE(std::string(upstream.name));
        for (const bool in_place : {false, true}) {
            CAPTURE(in_place);
            check_session(upstream, block_session(upstream.model, upstream.image, in_place),
                          "Rule 1 of the rules", "Rule 1 of the question");
        }
    }
}
