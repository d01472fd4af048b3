// SPDX-License-Identifier: Apache-2.0
// The request without its messages: limits, sampling, thinking, tools, answers in JSON.
#include "tests/plugins/provider/anthropic/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::anthropic;
using namespace gatehouse::anthropic::test;

namespace {

ChatRequest with_schema(const char* model, const std::string& name = "city") {
    ChatRequest request = ask(model);
    request.response_format = {
        .kind = ResponseFormat::Kind::json_schema,
        .name = name,
        .description = "A city.",
        .schema = {
            R"({"type":"object","properties":{"name":{"type":"string"}},"additionalProperties":false})"}};
    return request;
}

ChatRequest thinking(const char* model, const std::string& effort) {
    ChatRequest request = ask(model);
    request.reasoning_effort = effort;
    return request;
}

const Json adaptive = {{"type", "adaptive"}, {"display", "summarized"}};

Json budget(int tokens) { return {{"type", "enabled"}, {"budget_tokens", tokens}}; }

}  // namespace

TEST_CASE("the smallest request has a model, a limit and a message") {
    CHECK(sent(ask()) == Json::parse(R"({"model":"claude-sonnet-4-5","max_tokens":8192,
        "messages":[{"role":"user","content":[{"type":"text","text":"Hello"}]}]})"));
}

TEST_CASE("everything that has a place goes there") {
    ChatRequest request = ask(budgeted);
    request.messages.insert(request.messages.begin(), message(Role::system, "Be terse."));
    request.stream = true;
    request.sampling.max_completion_tokens = 500;
    request.sampling.temperature = 0.25;
    request.sampling.top_p = 0.5;
    request.sampling.top_k = 40;
    request.sampling.stop = {"END", "STOP"};
    request.user = "user-1";
    request.service_tier = "auto";
    request.tools = {tool("f")};
    request.tools[0].description = "Does f.";
    request.tool_choice.mode = ToolChoice::Mode::automatic;
    CHECK(sent(request) == Json::parse(R"({"model":"claude-sonnet-4-20250514","max_tokens":500,"stream":true,
        "system":[{"type":"text","text":"Be terse."}],
        "messages":[{"role":"user","content":[{"type":"text","text":"Hello"}]}],
        "tools":[{"name":"f","description":"Does f.","input_schema":{"type":"object","properties":{}}}],
        "tool_choice":{"type":"auto"},"stop_sequences":["END","STOP"],
        "temperature":0.25,"top_p":0.5,"top_k":40,"metadata":{"user_id":"user-1"},"service_tier":"auto"})"));
    CHECK(left_out(request) == "");
}

TEST_CASE("the limit is the client's, the model's, the provider's, and never above the cap") {
    Options options;
    options.max_tokens = 5000;
    options.models["claude-sonnet*"] = {.max_tokens = 700};
    options.models[budgeted] = {.max_tokens_cap = 300};
    auto limit = [&](const char* model, std::optional<std::int64_t> asked = {}) {
        ChatRequest request = ask(model);
        request.sampling.max_tokens = asked;
        return sent(request, options)["max_tokens"].get<int>();
    };
    CHECK(limit("claude-opus-4-5") == 5000);
    CHECK(limit(sonnet) == 700);
    CHECK(limit(sonnet, 900) == 900);
    CHECK(limit(budgeted) == 300);
    CHECK(limit(budgeted, 900) == 300);
    CHECK(limit(budgeted, 200) == 200);
    CHECK(sent(ask("claude-3-haiku-20240307"))["max_tokens"] == 4096);
}

TEST_CASE("a temperature above 1 is 1, and models get what of sampling they take") {
    auto sampled = [](const char* model) {
        ChatRequest request = ask(model);
        request.sampling.temperature = 1.7;
        request.sampling.top_p = 0.9;
        request.sampling.top_k = -1;
        return request;
    };
    CHECK(sent(sampled(budgeted))["temperature"] == 1.0);
    CHECK(sent(sampled(budgeted))["top_p"] == 0.9);
    CHECK(!sent(sampled(budgeted)).contains("top_k"));
    CHECK(sent(sampled(sonnet))["temperature"] == 1.0);
    CHECK(!sent(sampled(sonnet)).contains("top_p"));
    CHECK(left_out(sampled(sonnet)) == "top_p");
    CHECK(!sent(sampled(newest)).contains("temperature"));
    CHECK(left_out(sampled(newest)) == "temperature, top_p");
    CHECK(sent(sampled("some-other-server/model"))["top_p"] == 0.9);

    Options options;
    options.models[newest] = {.sampling = "all"};
    options.models[budgeted] = {.sampling = "none"};
    CHECK(sent(sampled(newest), options)["top_p"] == 0.9);
    CHECK(!sent(sampled(budgeted), options).contains("temperature"));
}

