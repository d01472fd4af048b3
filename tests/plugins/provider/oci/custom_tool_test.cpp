// SPDX-License-Identifier: Apache-2.0
// Custom tools, which OCI's own formats do not have.  tests/plugins/common has the tests of
// their translation.
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

const char* const generic = "meta.llama-3.3-70b-instruct";
const char* const v1 = "cohere.command-a-03-2025";
const char* const v2 = "cohere.command-a-reasoning-08-2025";

ChatRequest with_patch(const char* model, const char* name = "patch") {
    ChatRequest request = ask(model);
    Tool tool;
    tool.type = "custom";
    tool.name = name;
    tool.description = "Edits files.";
    request.tools = {tool};
    return request;
}

/// The history has a call of the tool and its result.
ChatRequest with_history(const char* model) {
    ChatRequest request = with_patch(model);
    request.messages.push_back(calls({{"1", "patch", std::string("*** \"a\"\n"), true}}));
    request.messages.push_back(result("1", "done"));
    return request;
}

/// "call", "custom" or "function", and the joined arguments.
struct Called {
    bool custom = true;
    int deltas = 0;
    std::string id, name, text;
};
Called called(const ChatRequest& request, std::string_view body, const Options& given = options()) {
    Bench bench(given);
    std::optional<Called> first;
    int wrong = 0;
    testing::replay_cut_everywhere(bench.provider, request, body, [&](const auto& events) {
        REQUIRE_MESSAGE(events, (events ? "" : events.error().message));
        Called found;
        for (const Event& event : *events)
            if (auto* delta = std::get_if<ToolCallDelta>(&event)) {
                ++found.deltas;
                found.custom = found.custom && delta->custom;
                found.name += delta->name;
                found.text += delta->arguments;
            }
        if (!first) first = found;
        wrong += found.text != first->text || found.custom != first->custom;
    });
    CHECK(wrong == 0);
    return *first;
}

const char* const patch_text = "*** Begin\n\"\xF0\x9F\x98\x80\"";

}  // namespace

TEST_CASE("a custom tool is sent as a function with one string") {
    Bench bench;
    const Json schema =
        Json::parse(R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})");
    const std::string description =
        "Edits files.\n\nThe input of this tool is free text: give it as the string \"input\".";
    CHECK(chat_sent(bench.provider, with_patch(generic))["tools"] ==
          Json::array({{{"type", "FUNCTION"},
                        {"name", "patch"},
                        {"description", description},
                        {"parameters", schema}}}));
    const Json in_v1 = chat_sent(bench.provider, with_patch(v1))["tools"][0];
    CHECK(in_v1["description"] == description);
    CHECK(in_v1["parameterDefinitions"] == Json::parse(R"({"input":{"type":"str","isRequired":true}})"));
    CHECK(chat_sent(bench.provider, with_patch(v2))["tools"][0]["function"]["parameters"] == schema);
}

TEST_CASE("the choice of a custom tool is that of a function") {
    Bench bench;
    ChatRequest request = with_patch(generic);
    request.tool_choice = {.mode = ToolChoice::Mode::named, .name = "patch", .custom = true};
    CHECK(chat_sent(bench.provider, request)["toolChoice"] == Json{{"type", "FUNCTION"}, {"name", "patch"}});
    request.model = v1;
    CHECK(chat_sent(bench.provider, request)["tools"].size() == 1);
}

TEST_CASE("custom calls in the history are wrapped") {
    Bench bench;
    const Json wrapped = {{"input", "*** \"a\"\n"}};
    auto arguments = [](const Json& call) { return Json::parse(call["arguments"].get<std::string>()); };
    const Json in_generic = chat_sent(bench.provider, with_history(generic));
    CHECK(arguments(in_generic["messages"][1]["toolCalls"][0]) == wrapped);
    CHECK(in_generic["messages"][2]["role"] == "TOOL");
    const Json in_v1 = chat_sent(bench.provider, with_history(v1));
    CHECK(in_v1["chatHistory"][1]["toolCalls"][0]["parameters"] == wrapped);
    CHECK(in_v1["toolResults"][0]["call"]["parameters"] == wrapped);
    const Json in_v2 = chat_sent(bench.provider, with_history(v2));
    CHECK(arguments(in_v2["messages"][1]["toolCalls"][0]["function"]) == wrapped);
}

