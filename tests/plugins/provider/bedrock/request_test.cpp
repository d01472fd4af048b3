// SPDX-License-Identifier: Apache-2.0
// The body of Converse: settings, tools, reasoning, schemas.
#include "tests/plugins/provider/bedrock/fixture.hpp"

using namespace gatehouse;
using namespace gatehouse::bedrock::test;

namespace {

Tool weather() {
    return {.name = "get_weather",
            .description = "Weather",
            .parameters = {R"({"type":"object","properties":{}})"}};
}
ChatRequest with_tools(const std::string& model = claude) {
    ChatRequest request = ask("why?", model);
    request.tools = {weather()};
    return request;
}
ChatRequest with_schema(const std::string& model) {
    ChatRequest request = ask("a city", model);
    request.response_format = {.kind = ResponseFormat::Kind::json_schema,
                               .name = "city",
                               .description = "A city.",
                               .schema = {R"({"type":"object","properties":{"a":{"type":"string"}}})"}};
    return request;
}

}  // namespace

TEST_CASE("a stream and a document have their operations, and the model is one encoded segment") {
    Given given;
    ChatRequest request = ask();
    http::Request sent = given.sent(request);
    CHECK(sent.method == "POST");
    CHECK(sent.url ==
          "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
          "us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream");
    CHECK(sent.headers.get("accept") == "application/vnd.amazon.eventstream");
    CHECK(sent.headers.get("content-type") == "application/json");
    request.stream = false;
    request.model = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.x";
    sent = given.sent(request);
    CHECK(sent.url ==
          "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
          "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.x/converse");
    CHECK(sent.headers.get("accept") == "application/json");
    CHECK((*given.provider->chat(request))->request_id_header() == "x-amzn-requestid");
    request.model = "../a?b#c\r\nd";
    CHECK(given.sent(request).url.ends_with("/model/..%2Fa%3Fb%23c%0D%0Ad/converse"));
    for (const std::string& model :
         {std::string(), std::string("."), std::string(".."), std::string(3000, 'x')}) {
        request.model = model;
        CHECK(given.refusal(request).kind == ErrorKind::not_found);
        CHECK(given.refusal(request).code == "model_not_found");
    }
}

TEST_CASE("settings of the answer are in inferenceConfig") {
    Given given;
    ChatRequest request = ask("why?", nova);
    request.sampling = {.temperature = 1.5,
                        .top_p = 0.5,
                        .top_k = 40,
                        .max_tokens = 9,
                        .max_completion_tokens = 7,
                        .seed = 3,
                        .stop = {"\n", ""}};
    Json body = given.body(request);
    CHECK(body["inferenceConfig"] ==
          Json::parse(R"({"maxTokens":7,"temperature":1.0,"topP":0.5,"stopSequences":["\n"]})"));
    CHECK(body["additionalModelRequestFields"] == Json::parse(R"({"inferenceConfig":{"topK":40}})"));
    CHECK_FALSE(body.contains("additionalModelResponseFieldPaths"));
    request.model = llama;
    body = given.body(request);
    CHECK(body["inferenceConfig"]["temperature"] == 1.5);
    CHECK(body["additionalModelRequestFields"] == Json::parse(R"({"top_k":40})"));
    request.model = claude;  // accepts temperature or top_p
    body = given.body(request);
    CHECK(body["inferenceConfig"] ==
          Json::parse(R"({"maxTokens":7,"temperature":1.0,"stopSequences":["\n"]})"));
    CHECK(body["additionalModelResponseFieldPaths"] == Json{"/stop_sequence"});
    request.model = "us.anthropic.claude-opus-4-7";  // accepts neither
    body = given.body(request);
    CHECK(body["inferenceConfig"] == Json::parse(R"({"maxTokens":7,"stopSequences":["\n"]})"));
    CHECK_FALSE(body.contains("additionalModelRequestFields"));
    CHECK(given.body(ask())["inferenceConfig"] == Json::object());
}

