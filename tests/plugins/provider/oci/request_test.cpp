// SPDX-License-Identifier: Apache-2.0
// Requests: the recorded ones rebuilt from clients' requests, and each row of
// table 8.1.
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

const char* const weather_schema =
    R"({"type":"object","properties":{"city":{"type":"string","description":"City name"},"unit":{"type":"string","enum":["celsius","fahrenheit"]}},"required":["city"]})";

Options with_compartment(const std::string& id) {
    Options given = options();
    given.compartment_id = id;
    return given;
}

Json without(Json request, std::initializer_list<const char*> fields) {
    for (const char* field : fields) request["chatRequest"].erase(field);
    return request;
}

Tool weather() {
    Tool tool;
    tool.name = "get_weather";
    tool.description = "Get weather for a city";
    tool.parameters.text = weather_schema;
    return tool;
}

template <typename Change>
Json changed(Change change, const std::string& model = "meta.llama-3.3-70b-instruct") {
    Bench bench;
    ChatRequest request = ask(model);
    change(request);
    return chat_sent(bench.provider, request);
}

}  // namespace

TEST_CASE("clients' requests become the recorded requests") {
    Bench redacted(with_compartment("ocid1.compartment.oc1..redacted"));
    Bench example;

    ChatRequest basic = ask("meta.llama-3.3-70b-instruct", "Tell me a joke about opentelemetry");
    basic.sampling.temperature = 0.2;
    basic.sampling.max_tokens = 100;
    ChatRequest stream = basic;
    stream.stream = true;
    CHECK(sent(redacted.provider, stream) == Json::parse(fixture("req-generic-stream.json")));
    basic.sampling.top_k = 40;
    basic.sampling.top_p = 0.9;
    basic.sampling.frequency_penalty = 0.1;
    CHECK(sent(redacted.provider, basic) == Json::parse(fixture("req-generic-basic.json")));

    ChatRequest openai = ask("openai.gpt-5.4", "Tell me a joke about opentelemetry");
    openai.messages.insert(openai.messages.begin(), message(Role::system, "You are a terse assistant."));
    openai.sampling.max_tokens = 120;
    CHECK(sent(redacted.provider, openai) == Json::parse(fixture("req-generic-openai-maxcompletion.json")));

    ChatRequest tools = ask("meta.llama-3.3-70b-instruct", "Weather in Paris?");
    tools.tools = {weather()};
    tools.sampling.max_completion_tokens = 200;
    ChatRequest results = tools;
    tools.messages.insert(tools.messages.begin(), message(Role::system, "You are terse."));
    tools.tool_choice.mode = ToolChoice::Mode::automatic;
    tools.sampling.temperature = 0;
    CHECK(sent(example.provider, tools) ==
          without(Json::parse(fixture("req-generic-tools.json")), {"isStream"}));
    results.messages.push_back(
        calls({{"chatcmpl-tool-a52781794a76726d", "get_weather", R"({"city": "Paris"})"}}));
    results.messages.push_back(result("chatcmpl-tool-a52781794a76726d", "sunny, 21 C"));
    CHECK(sent(example.provider, results) ==
          without(Json::parse(fixture("req-generic-tool-result.json")), {"isStream"}));

    const Json image = Json::parse(fixture("req-generic-image.json"));
    ChatRequest picture = ask("meta.llama-4-maverick-17b-128e-instruct-fp8", "Describe the image.");
    picture.messages[0].parts.push_back(Image{
        image["chatRequest"]["messages"][0]["content"][1]["imageUrl"]["url"].get<std::string>(), "auto"});
    picture.sampling.max_tokens = 200;
    CHECK(sent(example.provider, picture) == image);
}

TEST_CASE("audio, video and documents keep their detail") {
    Bench bench;
    ChatRequest request = ask("google.gemini-2.5-pro");
    std::vector<Part>& parts = request.messages[0].parts;
    parts.push_back(Audio{.data = "AAAA", .format = "wav", .inner_extra = {R"({"detail":"low"})"}});
    parts.push_back(
        File{.data = "data:application/pdf;base64,AAAA", .inner_extra = {R"({"detail":"high"})"}});
    parts.push_back(File{.data = "AAAA", .filename = "a.txt", .inner_extra = {R"({"detail":7})"}});
    parts.push_back(
        OtherPart{"video_url", {R"({"type":"video_url","video_url":{"url":"v","detail":"auto"}})"}});
    const Json content = sent(bench.provider, request)["chatRequest"]["messages"][0]["content"];
    CHECK(content[1]["audioUrl"]["detail"] == "LOW");
    CHECK(content[2]["documentUrl"]["detail"] == "HIGH");
    CHECK(!content[3]["documentUrl"].contains("detail"));
    CHECK(content[4]["videoUrl"]["detail"] == "AUTO");
}