TEST_CASE("a call of a custom tool in a GENERIC stream comes as fragments of its text") {
    ChatRequest request = with_patch(generic);
    request.stream = true;
    const Called found = called(
        request,
        sse({R"({"index":0,"message":{"toolCalls":[{"type":"FUNCTION","id":"1","name":"patch","arguments":"{\"inp"}]}})",
             R"({"index":0,"message":{"toolCalls":[{"type":"FUNCTION","arguments":"ut\": \"*** Begin\\"}]}})",
             R"({"index":0,"message":{"toolCalls":[{"type":"FUNCTION","arguments":"n\\\"\\ud83d"}]}})",
             R"({"index":0,"message":{"toolCalls":[{"type":"FUNCTION","arguments":"\\ude00\\\"\"}"}]}})",
             R"({"index":0,"finishReason":"tool_calls"})", "[DONE]"}));
    CHECK(found.custom);
    CHECK(found.name == "patch");
    CHECK(found.text == patch_text);
    CHECK(found.deltas == 4);
}

TEST_CASE("a call of a custom tool in a complete response is its text, in every format") {
    const std::string arguments = R"("{\"input\":\"*** Begin\\n\\\"😀\\\"\"}")";
    const std::pair<const char*, std::string> answers[] = {
        {generic,
         R"({"chatResponse":{"apiFormat":"GENERIC","choices":[{"index":0,"finishReason":"tool_calls","message":{"toolCalls":[{"type":"FUNCTION","id":"1","name":"patch","arguments":)" +
             arguments + "}]}}]}}"},
        {v1,
         R"({"chatResponse":{"apiFormat":"COHERE","text":"","finishReason":"COMPLETE","toolCalls":[{"name":"patch","parameters":{"input":"*** Begin\n\"😀\""}}]}})"},
        {v2,
         R"({"chatResponse":{"apiFormat":"COHEREV2","finishReason":"TOOL_CALL","message":{"toolCalls":[{"id":"1","type":"FUNCTION","function":{"name":"patch","arguments":)" +
             arguments + "}}]}}}"},
    };
    for (const auto& row : answers) {
        const char* const model = row.first;
        const std::string& body = row.second;
        CAPTURE(model);
        const Called found = called(with_patch(model), body);
        CHECK(found.custom);
        CHECK(found.name == "patch");
        CHECK(found.text == patch_text);

        // A simulated stream has the text in pieces, which are custom too.
        Options given = options();
        given.streaming = "simulated";
        ChatRequest stream = with_patch(model);
        stream.stream = true;
        const Called pieces = called(stream, body, given);
        CHECK(pieces.custom);
        CHECK(pieces.text == patch_text);
        CHECK(pieces.deltas > 2);
    }
}

TEST_CASE("COHERE: a custom tool's name that OCI refuses comes back as the client's") {
    const ChatRequest request = with_patch(v1, "apply-patch");
    Bench bench;
    CHECK(chat_sent(bench.provider, request)["tools"][0]["name"] == "apply_patch");
    const Called found = called(
        request,
        R"({"chatResponse":{"text":"","finishReason":"COMPLETE","toolCalls":[{"name":"apply_patch","parameters":{"input":"x"}}]}})");
    CHECK(found.custom);
    CHECK(found.name == "apply-patch");
    CHECK(found.text == "x");
}

TEST_CASE("arguments that are not of that form are the text") {
    const Called found = called(
        with_patch(generic),
        R"({"chatResponse":{"choices":[{"index":0,"message":{"toolCalls":[{"id":"1","name":"patch","arguments":"*** Begin"}]}}]}})");
    CHECK(found.custom);
    CHECK(found.text == "*** Begin");
}

TEST_CASE("the OpenAI-compatible surface has custom tools") {
    Options given = options();
    given.surface = "openai";
    Bench bench(given);
    const Json body = sent(bench.provider, with_history(generic));
    CHECK(body["tools"][0]["type"] == "custom");
    CHECK(body["messages"][1]["tool_calls"][0]["custom"]["input"] == "*** \"a\"\n");
}

TEST_CASE("a model without tools refuses custom tools like functions") {
    Bench bench;
    const Error error = refused(bench.provider, with_patch("cohere.command-a-vision-07-2025"));
    CHECK(error.kind == ErrorKind::unsupported);
    CHECK(error.param == "tools");
}