TEST_CASE("the client's own additionalModelRequestFields win") {
    Given given;
    ChatRequest request = ask("why?", llama);
    request.sampling.top_k = 40;
    request.extra.text = R"({"additionalModelRequestFields":{"top_k":3,"other":[1]},"unknown":1})";
    CHECK(given.body(request)["additionalModelRequestFields"] == Json::parse(R"({"top_k":3,"other":[1]})"));
    request.extra.text = R"({"additionalModelRequestFields":7})";
    CHECK(given.body(request)["additionalModelRequestFields"] == Json::parse(R"({"top_k":40})"));
}

TEST_CASE("tools have a name, a description and a schema of type object") {
    Given given;
    ChatRequest request = with_tools();
    request.tools.push_back(
        {.name = "odd.name/with:signs", .parameters = {R"({"properties":{}})"}, .strict = true});
    request.tools.push_back({.name = "bare",
                             .parameters = {},
                             .extra = {R"({"cache_control":{"type":"ephemeral","ttl":"1h"}})"}});
    const Json tools = given.body(request)["toolConfig"]["tools"];
    REQUIRE(tools.size() == 4);
    CHECK(
        tools[0]["toolSpec"] ==
        Json::parse(
            R"({"name":"get_weather","description":"Weather","inputSchema":{"json":{"type":"object","properties":{}}}})"));
    CHECK(
        tools[1]["toolSpec"] ==
        Json::parse(
            R"({"name":"odd_name_with_signs","strict":true,"inputSchema":{"json":{"type":"object","properties":{}}}})"));
    CHECK(tools[2]["toolSpec"]["inputSchema"]["json"] == Json::parse(R"({"type":"object","properties":{}})"));
    CHECK(tools[3] == Json::parse(R"({"cachePoint":{"type":"default","ttl":"1h"}})"));
    // The client gets its own name.
    const auto events = given.stream(
        request,
        event(
            "contentBlockStart",
            R"({"contentBlockIndex":0,"start":{"toolUse":{"name":"odd_name_with_signs","toolUseId":"t"}}})") +
            stop_event("tool_use"));
    REQUIRE(events);
    CHECK(all<ToolCallDelta>(*events).at(0).name == "odd.name/with:signs");
    request.model = llama;  // neither strict tools nor cache points
    CHECK(given.body(request)["toolConfig"]["tools"].size() == 3);
    CHECK_FALSE(given.body(request)["toolConfig"]["tools"][1]["toolSpec"].contains("strict"));
}

TEST_CASE("each choice of tools has its form, and none leaves the tools out") {
    Given given;
    ChatRequest request = with_tools();
    using Mode = ToolChoice::Mode;
    CHECK_FALSE(given.body(request)["toolConfig"].contains("toolChoice"));
    request.tool_choice.mode = Mode::automatic;
    CHECK(given.body(request)["toolConfig"]["toolChoice"] == Json::parse(R"({"auto":{}})"));
    request.tool_choice.mode = Mode::required;
    CHECK(given.body(request)["toolConfig"]["toolChoice"] == Json::parse(R"({"any":{}})"));
    request.tool_choice = {.mode = Mode::named, .name = "get_weather"};
    CHECK(given.body(request)["toolConfig"]["toolChoice"] ==
          Json::parse(R"({"tool":{"name":"get_weather"}})"));
    request.tool_choice = {.mode = Mode::none};
    CHECK_FALSE(given.body(request).contains("toolConfig"));
    // The API refuses calls in a conversation without tools.
    request.messages.push_back(
        {.role = Role::assistant, .tool_calls = {{.id = "c", .name = "get_weather", .arguments = "{}"}}});
    request.messages.push_back({.role = Role::tool, .parts = {Text{"rain"}}, .tool_call_id = "c"});
    CHECK(given.body(request)["toolConfig"]["tools"].size() == 1);
    CHECK_FALSE(given.body(request)["toolConfig"].contains("toolChoice"));
    request.tools.clear();
    CHECK(given.body(request)["toolConfig"]["tools"][0]["toolSpec"] ==
          Json::parse(R"({"name":"get_weather","inputSchema":{"json":{"type":"object","properties":{}}}})"));
    request.tool_choice = {.mode = Mode::other, .json = {R"({"type":"allowed_tools"})"}};
    CHECK(given.refusal(request).param == "tool_choice");
    CHECK(given.refusal(request).message ==
          "Bedrock has no such tool choice: give \"auto\", \"none\", \"required\" or one function");
}