TEST_CASE("reasoning_effort is a budget below the limit, and there is no temperature with it") {
    ChatRequest request = thinking(budgeted, "medium");
    request.sampling.temperature = 0.5;
    request.sampling.top_k = 3;
    Json body = sent(request);
    CHECK(body["thinking"] == budget(10'000));
    CHECK(body["max_tokens"] == 18'192);
    CHECK(!body.contains("temperature"));
    CHECK(!body.contains("output_config"));
    CHECK(left_out(request) == "temperature, top_k");

    request.sampling.max_completion_tokens = 5000;
    CHECK(sent(request)["thinking"] == budget(4000));
    CHECK(sent(request)["max_tokens"] == 5000);
    request.sampling.max_completion_tokens = 1100;
    CHECK(!sent(request).contains("thinking"));
    CHECK(sent(request)["temperature"] == 0.5);
    CHECK(left_out(request) == "reasoning_effort");

    CHECK(sent(thinking(budgeted, "minimal"))["thinking"] == budget(1024));
    CHECK(sent(thinking(budgeted, "low"))["thinking"] == budget(4096));
    CHECK(sent(thinking(budgeted, "xhigh"))["thinking"] == budget(24'000));
    CHECK(!sent(thinking(budgeted, "none")).contains("thinking"));
    CHECK(left_out(thinking(budgeted, "none")) == "");
    CHECK(left_out(thinking(budgeted, "very much")) == "reasoning_effort");
    CHECK(left_out(thinking("claude-3-5-haiku-20241022", "high")) == "reasoning_effort");
}

TEST_CASE("the largest budget leaves room within what the model can say") {
    Options options;
    options.budget_high = 100'000;
    const Json body = sent(thinking(budgeted, "high"), options);
    CHECK(body["max_tokens"] == 64'000);
    CHECK(body["thinking"] == budget(51'200));
}

TEST_CASE("newer models think as they see fit, with an effort") {
    Json body = sent(thinking(newest, "xhigh"));
    CHECK(body["thinking"] == adaptive);
    CHECK(body["output_config"] == Json{{"effort", "xhigh"}});
    CHECK(body["max_tokens"] == 32'192);
    CHECK(sent(thinking("claude-opus-4-6", "xhigh"))["output_config"] == Json{{"effort", "high"}});
    CHECK(sent(thinking(newest, "minimal"))["output_config"] == Json{{"effort", "low"}});
    // This model has efforts and budgets.
    body = sent(thinking("claude-opus-4-5-20251101", "low"));
    CHECK(body["output_config"] == Json{{"effort", "low"}});
    CHECK(body["thinking"] == budget(4096));

    Options options;
    options.models["claude-opus-9"] = {.thinking = "budget", .budget_high = 2000};
    CHECK(sent(thinking(newest, "high"), options)["thinking"] == budget(2000));
    options.models["claude-opus-9"] = {.thinking = "none"};
    CHECK(!sent(thinking(newest, "high"), options).contains("thinking"));
    options.models[budgeted] = {.thinking = "adaptive"};
    CHECK(sent(thinking(budgeted, "high"), options)["thinking"] == adaptive);
}

TEST_CASE("thinking is dropped if a call is forced") {
    ChatRequest request = thinking(budgeted, "high");
    request.tools = {tool("f")};
    request.tool_choice.mode = ToolChoice::Mode::required;
    CHECK(!sent(request).contains("thinking"));
    CHECK(left_out(request) == "reasoning_effort");
    request.model = newest;  // the effort is not thinking, and stays
    CHECK(!sent(request).contains("thinking"));
    CHECK(sent(request)["output_config"] == Json{{"effort", "high"}});
    request.tool_choice.mode = ToolChoice::Mode::automatic;
    CHECK(sent(request)["thinking"] == adaptive);
}

TEST_CASE("the model continues an assistant's text without thinking") {
    ChatRequest request = thinking(budgeted, "low");
    request.messages.push_back(message(Role::assistant, "So"));
    CHECK(!sent(request).contains("thinking"));
    CHECK(left_out(request) == "reasoning_effort");
    request.model = newest;  // which gets a user's turn behind it
    CHECK(sent(request)["thinking"] == adaptive);
}

TEST_CASE("a model with a budget does not think in a turn whose thoughts are lost") {
    ChatRequest request = thinking(budgeted, "low");
    request.messages.push_back(calls({{"c1", "f", "{}"}}));
    request.messages.push_back(result("c1", "1"));
    CHECK(!sent(request).contains("thinking"));
    CHECK(left_out(request) == "reasoning_effort");

    ChatRequest kept = request;
    kept.messages[1].extra.text =
        R"({"thinking_blocks":[{"type":"thinking","thinking":"hm","signature":"s"}]})";
    CHECK(sent(kept)["thinking"] == budget(4096));
    // Earlier turns do not matter.
    request.messages.push_back(message(Role::user, "And now?"));
    CHECK(sent(request)["thinking"] == budget(4096));
}

TEST_CASE("the client's own members of Anthropic's go through, and win") {
    ChatRequest request = thinking(budgeted, "low");
    request.extra.text =
        R"({"thinking":{"type":"enabled","budget_tokens":3000},"cache_control":{"type":"ephemeral"},
        "output_config":{"effort":"max","other":[1]},"made_up":1,"nothing":null})";
    Json body = sent(request);
    CHECK(body["thinking"] == budget(3000));
    CHECK(body["max_tokens"] == 11'192);
    CHECK(body["cache_control"] == Json{{"type", "ephemeral"}});
    CHECK(body["output_config"] == Json::parse(R"({"effort":"max","other":[1]})"));
    CHECK(!body.contains("made_up"));
    CHECK(left_out(request) == "made_up");

    request = with_schema(sonnet);
    request.extra.text = R"({"output_config":{"effort":"low","format":{"type":"json_schema","schema":{}}}})";
    body = sent(request)["output_config"];
    CHECK(body["effort"] == "low");
    CHECK(body["format"]["schema"]["properties"].contains("name"));

    request = ask(budgeted);
    request.extra.text = R"({"thinking":{"type":"disabled"}})";
    request.sampling.temperature = 1;
    CHECK(!sent(request).contains("thinking"));
    CHECK(sent(request)["temperature"] == 1.0);
}

TEST_CASE("tool choices, and one call at a time") {
    ChatRequest request = ask();
    request.tools = {tool("f"), tool("g")};
    auto choice = [&](ToolChoice::Mode mode) {
        request.tool_choice = {.mode = mode, .name = mode == ToolChoice::Mode::named ? "g" : ""};
        return sent(request).value("tool_choice", Json());
    };
    using Mode = ToolChoice::Mode;
    CHECK(choice(Mode::unset) == Json());
    CHECK(choice(Mode::automatic) == Json{{"type", "auto"}});
    CHECK(choice(Mode::none) == Json{{"type", "none"}});
    CHECK(choice(Mode::required) == Json{{"type", "any"}});
    CHECK(choice(Mode::named) == Json{{"type", "tool"}, {"name", "g"}});
    request.parallel_tool_calls = false;
    CHECK(choice(Mode::unset) == Json{{"type", "auto"}, {"disable_parallel_tool_use", true}});
    CHECK(choice(Mode::required) == Json{{"type", "any"}, {"disable_parallel_tool_use", true}});
    CHECK(choice(Mode::none) == Json{{"type", "none"}});
    request.parallel_tool_calls = true;
    CHECK(choice(Mode::unset) == Json());
    request.tool_choice = {.mode = Mode::other, .json = {R"({"type":"allowed_tools"})"}};
    CHECK(refused(request).param == "tool_choice");
    CHECK(refused(request).kind == ErrorKind::unsupported);
}

TEST_CASE("tools have a schema of type object, Anthropic's own go through, others are skipped") {
    ChatRequest request = ask();
    request.tools = {tool("a", ""), tool("b", "{}"), tool("c", R"( { "properties":{"x":{}}})"), tool("d")};
    request.tools[3].inner_extra.text = R"({"cache_control":{"type":"ephemeral"},"unknown":1})";
    request.tools[3].strict = true;
    request.tools.push_back(
        {.type = "web_search_20250305", .json = {R"({"type":"web_search_20250305","name":"web_search"})"}});
    request.tools.push_back({.type = "web_search", .json = {R"({"type":"web_search"})"}});
    const Json tools = sent(request)["tools"];
    const Json empty = Json::parse(R"({"type":"object","properties":{}})");
    REQUIRE(tools.size() == 5);
    CHECK(tools[0] == Json{{"name", "a"}, {"input_schema", empty}});
    CHECK(tools[1]["input_schema"] == empty);
    CHECK(tools[2]["input_schema"] == Json::parse(R"({"type":"object","properties":{"x":{}}})"));
    CHECK(tools[3]["cache_control"] == Json{{"type", "ephemeral"}});
    CHECK(!tools[3].contains("unknown"));
    CHECK(tools[4] == Json{{"type", "web_search_20250305"}, {"name", "web_search"}});
    CHECK(left_out(request) == "tools[3].function.strict, tools[5] of type web_search");
}

TEST_CASE("names of tools that the API refuses are changed and found again") {
    ChatRequest request = ask();
    request.tools = {tool("mcp.read file"), tool("mcp_read_file"), tool(std::string(150, 'x')),
                     tool("mcp/read.file")};
    request.tool_choice = {.mode = ToolChoice::Mode::named, .name = "mcp.read file"};
    request.messages = {message(Role::user, "q"), calls({{"c", "mcp/read.file", "{}"}}), result("c", "r")};
    const Json body = sent(request);
    CHECK(body["tools"][0]["name"] == "mcp_read_file_2");
    CHECK(body["tools"][1]["name"] == "mcp_read_file");
    CHECK(body["tools"][2]["name"] == std::string(128, 'x'));
    CHECK(body["tools"][3]["name"] == "mcp_read_file_3");
    CHECK(body["tool_choice"]["name"] == "mcp_read_file_2");
    CHECK(body["messages"][1]["content"][0]["name"] == "mcp_read_file_3");
    CHECK(answer_to(request,
                    R"({"type":"message","content":[{"type":"tool_use","id":"t","name":"mcp_read_file_2",
        "input":{}}],"stop_reason":"tool_use"})") ==
          Lines{"call 0 id=t name=mcp.read file ", "call 0 {}", "finish tool_calls"});
}

TEST_CASE("calls in a conversation without tools get tools that must not be called") {
    const Json body = sent(with({message(Role::user, "q"), calls({{"c", "f", "{}"}, {"d", "f", "{}"}}),
                                 result("c", "1"), result("d", "2")}));
    CHECK(body["tools"] == Json::parse(R"([{"name":"f","input_schema":{"type":"object","properties":{}}}])"));
    CHECK(body["tool_choice"] == Json{{"type", "none"}});
}

TEST_CASE("a schema is sent natively, or as a tool whose input is the answer") {
    Json body = sent(with_schema(sonnet));
    CHECK(body["output_config"]["format"]["type"] == "json_schema");
    CHECK(body["output_config"]["format"]["schema"]["additionalProperties"] == false);
    CHECK(!body.contains("tools"));

    body = sent(with_schema(budgeted));
    CHECK(!body.contains("output_config"));
    REQUIRE(body["tools"].size() == 1);
    CHECK(body["tools"][0]["name"] == "city");
    CHECK(body["tools"][0]["input_schema"]["properties"].contains("name"));
    CHECK(body["tools"][0]["description"].get<std::string>().find("A city.") != std::string::npos);
    CHECK(body["tool_choice"] == Json{{"type", "tool"}, {"name", "city"}});

    // Its input is the answer's text, and it is not a call.
    const Lines expected = {R"(text {"name":"Oslo"})", "finish stop"};
    CHECK(answer_to(with_schema(budgeted),
                    R"({"type":"message","content":[{"type":"tool_use","id":"t","name":"city",
        "input":{"name":"Oslo"}}],"stop_reason":"tool_use"})") == expected);
    CHECK(
        answer_to(
            with_schema(budgeted),
            sse({R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"city","input":{}}})",
                 R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"name\":"}})",
                 R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"\"Oslo\"}"}})",
                 R"({"type":"content_block_stop","index":0})",
                 R"({"type":"message_delta","delta":{"stop_reason":"tool_use"}})",
                 R"({"type":"message_stop"})"})) ==
        Lines{R"(text {"name":)", R"(text "Oslo"})", "finish stop"});

    Options options;
    options.models[sonnet] = {.schemas = "tool"};
    CHECK(sent(with_schema(sonnet), options)["tool_choice"]["name"] == "city");
}