TEST_CASE("a request with every field has OCI's name and form for each") {
    Options given = options();
    ModelOptions& model = given.models["ocid1.generativeaiendpoint.oc1.us-chicago-1.amaaaaaaexample"];
    model.developer_role = "developer";
    model.send_reasoning = true;
    Bench bench(given);

    ChatRequest request = ask_stream("ocid1.generativeaiendpoint.oc1.us-chicago-1.amaaaaaaexample");
    request.messages.clear();
    request.messages.push_back(message(Role::system, "s"));
    request.messages.back().name = "sys";
    request.messages.push_back(message(Role::developer, "d"));
    request.messages.back().name = "dev";
    Message user = message(Role::user, "t");
    user.name = "bob";
    user.parts.push_back(Image{"data:image/png;base64,AAAA", "high"});
    user.parts.push_back(File{"data:application/pdf;base64,AAAA", "a.pdf", ""});
    user.parts.push_back(Audio{"AAAA", "mp3"});
    user.parts.push_back(
        OtherPart{"video_url", {R"({"type":"video_url","video_url":{"url":"data:video/mp4;base64,AAAA"}})"}});
    request.messages.push_back(user);
    Message assistant = message(Role::assistant, "c");
    assistant.name = "a";
    assistant.refusal = "r";
    assistant.reasoning = "why";
    assistant.tool_calls = {{"call_1", "f", " "}};
    request.messages.push_back(assistant);
    request.messages.push_back(result("call_1", "ok"));
    Tool tool;
    tool.name = "f";
    tool.description = "d";
    tool.strict = true;
    request.tools = {tool};
    request.tool_choice = {ToolChoice::Mode::named, "f", {}};
    request.parallel_tool_calls = true;
    request.response_format = {
        ResponseFormat::Kind::json_schema,
        "out",
        "d",
        {R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})"},
        true};
    request.sampling.temperature = 0.5;
    request.sampling.top_p = 0.9;
    request.sampling.top_k = 40;
    request.sampling.presence_penalty = 0.1;
    request.sampling.frequency_penalty = 0.1;
    request.sampling.seed = 7;
    request.sampling.n = 2;
    request.sampling.stop = {"END"};
    request.sampling.logprobs = true;
    request.sampling.top_logprobs = 2;
    request.sampling.logit_bias = {R"({"6395":2})"};
    request.sampling.max_tokens = 100;
    request.reasoning_effort = "low";
    request.verbosity = "medium";
    request.service_tier = "auto";
    request.metadata = {R"({"k":"v"})"};
    request.prediction = {R"({"type":"content","content":"predicted"})"};
    request.web_search_options = {
        R"({"search_context_size":"medium","user_location":{"type":"approximate","approximate":{"city":"Minneapolis","region":"Minnesota","country":"US","timezone":"America/Chicago"}}})"};
    // Fields that OCI does not have.
    request.user = "u";
    request.store = true;
    request.safety_identifier = "s";
    request.prompt_cache_key = "p";
    request.modalities = {R"(["text"])"};
    request.extra = {R"({"unknown":1})"};
    request.messages[0].extra = {R"({"unknown":1})"};

    Json expected = Json::parse(fixture("req-generic-all-fields.json"));
    Json& chat = expected["chatRequest"];
    chat.erase("isEcho");               // OpenAI's API lacks it
    chat.erase("maxCompletionTokens");  // only one of the two is sent
    chat["numGenerations"] = 2;
    chat["messages"][3].erase("annotations");
    for (Json& part : chat["messages"][2]["content"])
        for (const char* key : {"documentUrl", "audioUrl", "videoUrl"})
            if (part.contains(key)) part[key].erase("detail");
    chat["messages"][2]["content"][3]["audioUrl"]["url"] = "data:audio/mpeg;base64,AAAA";
    CHECK(sent(bench.provider, request) == expected);
}

