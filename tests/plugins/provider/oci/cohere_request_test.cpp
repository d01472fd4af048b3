// SPDX-License-Identifier: Apache-2.0
// COHERE and COHEREV2 requests: the recorded ones rebuilt from clients' requests,
// and each rule of plugins/provider/oci/PROTOCOL.md, section 8.4.
#include "tests/plugins/provider/oci/helpers.hpp"

#include <set>

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

const char* const v1 = "cohere.command-a-03-2025";
const char* const v2 = "cohere.command-a-reasoning-08-2025";
const char* const vision = "cohere.command-a-vision-07-2025";

const char* const weather_schema =
    R"({"type":"object","properties":{"city":{"type":"string","description":"City name"},"unit":{"type":"string","enum":["celsius","fahrenheit"]}},"required":["city"]})";

Tool weather(std::string description = "Get weather for a city") {
    Tool tool;
    tool.name = "get_weather";
    tool.description = std::move(description);
    tool.parameters.text = weather_schema;
    return tool;
}

Options redacted() {
    Options given = options();
    given.compartment_id = "ocid1.compartment.oc1..redacted";
    return given;
}

/// The recorded request without redundant members.
Json recorded(const char* file, std::initializer_list<const char*> without = {"isStream"}) {
    Json request = Json::parse(fixture(file));
    for (const char* field : without) request["chatRequest"].erase(field);
    return request;
}

template <typename Change>
Json changed(const char* model, Change change) {
    Bench bench;
    ChatRequest request = ask(model);
    change(request);
    return chat_sent(bench.provider, request);
}
template <typename Change>
Error error_of(const char* model, Change change) {
    Bench bench;
    ChatRequest request = ask(model);
    change(request);
    return refused(bench.provider, request);
}

Json parameters(const std::string& schema) {
    return changed(v1, [&](ChatRequest& request) {
        request.tools = {weather()};
        request.tools[0].parameters.text = schema;
    })["tools"][0];
}
Json parameter(const std::string& schema) {
    return parameters(R"({"type":"object","properties":{"p":)" + schema + "}}")["parameterDefinitions"]["p"];
}

}  // namespace

TEST_CASE("clients' requests become the recorded COHERE requests") {
    Bench bench(redacted());
    ChatRequest joke = ask(v1, "Hello");
    joke.messages.insert(joke.messages.begin(), message(Role::system, "You are a terse assistant."));
    joke.messages.push_back(message(Role::assistant, "Hi! How can I help?"));
    joke.messages.push_back(message(Role::user, "Tell me a joke about opentelemetry"));
    joke.sampling.max_tokens = 100;
    joke.sampling.temperature = 0.3;
    ChatRequest stream = joke;
    stream.stream = true;
    CHECK(sent(bench.provider, stream) == recorded("req-cohere-stream.json", {}));
    joke.sampling.top_p = 0.8;
    joke.sampling.seed = 42;
    joke.sampling.stop = {"END"};
    CHECK(sent(bench.provider, joke) == recorded("req-cohere-basic.json"));

    Bench example;
    ChatRequest tools = ask(v1, "What is the weather like in Tokyo?");
    tools.tools = {weather()};
    tools.sampling.max_completion_tokens = 400;
    ChatRequest results = tools;
    tools.sampling.temperature = 0;
    CHECK(sent(example.provider, tools) == recorded("req-cohere-tools.json"));
    Message called = calls({{"call_abc", "get_weather", R"({"city":"Tokyo"})"}});
    called.parts = {Text{"I will look up the weather in Tokyo."}};
    results.messages.push_back(called);
    results.messages.push_back(result("callabc", "22 C, partly cloudy"));  // OpenClaw strips the underscore
    CHECK(sent(example.provider, results) == recorded("req-cohere-tool-results.json"));
}