TEST_CASE("with tools of its own the model may call those first") {
    ChatRequest request = with_schema(budgeted, "f");
    request.tools = {tool("f")};
    Json body = sent(request);
    CHECK(body["tools"][1]["name"] == "f_2");
    CHECK(body["tool_choice"] == Json{{"type", "any"}});
    CHECK(answer_to(request,
                    R"({"type":"message","content":[{"type":"tool_use","id":"t","name":"f","input":{}}],
        "stop_reason":"tool_use"})") == Lines{"call 0 id=t name=f ", "call 0 {}", "finish tool_calls"});
    request.tool_choice.mode = ToolChoice::Mode::none;
    CHECK(sent(request)["tool_choice"] == Json{{"type", "tool"}, {"name", "f_2"}});
    request.tool_choice.mode = ToolChoice::Mode::required;
    CHECK(sent(request)["tools"].size() == 1);
    CHECK(left_out(request) == "response_format");
}

TEST_CASE("json_object becomes a sentence") {
    ChatRequest request = ask();
    request.messages.insert(request.messages.begin(), message(Role::system, "Be terse."));
    request.response_format.kind = ResponseFormat::Kind::json_object;
    const Json system = sent(request)["system"];
    REQUIRE(system.size() == 2);
    CHECK(system[0]["text"] == "Be terse.");
    CHECK(system[1]["text"].get<std::string>().find("one JSON object") != std::string::npos);
    request.response_format.kind = ResponseFormat::Kind::text;
    CHECK(sent(request)["system"].size() == 1);
}