TEST_CASE(
    "the limit has the name that the model takes, the newer OpenAI field wins, and there always is one") {
    CHECK(changed([](auto&) {})["maxTokens"] == 4000);
    CHECK(changed([](auto&) {}, "openai.gpt-4.1")["maxCompletionTokens"] == 4000);
    CHECK(changed([](auto&) {}, "openai.gpt-oss-120b")["maxTokens"] == 4000);
    const Json both = changed([](ChatRequest& request) {
        request.sampling.max_tokens = 7;
        request.sampling.max_completion_tokens = 8;
    });
    CHECK(both["maxTokens"] == 8);
    CHECK(!both.contains("maxCompletionTokens"));
}

TEST_CASE("empty values are omitted") {
    const Json plain = changed([](ChatRequest& request) {
        request.sampling.n = 1;
        request.sampling.logprobs = false;
        request.sampling.top_logprobs = 3;
        request.tool_choice.mode = ToolChoice::Mode::required;  // without tools
        request.parallel_tool_calls = true;
        request.service_tier = "flex";
        request.verbosity = "chatty";
        request.reasoning_effort = "unheard-of";
        request.prediction = {"7"};
        request.web_search_options = {"[]"};
    });
    CHECK(plain == Json::parse(R"({"apiFormat":"GENERIC","maxTokens":4000,
        "messages":[{"role":"USER","content":[{"type":"TEXT","text":"Hello"}]}]})"));
}

TEST_CASE("reasoning_effort becomes OCI's word") {
    const std::pair<const char*, const char*> table[] = {
        {"none", "NONE"},     {"disable", "NONE"}, {"minimal", "MINIMAL"}, {"low", "LOW"},
        {"medium", "MEDIUM"}, {"high", "HIGH"},    {"xhigh", "HIGH"},      {"HIGH", "HIGH"}};
    for (const auto& row : table)
        CHECK(changed([&](ChatRequest& request) {
                  request.reasoning_effort = row.first;
              })["reasoningEffort"] == row.second);
}

TEST_CASE("logprobs without top_logprobs request one alternative") {
    CHECK(changed([](ChatRequest& request) { request.sampling.logprobs = true; })["logProbs"] == 1);
    CHECK(changed([](ChatRequest& request) {
              request.sampling.logprobs = true;
              request.sampling.top_logprobs = 0;
          })["logProbs"] == 1);
}

TEST_CASE("an assistant's turn with calls and no text has no content, or the configured text") {
    auto turn = [](Message assistant, const Options& given = options()) {
        Bench bench(given);
        ChatRequest request = ask();
        request.messages.push_back(std::move(assistant));
        return chat_sent(bench.provider, request)["messages"][1];
    };
    Message silent = calls({{"x", "f", "{\"a\":1}"}});
    CHECK(
        turn(silent) ==
        Json::parse(
            R"({"role":"ASSISTANT","toolCalls":[{"type":"FUNCTION","id":"x","name":"f","arguments":"{\"a\":1}"}]})"));
    silent.parts.push_back(Text{""});
    CHECK(!turn(silent).contains("content"));
    Options dot = options();
    dot.models["meta.*"].empty_text = ".";
    CHECK(turn(silent, dot)["content"][0]["text"] == ".");
    silent.parts.push_back(Text{"hm"});
    CHECK(turn(silent)["content"].size() == 2);
    CHECK(turn(message(Role::assistant, ""))["content"] == Json::parse(R"([{"type":"TEXT","text":""}])"));
    Message nothing;
    nothing.role = Role::assistant;
    CHECK(turn(nothing)["content"] == Json::parse(R"([{"type":"TEXT","text":""}])"));
    Message refusing;
    refusing.role = Role::assistant;
    refusing.parts = {Refusal{"no"}};
    refusing.reasoning = "dropped";
    CHECK(turn(refusing) ==
          Json::parse(R"({"role":"ASSISTANT","refusal":"no","content":[{"type":"TEXT","text":""}]})"));
}