TEST_CASE("parallel calls are forbidden by Claude's own member, next to the choice auto only") {
    Given given;
    ChatRequest request = with_tools();
    request.parallel_tool_calls = false;
    CHECK(given.body(request)["additionalModelRequestFields"] ==
          Json::parse(R"({"tool_choice":{"type":"auto","disable_parallel_tool_use":true}})"));
    request.tool_choice.mode = ToolChoice::Mode::required;
    CHECK_FALSE(given.body(request).contains("additionalModelRequestFields"));
    request.tool_choice.mode = ToolChoice::Mode::unset;
    request.model = nova;
    CHECK_FALSE(given.body(request).contains("additionalModelRequestFields"));
    CHECK(given.host.logged.back() == "request fields dropped model=" + nova + " fields=parallel_tool_calls");
}

TEST_CASE("a custom tool is a function, and its call is a custom one again") {
    Given given;
    ChatRequest request = ask();
    request.tools = {{.type = "custom", .name = "shell", .description = "Runs a command."}};
    const Json spec = given.body(request)["toolConfig"]["tools"][0]["toolSpec"];
    CHECK(spec["name"] == "shell");
    CHECK(spec["inputSchema"]["json"]["properties"].contains("input"));
    const auto events = given.stream(
        request, event("contentBlockStart",
                       R"({"contentBlockIndex":0,"start":{"toolUse":{"name":"shell","toolUseId":"t"}}})") +
                     event("contentBlockDelta",
                           R"({"contentBlockIndex":0,"delta":{"toolUse":{"input":"{\"input\":\"ls\"}"}}})") +
                     stop_event("tool_use"));
    REQUIRE(events);
    std::string typed;
    for (const ToolCallDelta& delta : all<ToolCallDelta>(*events)) {
        CHECK(delta.custom);
        typed += delta.arguments;
    }
    CHECK(typed == "ls");
}

TEST_CASE("reasoning has the words of each vendor") {
    Given given;
    auto fields = [&](const std::string& model, const std::string& effort) {
        ChatRequest request = ask("why?", model);
        request.reasoning_effort = effort;
        const Json body = given.body(request);
        return body.value("additionalModelRequestFields", Json()).dump();
    };
    CHECK(fields(claude, "low") == R"({"thinking":{"budget_tokens":4096,"type":"enabled"}})");
    CHECK(fields(claude, "minimal") == R"({"thinking":{"budget_tokens":1024,"type":"enabled"}})");
    CHECK(fields(claude, "high") == R"({"thinking":{"budget_tokens":24000,"type":"enabled"}})");
    CHECK(fields(claude, "none") == "null");
    CHECK(fields(claude, "strange") == "null");
    CHECK(fields("anthropic.claude-opus-4-6-v1", "medium") ==
          R"({"output_config":{"effort":"medium"},"thinking":{"type":"adaptive"}})");
    CHECK(fields("us.amazon.nova-2-lite-v1:0", "high") ==
          R"({"reasoningConfig":{"maxReasoningEffort":"high","type":"enabled"}})");
    CHECK(fields("us.amazon.nova-2-lite-v1:0", "none") == "null");
    CHECK(fields("openai.gpt-oss-120b-1:0", "medium") == R"({"reasoning_effort":"medium"})");
    CHECK(fields("openai.gpt-oss-120b-1:0", "none") == R"({"reasoning_effort":"low"})");
    CHECK(fields(nova, "low") == "null");
    CHECK(given.host.logged.back() == "request fields dropped model=" + nova + " fields=reasoning_effort");
}