TEST_CASE("fields that change the answer are refused by name") {
    auto param = [](auto change) {
        ChatRequest request = ask();
        change(request);
        const Error error = refused(request);
        CHECK(error.kind == ErrorKind::unsupported);
        CHECK(error.message.starts_with("Anthropic"));
        return error.param;
    };
    CHECK(param([](ChatRequest& r) { r.sampling.n = 2; }) == "n");
    CHECK(param([](ChatRequest& r) { r.sampling.logprobs = true; }) == "logprobs");
    CHECK(param([](ChatRequest& r) { r.modalities.text = R"(["text","audio"])"; }) == "modalities");
    CHECK(param([](ChatRequest& r) { r.web_search_options.text = "{}"; }) == "web_search_options");
    CHECK(param([](ChatRequest& r) { r.sampling.stop = {"a", "\n"}; }) == "stop");
    CHECK(param([](ChatRequest& r) {
              r.messages[0].parts.push_back(Audio{"AAAA", "wav"});
          }) == "messages[0].content[1]");
    CHECK(param([](ChatRequest& r) {
              r.messages[0].parts.push_back(OtherPart{"video_url", {"{}"}});
          }) == "messages[0].content[1]");

    ChatRequest request = ask();
    request.sampling.n = 1;
    request.sampling.logprobs = false;
    request.modalities.text = R"(["text"])";
    CHECK(sent(request) == sent(ask()));
}