TEST_CASE("a COHERE request carries every field") {
    Bench bench;
    ChatRequest request = ask_stream(v1);
    request.messages = {message(Role::system, "p"), message(Role::user, "u"), calls({{"1", "f", "{}"}}),
                        result("1", "x"), message(Role::user, "m")};
    request.messages[2].parts = {Text{"c"}};
    request.tools = {weather()};
    request.response_format = {ResponseFormat::Kind::json_schema,
                               "n",
                               "",
                               {R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})"},
                               true};
    request.sampling.max_tokens = 100;
    request.sampling.temperature = 0.3;
    request.sampling.top_k = 0;
    request.sampling.top_p = 0.75;
    request.sampling.frequency_penalty = 0;
    request.sampling.presence_penalty = 0;
    request.sampling.seed = 1;
    request.sampling.stop = {"END"};
    request.extra = {
        R"({"documents":[{"title":"Tall penguins","snippet":"Emperor penguins are the tallest."}],
        "search_queries_only":false,"maxInputTokens":1000,"prompt_truncation":"off","is_echo":false,
        "force_single_step":false,"isRawPrompting":false,"citation_quality":"accurate","safety_mode":"CONTEXTUAL"})"};

    Json expected = recorded("req-cohere-all-fields.json", {"toolResults"});
    Json& chat = expected["chatRequest"];
    chat["isStream"] = true;
    chat["chatHistory"].erase(0);  // system prompts come first
    chat["chatHistory"].push_back({{"role", "CHATBOT"}, {"message", " "}});
    CHECK(sent(bench.provider, request) == expected);
}

TEST_CASE("clients' requests become the recorded COHEREV2 requests") {
    Options given = options();
    given.models["cohere.*"].send_reasoning = true;
    Bench bench(given);
    ChatRequest image = ask(vision, "What is in this image?");
    image.messages[0].parts.push_back(Image{"data:image/png;base64,iVBORw0KGgo=", "auto"});
    image.messages.insert(image.messages.begin(), message(Role::system, "Be terse."));
    image.sampling.max_tokens = 400;
    CHECK(sent(bench.provider, image) == recorded("req-coherev2-image.json"));

    ChatRequest tools = ask(v2, "Weather in Tokyo?");
    Message called = calls({{"get_weather_0", "get_weather", R"({"city":"Tokyo"})"}});
    called.reasoning = "I will call get_weather.";
    tools.messages.push_back(called);
    tools.messages.push_back(result("get_weather_0", "22 C"));
    tools.tools = {weather("d")};
    tools.tool_choice.mode = ToolChoice::Mode::required;
    tools.sampling.max_tokens = 1000;
    tools.extra = {
        R"({"thinking":{"type":"enabled","token_budget":512},"citation_options":{"mode":"fast"},"strict_tools":false})"};
    CHECK(sent(bench.provider, tools) == recorded("req-coherev2-tools.json"));
}

TEST_CASE("numbers are limited to Cohere's bounds") {
    for (const char* model : {v1, v2}) {
        const Json chat = changed(model, [](ChatRequest& request) {
            request.sampling.max_tokens = 100'000;
            request.sampling.temperature = 1.7;
            request.sampling.frequency_penalty = -2;
            request.sampling.presence_penalty = 1.5;
            request.sampling.top_k = -1;
        });
        CHECK(chat["maxTokens"] == 4000);
        CHECK(chat["temperature"] == 1);
        CHECK(chat["frequencyPenalty"] == 0);
        CHECK(chat["presencePenalty"] == 1);
        CHECK(chat["topK"] == 0);
        CHECK(changed(model, [](ChatRequest& request) { request.sampling.top_k = 1000; })["topK"] == 500);
        CHECK(changed(model, [](ChatRequest&) {})["maxTokens"] == 4000);
    }
}