TEST_CASE("Claude thinks within the client's limit, and not where the API refuses it") {
    Given given;
    ChatRequest request = with_tools();
    request.reasoning_effort = "high";
    request.sampling = {.temperature = 0.5, .max_tokens = 2000};
    Json body = given.body(request);
    CHECK(body["additionalModelRequestFields"]["thinking"]["budget_tokens"] == 1600);
    CHECK_FALSE(body["inferenceConfig"].contains("temperature"));
    request.sampling.max_tokens = 1200;
    CHECK_FALSE(given.body(request).contains("additionalModelRequestFields"));
    request.sampling.max_tokens.reset();
    request.tool_choice.mode = ToolChoice::Mode::required;
    CHECK_FALSE(given.body(request).contains("additionalModelRequestFields"));
    request.tool_choice.mode = ToolChoice::Mode::unset;
    // A turn with calls that has lost its thoughts.
    request.messages.push_back(
        {.role = Role::assistant, .tool_calls = {{.id = "c", .name = "get_weather", .arguments = "{}"}}});
    request.messages.push_back({.role = Role::tool, .parts = {Text{"rain"}}, .tool_call_id = "c"});
    CHECK_FALSE(given.body(request).contains("additionalModelRequestFields"));
    request.messages[1].extra.text =
        R"({"thinking_blocks":[{"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"redacted_thinking","data":"QUJD"},{"type":"thinking","thinking":"unsigned"}]})";
    body = given.body(request);
    CHECK(body["additionalModelRequestFields"].contains("thinking"));
    CHECK(body["messages"][1]["content"][0] ==
          Json::parse(R"({"reasoningContent":{"reasoningText":{"text":"hm","signature":"c2ln"}}})"));
    CHECK(body["messages"][1]["content"][1] ==
          Json::parse(R"({"reasoningContent":{"redactedContent":"QUJD"}})"));
    CHECK(body["messages"][1]["content"][2].contains("toolUse"));
}

TEST_CASE("Anthropic's own thinking is sent as it is to Claude, with its betas") {
    Given given;
    ChatRequest request = ask();
    request.protocol = "anthropic";
    request.reasoning_effort = "low";
    request.betas = {"interleaved-thinking-2025-05-14"};
    request.extra.text = R"({"thinking":{"type":"enabled","budget_tokens":2048}})";
    CHECK(
        given.body(request)["additionalModelRequestFields"] ==
        Json::parse(
            R"({"thinking":{"type":"enabled","budget_tokens":2048},"anthropic_beta":["interleaved-thinking-2025-05-14"]})"));
    request.extra.text = R"({"thinking":{"type":"disabled"}})";
    CHECK_FALSE(given.body(request)["additionalModelRequestFields"].contains("thinking"));
    request.model = "us.amazon.nova-2-lite-v1:0";
    request.extra.text = R"({"thinking":{"type":"enabled","budget_tokens":2048}})";
    CHECK(given.body(request)["additionalModelRequestFields"] ==
          Json::parse(R"({"reasoningConfig":{"type":"enabled","maxReasoningEffort":"low"}})"));
}

TEST_CASE("a schema is outputConfig.textFormat, or a tool of older models") {
    Given given;
    Json body = given.body(with_schema(claude));
    CHECK(body["outputConfig"]["textFormat"]["type"] == "json_schema");
    const Json schema = body["outputConfig"]["textFormat"]["structure"]["jsonSchema"];
    CHECK(schema["name"] == "city");
    CHECK(schema["description"] == "A city.");
    CHECK(Json::parse(schema["schema"].get<std::string>())["properties"].contains("a"));
    CHECK_FALSE(body.contains("toolConfig"));

    ChatRequest request = with_schema(nova);
    body = given.body(request);
    CHECK_FALSE(body.contains("outputConfig"));
    CHECK(body["toolConfig"]["tools"][0]["toolSpec"]["name"] == "city");
    CHECK(body["toolConfig"]["toolChoice"] == Json::parse(R"({"tool":{"name":"city"}})"));
    request.tools = {weather()};
    body = given.body(request);
    CHECK(body["toolConfig"]["tools"].size() == 2);
    CHECK(body["toolConfig"]["toolChoice"] == Json::parse(R"({"any":{}})"));
    request.tool_choice.mode = ToolChoice::Mode::required;
    CHECK(given.body(request)["toolConfig"]["tools"].size() == 1);
    CHECK(given.host.logged.back() == "request fields dropped model=" + nova + " fields=response_format");
}