TEST_CASE("a turn of Google's models with calls and no text has a text nevertheless") {
    auto turns = [](std::vector<Message> messages, std::string model, const Options& given = options()) {
        Bench bench(given);
        ChatRequest request = ask();
        request.model = std::move(model);
        for (Message& one : messages) request.messages.push_back(std::move(one));
        Json sent = chat_sent(bench.provider, request)["messages"];
        sent.erase(0);
        return sent;
    };
    const Json dot = Json::parse(R"([{"type":"TEXT","text":"."}])");
    const Message silent = calls({{"x", "f", "{}"}});
    Message blank = silent, thinking = silent;
    blank.parts.push_back(Text{""});
    thinking.reasoning = "hm";
    for (const char* model : {"google.gemini-2.5-flash-m", "google.gemini-2.5-pro", "google.gemini-3-pro"})
        for (const Message& message : {silent, blank, thinking})
            CHECK(turns({message}, model)[0]["content"] == dot);
    // Each of several calls has a turn of its own.
    const Json both = turns({calls({{"x", "f", "{}"}, {"y", "g", "{}"}})}, "google.gemini-2.5-pro");
    for (const Json& turn : both)
        if (turn["role"] == "ASSISTANT") CHECK(turn["content"] == dot);

    Message spoken = silent;
    spoken.parts = {Text{"hm"}};
    CHECK(turns({spoken}, "google.gemini-2.5-pro")[0]["content"][0]["text"] == "hm");
    CHECK(!turns({silent}, "meta.llama-3.3-70b-instruct")[0].contains("content"));
    Options none = options(), other = options(), like = options();
    none.models["google.*"].empty_text = "";
    other.models["google.*"].empty_text = "-";
    like.models["ocid1.x"].like = "google.gemini-2.5-pro";
    CHECK(!turns({silent}, "google.gemini-2.5-pro", none)[0].contains("content"));
    CHECK(turns({silent}, "google.gemini-2.5-pro", other)[0]["content"][0]["text"] == "-");
    CHECK(turns({silent}, "ocid1.x", like)[0]["content"] == dot);
}

TEST_CASE("developer messages keep their role only if the model accepts it") {
    auto role = [](const char* model) {
        return changed([](ChatRequest& request) { request.messages[0].role = Role::developer; },
                       model)["messages"][0]["role"];
    };
    CHECK(role("openai.gpt-5") == "DEVELOPER");
    CHECK(role("openai.gpt-oss-20b") == "SYSTEM");
    CHECK(role("meta.llama-3.3-70b-instruct") == "SYSTEM");
    CHECK(role("google.gemini-2.5-pro") == "SYSTEM");
}

TEST_CASE("unsupported parts are refused by name") {
    Bench bench;
    auto part = [&](Part part) {
        ChatRequest request = ask();
        request.messages.push_back(message(Role::user, "x"));
        request.messages[1].parts.push_back(std::move(part));
        return refused(bench.provider, request);
    };
    const Error file = part(File{"", "", "file-1"});
    CHECK(file.kind == ErrorKind::bad_request);
    CHECK(file.param == "messages[1].content[1].file.file_id");
    const Error other = part(OtherPart{"hologram", {R"({"type":"hologram"})"}});
    CHECK(other.kind == ErrorKind::unsupported);
    CHECK(other.param == "messages[1].content[1].type");
    CHECK(other.message.find("'hologram'") != std::string::npos);
    CHECK(part(OtherPart{"video_url", {R"({"type":"video_url","video_url":{}})"}}).kind ==
          ErrorKind::unsupported);
}