TEST_CASE("types have Python's names, and the description has the rest of the schema") {
    const std::pair<const char*, const char*> types[] = {
        {R"({"type":"string"})", "str"},
        {R"({"type":"integer"})", "int"},
        {R"({"type":"number"})", "float"},
        {R"({"type":"boolean"})", "bool"},
        {R"({"type":"array"})", "list"},
        {R"({"type":"object"})", "dict"},
        {"{}", "str"},
        {R"({"type":["null","integer"]})", "int"},
        {R"({"enum":[1,2]})", "int"},
        {R"({"const":true})", "bool"},
        {R"({"items":{"type":"string"}})", "list"},
        {R"({"anyOf":[{"type":"null"},{"type":"array","items":{}}]})", "list"},
        {R"({"anyOf":[{"type":"number"},{"type":"string"}]})", "float"},
        {R"({"patternProperties":{"^.*$":{"type":"string"}}})", "dict"},
    };
    for (const auto& row : types) {
        const auto& schema = row.first;
        const auto& type = row.second;
        CAPTURE(schema);
        CHECK(parameter(schema)["type"] == type);
    }
    auto description = [](const char* schema) { return parameter(schema).value("description", ""); };
    CHECK(!parameter(R"({"type":"string"})").contains("description"));
    CHECK(description(R"({"type":"string","enum":["a","b'c"],"description":"Which one"})") ==
          "Which one. Allowed values: ['a', 'b\\'c']");
    CHECK(
        description(R"({"type":"integer","minimum":1,"maximum":5,"description":"How many?","default":3})") ==
        "How many? Minimum: 1. Maximum: 5. Default: 3");
    CHECK(description(R"({"type":"string","format":"date","pattern":"^2","maxLength":10})") ==
          "Format: date. Pattern: ^2. Maximum length: 10");
    CHECK(description(R"({"type":"array","items":{"type":"string"},"description":"Names"})") ==
          R"(Names. JSON schema: {"type":"array","items":{"type":"string"},"description":"Names"})");
    CHECK(description(R"({"type":"object","properties":{"a":{"const":1}}})") ==
          R"(JSON schema: {"type":"object","properties":{"a":{"type":"integer","enum":[1]}}})");
    CHECK(parameters(weather_schema) == recorded("req-cohere-tools.json")["chatRequest"]["tools"][0]);
}

TEST_CASE("a tool always has a description, and a name that COHERE accepts") {
    const Json tools = changed(v1, [](ChatRequest& request) {
        request.tools = {weather(""), weather(), weather(), weather(), weather()};
        request.tools[1].name = "get-weather";
        request.tools[2].name = "get.weather";
        request.tools[3].name = "1st";
        request.tools[4].name = "get_weather_3";
        request.messages.push_back(calls({{"x", "get.weather", "{}"}, {"y", "for gotten", ""}}));
        request.messages.push_back(result("x", "1"));
    });
    CHECK(tools["tools"][0]["description"] == "get_weather");
    std::set<std::string> names;
    for (const Json& tool : tools["tools"]) {
        const std::string name = tool["name"];
        CHECK(std::all_of(name.begin(), name.end(),
                          [](unsigned char c) { return std::isalnum(c) || c == '_'; }));
        CHECK(!std::isdigit(static_cast<unsigned char>(name[0])));
        names.insert(name);
    }
    CHECK(names.size() == 5);
    CHECK(tools["chatHistory"][1]["toolCalls"][0]["name"] == tools["tools"][2]["name"]);
    CHECK(tools["toolResults"][0]["call"]["name"] == tools["tools"][2]["name"]);
    CHECK(tools["toolResults"][1]["call"]["name"] == "for_gotten");
}

TEST_CASE("the tool's description carries a schema without a list of properties") {
    const Json tool =
        parameters(R"({"oneOf":[{"type":"object","properties":{"a":{"type":"string"}}},{"type":"object"}]})");
    CHECK(tool["parameterDefinitions"] == Json::object());
    CHECK(tool["description"].get<std::string>().starts_with(
        R"(Get weather for a city. The parameters have this JSON schema: {"type":"object","oneOf":)"));
    CHECK(parameters("{}") == Json{{"name", "get_weather"},
                                   {"description", "Get weather for a city"},
                                   {"parameterDefinitions", Json::object()}});
}

TEST_CASE("tool choices are translated for COHERE and COHEREV2") {
    using Mode = ToolChoice::Mode;
    auto chosen = [](const char* model, Mode mode, const char* name = "") {
        return changed(model, [&](ChatRequest& request) {
            request.tools = {weather(), weather()};
            request.tools[1].name = "other";
            request.tool_choice = {.mode = mode, .name = name};
        });
    };
    CHECK(chosen(v1, Mode::automatic)["tools"].size() == 2);
    CHECK(!chosen(v1, Mode::none).contains("tools"));
    CHECK(chosen(v1, Mode::named, "other")["tools"].size() == 1);
    CHECK(chosen(v1, Mode::named, "other")["tools"][0]["name"] == "other");
    CHECK(!chosen(v2, Mode::automatic).contains("toolsChoice"));
    CHECK(chosen(v2, Mode::none)["toolsChoice"] == "NONE");
    CHECK(chosen(v2, Mode::none)["tools"].size() == 2);
    CHECK(chosen(v2, Mode::required)["toolsChoice"] == "REQUIRED");
    CHECK(chosen(v2, Mode::named, "other")["toolsChoice"] == "REQUIRED");
    CHECK(chosen(v2, Mode::named, "other")["tools"].size() == 1);
    auto refusal = [](const char* model, Mode mode) {
        return error_of(model, [&](ChatRequest& request) {
            request.tools = {weather()};
            request.tool_choice = {.mode = mode, .json = {"{}"}};
        });
    };
    CHECK(refusal(v1, Mode::required).param == "tool_choice");
    CHECK(refusal(v1, Mode::required).kind == ErrorKind::unsupported);
    CHECK(refusal(v1, Mode::other).param == "tool_choice");
    CHECK(refusal(v2, Mode::other).param == "tool_choice");
}

TEST_CASE("tools for a model without tool support are refused, unless tool_choice is none") {
    auto with_tools = [](ChatRequest& request) { request.tools = {weather()}; };
    CHECK(error_of(vision, with_tools).kind == ErrorKind::unsupported);
    CHECK(error_of(vision, with_tools).param == "tools");
    CHECK(!changed(vision, [](ChatRequest& request) {
               request.tools = {weather()};
               request.tool_choice.mode = ToolChoice::Mode::none;
           }).contains("tools"));
    CHECK(!changed(vision, [](ChatRequest& request) {
               request.tools.resize(1);
               request.tools[0].type = "web_search";
           }).contains("tools"));
    Options given = options();
    given.models[vision].tools = "yes";
    given.models["meta.*"].tools = "no";
    Bench bench(given);
    ChatRequest request = ask(vision);
    request.tools = {weather()};
    CHECK(chat_sent(bench.provider, request)["tools"].size() == 1);
    request.model = "meta.llama-3.3-70b-instruct";
    CHECK(refused(bench.provider, request).param == "tools");
}

TEST_CASE("a field that would change the answer is refused by name") {
    for (const char* model : {v1, v2}) {
        CAPTURE(model);
        const Error several = error_of(model, [](ChatRequest& request) { request.sampling.n = 2; });
        CHECK(several.kind == ErrorKind::unsupported);
        CHECK(several.param == "n");
        CHECK(error_of(model, [](ChatRequest& request) { request.web_search_options = {"{}"}; }).param ==
              "web_search_options");
        CHECK(error_of(model, [](ChatRequest& request) {
                  request.modalities = {R"(["text","audio"])"};
              }).param == "modalities");
        for (const Part& part : {Part{Audio{"AAAA", "wav"}}, Part{File{"data:a/b;base64,AA", "f", ""}},
                                 Part{OtherPart{"hologram", {"{}"}}}}) {
            const Error error =
                error_of(model, [&](ChatRequest& request) { request.messages[0].parts.push_back(part); });
            CHECK(error.kind == ErrorKind::unsupported);
            CHECK(error.param == "messages[0].content[1]");
        }
    }
    const Error image = error_of(v1, [](ChatRequest& request) {
        request.messages[0].parts.push_back(Image{"u", ""});
    });
    CHECK(image.param == "messages[0].content[1]");
    CHECK(image.message.find("cohere.command-a-vision") != std::string::npos);
}

TEST_CASE("reasoning_effort switches thinking on or off for models that think") {
    auto thinking = [](const char* effort, const char* model = v2) {
        return changed(model, [&](ChatRequest& request) { request.reasoning_effort = effort; })
            .value("thinking", Json());
    };
    CHECK(thinking("high") == Json{{"type", "ENABLED"}});
    CHECK(thinking("none") == Json{{"type", "DISABLED"}});
    CHECK(thinking("") == Json());
    CHECK(thinking("high", vision) == Json());
    CHECK(thinking("high", v1) == Json());
    const Json budget = changed(v2, [](ChatRequest& request) {
        request.reasoning_effort = "none";
        request.extra = {R"({"thinking":{"type":"ENABLED","tokenBudget":7}})"};
    });
    CHECK(budget["thinking"] == Json::parse(R"({"type":"ENABLED","tokenBudget":7})"));
}

TEST_CASE("Cohere's own fields of a wrong type are refused by name") {
    const std::pair<const char*, const char*> wrong[] = {
        {R"({"documents":7})", "documents"},
        {R"({"documents":[7]})", "documents"},
        {R"({"citation_quality":"best"})", "citation_quality"},
        {R"({"safetyMode":3})", "safetyMode"},
        {R"({"safety_mode":"none"})", "safety_mode"},
        {R"({"force_single_step":"yes"})", "force_single_step"},
        {R"({"max_input_tokens":-1})", "max_input_tokens"},
        {R"({"max_input_tokens":1.5})", "max_input_tokens"},
    };
    for (const auto& row : wrong) {
        const auto& extra = row.first;
        const auto& param = row.second;
        const Error error = error_of(v1, [&](ChatRequest& request) { request.extra = {extra}; });
        CHECK(error.kind == ErrorKind::bad_request);
        CHECK(error.param == param);
    }
    CHECK(error_of(v1, [](ChatRequest& request) { request.extra = {R"({"safety_mode":"none"})"}; }).message ==
          "safety_mode must be one of CONTEXTUAL, STRICT, OFF");
    for (const auto& [extra, param] :
         {std::pair{R"({"thinking":true})", "thinking"},
          std::pair{R"({"thinking":{"type":"maybe"}})", "thinking.type"},
          std::pair{R"({"thinking":{"type":"enabled","token_budget":-1}})", "thinking.token_budget"},
          std::pair{R"({"citation_options":{}})", "citation_options"},
          std::pair{R"({"citation_options":{"mode":1}})", "citation_options"},
          std::pair{R"({"priority":"high"})", "priority"}})
        CHECK(error_of(v2, [&, &extra = extra](ChatRequest& request) { request.extra = {extra}; }).param ==
              param);
}

TEST_CASE("documents have each format's own form") {
    auto documents = [](const char* model, const char* list) {
        return changed(model, [&](ChatRequest& request) {
            request.extra = {R"({"documents":)" + std::string(list) + "}"};
        })["documents"];
    };
    CHECK(documents(v1, R"(["plain",{"title":"T","year":2026,"tags":["a"]}])") ==
          Json::parse(R"([{"text":"plain"},{"title":"T","year":"2026","tags":"[\"a\"]"}])"));
    CHECK(documents(v2, R"(["plain",{"id":"1","data":{"title":"T"}}])") ==
          Json::parse(R"(["plain",{"id":"1","data":{"title":"T"}}])"));
}

TEST_CASE("logprobs become a switch in COHEREV2") {
    CHECK(changed(v2, [](ChatRequest& request) { request.sampling.logprobs = true; })["isLogProbsEnabled"] ==
          true);
    CHECK(!changed(v2, [](ChatRequest& request) {
               request.sampling.logprobs = false;
           }).contains("isLogProbsEnabled"));
}

TEST_CASE("response formats are sent to Cohere without a name") {
    for (const char* model : {v1, v2}) {
        auto format = [&](ResponseFormat given) {
            return changed(model,
                           [&](ChatRequest& request) { request.response_format = given; })["responseFormat"];
        };
        CHECK(format({ResponseFormat::Kind::text}) == Json{{"type", "TEXT"}});
        CHECK(format({ResponseFormat::Kind::json_object}) == Json{{"type", "JSON_OBJECT"}});
        CHECK(format({ResponseFormat::Kind::json_schema,
                      "n",
                      "d",
                      {R"({"$schema":"x","type":"object"})"},
                      true}) == Json::parse(R"({"type":"JSON_OBJECT","schema":{"type":"object"}})"));
    }
}

TEST_CASE("a refused field of Cohere's formats is omitted in the retry") {
    Bench bench;
    ChatRequest request = ask(v2);
    request.sampling.stop = {"x"};
    auto exchange = bench.provider.chat(request);
    REQUIRE(exchange);
    REQUIRE((*exchange)->request());
    (*exchange)->head(status(400));
    testing::Events events;
    REQUIRE((*exchange)->body(
        R"({"code":"400","message":"Argument not supported on this model: stopSequences"})", events));
    const auto failed = (*exchange)->end(events);
    REQUIRE(!failed);
    CHECK((*exchange)->amend(failed.error()));
    auto again = (*exchange)->request();
    REQUIRE(again);
    CHECK(!Json::parse((**again).body)["chatRequest"].contains("stopSequences"));
}