TEST_CASE("JSON without a schema is a sentence in the system prompt, before the client's") {
    Given given;
    ChatRequest request = ask();
    request.response_format.kind = ResponseFormat::Kind::json_object;
    request.messages.insert(request.messages.begin(), {.role = Role::system, .parts = {Text{"Be terse."}}});
    const Json system = given.body(request)["system"];
    CHECK(system[0]["text"].get<std::string>().starts_with("Answer with one JSON object"));
    CHECK(system[1]["text"] == "Be terse.");
    request.response_format.extra.text = R"({"schema":{"type":"object"}})";
    CHECK(given.body(request).contains("outputConfig"));
}

TEST_CASE("a guardrail, a service tier and the limits of the configuration are sent") {
    Given given(strings({{"guardrail", "gr-1"}, {"guardrail_version", "2"}}));
    ChatRequest request = ask();
    request.service_tier = "flex";
    Json body = given.body(request);
    CHECK(body["guardrailConfig"] ==
          Json::parse(
              R"({"guardrailIdentifier":"gr-1","guardrailVersion":"2","streamProcessingMode":"sync"})"));
    CHECK(body["serviceTier"] == Json::parse(R"({"type":"flex"})"));
    request.stream = false;
    request.service_tier = "auto";
    body = given.body(request);
    CHECK(body["guardrailConfig"] == Json::parse(R"({"guardrailIdentifier":"gr-1","guardrailVersion":"2"})"));
    CHECK_FALSE(body.contains("serviceTier"));
}

TEST_CASE("fields that Bedrock does not have are refused by name, and hints are dropped") {
    Given given;
    const std::pair<const char*, std::function<void(ChatRequest&)>> refused[] = {
        {"n", [](ChatRequest& one) { one.sampling.n = 2; }},
        {"logprobs", [](ChatRequest& one) { one.sampling.logprobs = true; }},
        {"modalities", [](ChatRequest& one) { one.modalities.text = R"(["text","audio"])"; }},
        {"web_search_options", [](ChatRequest& one) { one.web_search_options.text = "{}"; }},
        {"suffix", [](ChatRequest& one) { one.completion = TextCompletion{.suffix = "x"}; }},
        {"prompt", [](ChatRequest& one) { one.completion = TextCompletion{.prompts = {"[[1]]"}}; }}};
    for (const auto& [param, change] : refused) {
        ChatRequest request = ask();
        change(request);
        CHECK(given.refusal(request).kind == ErrorKind::unsupported);
        CHECK(given.refusal(request).param == param);
    }
    ChatRequest request = ask();
    request.sampling.seed = 1;
    request.sampling.presence_penalty = 0.5;
    request.user = "u";
    request.extra.text = R"({"odd":1})";
    given.sent(request);
    CHECK(given.host.logged.back() ==
          "request fields dropped model=" + claude + " fields=seed, presence_penalty, user, odd");
    CHECK(given.provider->embed({}).error().kind == ErrorKind::unsupported);
    CHECK(given.provider->rerank({}).error().kind == ErrorKind::unsupported);
}

TEST_CASE("the next turn begins with the bytes of this one") {
    Given given;
    ChatRequest request = with_tools();
    request.messages.insert(request.messages.begin(), {.role = Role::system, .parts = {Text{"Be terse."}}});
    std::string first = given.sent(request).body;
    while (first.ends_with('}') || first.ends_with(']')) first.pop_back();
    request.messages.push_back(
        {.role = Role::assistant, .tool_calls = {{.id = "c", .name = "get_weather", .arguments = "{}"}}});
    request.messages.push_back({.role = Role::tool, .parts = {Text{"rain"}}, .tool_call_id = "c"});
    CHECK(given.sent(request).body.starts_with(first));
}