TEST_CASE("images keep their URL and a known detail; files without a media type get one") {
    const Json content = changed([](ChatRequest& request) {
        request.messages[0].parts = {Image{"https://e.example/a.png", ""},
                                     Image{"https://e.example/a.png", "weird"},
                                     Image{"u", "low"},
                                     File{"QUJD", "notes.txt", ""},
                                     File{"QUJD", "", ""},
                                     Audio{"QUJD", "wav"}};
    })["messages"][0]["content"];
    CHECK(content[0] == Json::parse(R"({"type":"IMAGE","imageUrl":{"url":"https://e.example/a.png"}})"));
    CHECK(content[1] == content[0]);
    CHECK(content[2]["imageUrl"]["detail"] == "LOW");
    CHECK(content[3]["documentUrl"]["url"] == "data:text/plain;base64,QUJD");
    CHECK(content[4]["documentUrl"]["url"] == "data:application/pdf;base64,QUJD");
    CHECK(content[5]["audioUrl"]["url"] == "data:audio/wav;base64,QUJD");
}

TEST_CASE("tools of unknown type are dropped, with all fields that depend on tools if no tool remains") {
    Tool search;
    search.type = "web_search";
    search.extra = {R"({"type":"web_search"})"};
    const Json none = changed([&](ChatRequest& request) {
        request.tools = {search};
        request.tool_choice.mode = ToolChoice::Mode::automatic;
        request.parallel_tool_calls = false;
    });
    CHECK(!none.contains("tools"));
    CHECK(!none.contains("toolChoice"));
    CHECK(!none.contains("isParallelToolCalls"));
    const Json some = changed([&](ChatRequest& request) {
        request.tools = {search, weather()};
        request.tools[1].parameters = {};
        request.tools[1].description = "";
    });
    CHECK(
        some["tools"] ==
        Json::parse(
            R"([{"type":"FUNCTION","name":"get_weather","parameters":{"type":"object","properties":{}}}])"));
}

TEST_CASE("tool choices are translated, and an unsupported choice is refused") {
    auto choice = [](ToolChoice::Mode mode) {
        return changed([&](ChatRequest& request) {
            request.tools = {weather()};
            request.tool_choice.mode = mode;
        });
    };
    CHECK(choice(ToolChoice::Mode::automatic)["toolChoice"]["type"] == "AUTO");
    CHECK(choice(ToolChoice::Mode::none)["toolChoice"]["type"] == "NONE");
    CHECK(choice(ToolChoice::Mode::required)["toolChoice"]["type"] == "REQUIRED");
    CHECK(!choice(ToolChoice::Mode::unset).contains("toolChoice"));
    Bench bench;
    ChatRequest request = ask();
    request.tools = {weather()};
    request.tool_choice = {.mode = ToolChoice::Mode::other, .json = {R"({"type":"allowed_tools"})"}};
    const Error error = refused(bench.provider, request);
    CHECK(error.kind == ErrorKind::unsupported);
    CHECK(error.param == "tool_choice");
}

TEST_CASE("response formats are translated") {
    auto format = [](ResponseFormat given) {
        return changed([&](ChatRequest& request) { request.response_format = given; })["responseFormat"];
    };
    CHECK(format({ResponseFormat::Kind::text}) == Json::parse(R"({"type":"TEXT"})"));
    CHECK(format({ResponseFormat::Kind::json_object}) == Json::parse(R"({"type":"JSON_OBJECT"})"));
    CHECK(format({ResponseFormat::Kind::json_schema, "", "", {"{}"}, {}}) ==
          Json::parse(R"({"type":"JSON_SCHEMA","jsonSchema":{"name":"response","schema":{}}})"));
}

TEST_CASE("schemas are sent byte for byte") {
    Bench bench;
    ChatRequest request = ask();
    request.tools = {weather()};
    request.tools[0].parameters.text = R"({ "b" : 1.0 , "a":1e400, "a":"\u00fc" })";
    auto exchange = bench.provider.chat(request);
    REQUIRE(exchange);
    auto http = (*exchange)->request();
    REQUIRE(http);
    CHECK((**http).body.find(request.tools[0].parameters.text) != std::string::npos);
}

TEST_CASE("a prediction in parts and a flat location are translated") {
    const Json found = changed([](ChatRequest& request) {
        request.prediction = {
            R"({"type":"content","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})"};
        request.web_search_options = {R"({"user_location":{"type":"approximate","city":"Ulm"}})"};
    });
    CHECK(found["prediction"] ==
          Json::parse(
              R"({"type":"CONTENT","content":[{"type":"TEXT","text":"a"},{"type":"TEXT","text":"b"}]})"));
    CHECK(found["webSearchOptions"] == Json::parse(R"({"userLocation":{"city":"Ulm"}})"));
}

TEST_CASE("any text of a client is sent as valid UTF-8 JSON") {
    const Json found = changed([](ChatRequest& request) {
        request.messages[0].parts = {
            Text{"\"\\\n\x01\xff Gr\xc3\xbc\xc3\x9f"
                 "e"}};
    });
    CHECK(found["messages"][0]["content"][0]["text"] ==
          "\"\\\n\x01\xEF\xBF\xBD Gr\xc3\xbc\xc3\x9f"
          "e");
}