TEST_CASE("other unsupported fields are dropped, in one log line") {
    ChatRequest request = ask();
    request.sampling.seed = 1;
    request.sampling.presence_penalty = 1;
    request.sampling.frequency_penalty = 0;
    request.sampling.logit_bias.text = R"({"1":2})";
    request.store = true;
    request.verbosity = "low";
    request.metadata.text = R"({"a":"b"})";
    request.prompt_cache_key = "k";
    request.service_tier = "flex";
    CHECK(left_out(request) ==
          "metadata, service_tier, presence_penalty, seed, logit_bias, verbosity, store, prompt_cache_key");
    CHECK(sent(request) == sent(ask()));
}

TEST_CASE("the user's id comes from metadata, user or safety_identifier") {
    ChatRequest request = ask();
    request.safety_identifier = "s";
    CHECK(sent(request)["metadata"] == Json{{"user_id", "s"}});
    request.user = "u";
    CHECK(sent(request)["metadata"] == Json{{"user_id", "u"}});
    request.metadata.text = R"({"user_id":"m"})";
    CHECK(sent(request)["metadata"] == Json{{"user_id", "m"}});
    request.metadata = {};
    request.user = std::string(300, 'x');
    CHECK(!sent(request).contains("metadata"));
    request.service_tier = "default";
    CHECK(sent(request)["service_tier"] == "standard_only");
}
