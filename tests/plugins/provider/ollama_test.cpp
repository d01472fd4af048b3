// SPDX-License-Identifier: Apache-2.0
// Ollama's API, with responses as its documentation shows them (tests/data/ollama).
#include "tests/json.hpp"

#include <doctest/doctest.h>
#include <gatehouse/testing.hpp>

#include <fstream>
#include <sstream>

using namespace gatehouse;
using namespace gatehouse::testing;
using gatehouse::test::Json;

extern "C" const Descriptor gatehouse_plugin;

namespace {

struct Recorded {
    http::ResponseHead head;
    std::string body;
};

/// The status and the body of a recorded response.
Recorded recorded(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(FIXTURES "/ollama/" + name + ".http", std::ios::binary).rdbuf();
    const std::string all = text.str();
    const std::size_t end = all.find("\r\n\r\n");
    REQUIRE(end != all.npos);
    return {{.status = std::stoi(all.substr(9, 3))}, all.substr(end + 4)};
}

struct Given {
    FakeHost host;
    std::unique_ptr<Provider> provider;

    explicit Given(Table options = {}) {
        auto made = create<Provider>(gatehouse_plugin, std::move(options), host);
        REQUIRE(made);
        provider = *std::move(made);
    }
    Json body(const ChatRequest& request) {
        auto exchange = provider->chat(request);
        REQUIRE(exchange);
        auto sent = (*exchange)->request();
        REQUIRE(sent);
        return Json::parse((*sent)->body);
    }
    Error refusal(const ChatRequest& request) {
        auto exchange = provider->chat(request);
        REQUIRE(exchange);
        auto sent = (*exchange)->request();
        REQUIRE_FALSE(sent);
        CHECK(sent.error().kind == ErrorKind::unsupported);
        return sent.error();
    }
    Result<std::vector<Event>> play(const ChatRequest& request, const Recorded& response) {
        return replay(*provider, request, {response.body}, response.head);
    }
};

ChatRequest ask(const std::string& text = "why?") {
    ChatRequest request{.model = "qwen3:8b", .stream = true};
    request.messages = {{.role = Role::user, .parts = {Text{text}}}};
    return request;
}

}  // namespace

TEST_CASE("a stream of lines becomes reasoning, text, a finish and usage, for every cut of the bytes") {
    Given given;
    const Recorded stream = recorded("stream");
    replay_cut_everywhere(*given.provider, ask(), stream.body, [&](const Result<std::vector<Event>>& events) {
        REQUIRE(events);
        CHECK(text(*events) == "Rayleigh scattering: “blue” 🌈");
        std::string thought;
        for (const ReasoningDelta& delta : all<ReasoningDelta>(*events)) thought += delta.text;
        CHECK(thought == "The sky is blue.");
        REQUIRE(all<Finish>(*events).size() == 1);
        CHECK(all<Finish>(*events)[0].reason == FinishReason::stop);
        CHECK(all<Finish>(*events)[0].native == "stop");
        CHECK(all<Usage>(*events).at(0).prompt == 26);
        CHECK(all<Usage>(*events).at(0).total == 308);
        CHECK(all<AnswerInfo>(*events).at(0).model == "qwen3:8b");
    });
}

TEST_CASE("tools and items that only upstreams of the Responses API have are left out, or refused") {
    Given given;
    ChatRequest request = ask();
    request.protocol = "responses";
    const OtherPart item{"web_search_call", {R"({"type":"web_search_call"})"}};
    request.messages[0].parts.emplace_back(item);
    request.messages.push_back({.role = Role::assistant, .parts = {item}});
    request.tools = {{.type = "web_search", .json = {R"({"type":"web_search"})"}}};
    const Json body = given.body(request);
    CHECK(body["messages"].size() == 1);
    CHECK(body["tools"].empty());
    request.tools[0].type = "mcp";
    CHECK(given.refusal(request).param == "tools");
}

TEST_CASE("a response of one line is read without its line end") {
    Given given;
    ChatRequest request = ask();
    request.stream = false;
    const auto events = given.play(request, recorded("chat"));
    REQUIRE(events);
    CHECK(text(*events) == "Hello! How are you today?");
}

TEST_CASE("tool calls have ids, names and arguments in the model's spelling") {
    Given given;
    const auto events = given.play(ask(), recorded("tools"));
    REQUIRE(events);
    const auto calls = all<ToolCallDelta>(*events);
    REQUIRE(calls.size() == 2);
    CHECK(calls[0].id.size() == 29);
    CHECK(calls[0].name == "get_weather");
    CHECK(calls[0].arguments == R"({"city":"Tokyo","days":1.50})");
    CHECK(calls[1].index == 1);
    CHECK(calls[1].id == "call_7");
    CHECK(calls[1].arguments == "{}");
    CHECK(all<Finish>(*events).at(0).reason == FinishReason::tool_calls);
    const auto again = given.play(ask(), recorded("tools"));
    CHECK(all<ToolCallDelta>(*again).at(0).id != calls[0].id);
}

TEST_CASE("a response that ends early, or reports an error, is an error") {
    Given given;
    const Recorded stream = recorded("stream");
    const std::size_t last = stream.body.rfind("{\"model\"");
    for (const std::size_t size : {std::size_t{0}, std::size_t{50}, last, last + 20}) {
        const auto events = given.play(ask(), {stream.head, stream.body.substr(0, size)});
        REQUIRE_FALSE(events);
        CHECK(events.error().kind == ErrorKind::upstream);
        CHECK(events.error().message.starts_with("Ollama's response is invalid: "));
    }
    const auto broken = given.play(ask(), recorded("errors/broken"));
    REQUIRE_FALSE(broken);
    CHECK(broken.error().message ==
          "Ollama failed: an error was encountered while running the model: CUDA error");
    const auto missing = given.play(ask(), recorded("errors/missing"));
    REQUIRE_FALSE(missing);
    CHECK(missing.error().kind == ErrorKind::not_found);
    CHECK(missing.error().code == "model_not_found");
    CHECK(missing.error().param == "model");
    CHECK(missing.error().message == "Ollama responded with an error (status 404): model 'nope' not found");
}

TEST_CASE("a request has Ollama's words") {
    Given given(Table{{{"context_window", Value{std::int64_t{16384}}}}});
    ChatRequest request = ask();
    request.messages.insert(request.messages.begin(), {.role = Role::developer, .parts = {Text{"be brief"}}});
    request.sampling = {
        .temperature = 0.5, .top_k = 40, .max_completion_tokens = 7, .seed = 3, .stop = {"\n"}};
    request.reasoning_effort = "low";
    request.extra.text = R"({"options":{"min_p":0.05},"other":1})";
    request.response_format = {.kind = ResponseFormat::Kind::json_schema, .schema = {R"({"type":"object"})"}};
    const Json body = given.body(request);
    CHECK(body["model"] == "qwen3:8b");
    CHECK(body["stream"] == true);
    CHECK(body["think"] == "low");
    CHECK(body["format"] == Json{{"type", "object"}});
    CHECK(body["options"] == Json{{"num_ctx", 16384},
                                  {"seed", 3},
                                  {"num_predict", 7},
                                  {"temperature", 0.5},
                                  {"top_k", 40},
                                  {"stop", {"\n"}},
                                  {"min_p", 0.05}});
    CHECK(body["messages"][0]["role"] == "system");
    CHECK(body["messages"][1]["content"] == "why?");
    request.response_format = {.kind = ResponseFormat::Kind::json_object};
    request.reasoning_effort = "none";
    CHECK(given.body(request)["format"] == "json");
    CHECK(given.body(request)["think"] == false);
    CHECK(!given.body(ask()).contains("think"));
    CHECK(!given.body(ask()).contains("format"));
}

TEST_CASE("images, tools, calls and results are sent, and a result names its tool") {
    Given given;
    ChatRequest request = ask();
    request.messages[0].parts.push_back(Image{.url = "data:image/png;base64,QUJD"});
    request.messages.push_back({.role = Role::assistant,
                                .tool_calls = {{.id = "c1", .name = "f", .arguments = R"({"x":1.50})"},
                                               {.id = "c2", .name = "g", .arguments = "no JSON"}},
                                .reasoning = "hm"});
    request.messages.push_back({.role = Role::tool, .parts = {Text{"sunny"}}, .tool_call_id = "c1"});
    request.tools = {{.name = "f", .description = "weather", .parameters = {R"({"type":"object"})"}}};
    const Json body = given.body(request);
    CHECK(body["messages"][0]["images"] == Json{"QUJD"});
    const Json& assistant = body["messages"][1];
    CHECK(assistant["thinking"] == "hm");
    CHECK(assistant["tool_calls"][0]["function"] == Json{{"name", "f"}, {"arguments", {{"x", 1.5}}}});
    CHECK(assistant["tool_calls"][1]["function"]["arguments"] == Json{{"arguments", "no JSON"}});
    CHECK(body["messages"][2]["tool_name"] == "f");
    CHECK(body["tools"][0]["function"] ==
          Json{{"name", "f"}, {"description", "weather"}, {"parameters", {{"type", "object"}}}});
    request.tool_choice.mode = ToolChoice::Mode::none;
    CHECK(!given.body(request).contains("tools"));
}

TEST_CASE("fields that Ollama does not have are refused by name") {
    Given given;
    ChatRequest request = ask();
    request.sampling.n = 2;
    CHECK(given.refusal(request).param == "n");
    CHECK(given.refusal(request).message == "n: Ollama does not support this value");
    request = ask();
    request.tool_choice.mode = ToolChoice::Mode::required;
    CHECK(given.refusal(request).param == "tool_choice");
    request = ask();
    request.tools = {{.type = "custom", .name = "f"}};
    CHECK(given.refusal(request).message == "tools: Ollama calls functions only");
    for (const Part& part :
         std::vector<Part>{Image{.url = "https://host/a.png"}, Audio{}, File{}, OtherPart{}}) {
        request = ask();
        request.messages[0].parts.push_back(part);
        CHECK(given.refusal(request).param == "messages");
    }
    request = ask();
    request.completion = TextCompletion{.suffix = "x"};
    CHECK(given.refusal(request).param == "suffix");
}

TEST_CASE("a model without thinking is asked once more without it") {
    Given given;
    ChatRequest request = ask();
    request.reasoning_effort = "high";
    auto exchange = given.provider->chat(request);
    REQUIRE(exchange);
    CHECK(Json::parse((**(*exchange)->request()).body)["think"] == "high");
    const Error error{ErrorKind::bad_request, "\"llama3\" does not support thinking"};
    CHECK_FALSE((*exchange)->amend({ErrorKind::bad_request, "another reason"}));
    CHECK((*exchange)->amend(error));
    CHECK(!Json::parse((**(*exchange)->request()).body).contains("think"));
    CHECK_FALSE((*exchange)->amend(error));
}

TEST_CASE("embeddings are read, and another number of them is an error") {
    Given given;
    EmbeddingRequest request{
        .model = "all-minilm", .inputs = {"a", "b"}, .dimensions = 3, .truncate = "none"};
    auto exchange = given.provider->embed(request);
    REQUIRE(exchange);
    CHECK(Json::parse((**(*exchange)->request()).body) ==
          Json{{"model", "all-minilm"}, {"dimensions", 3}, {"truncate", false}, {"input", {"a", "b"}}});
    const Recorded answer = recorded("embed");
    const auto events = replay(**exchange, {answer.body});
    REQUIRE(events);
    REQUIRE(all<Embedding>(*events).size() == 2);
    CHECK(all<Embedding>(*events)[1].index == 1);
    CHECK(all<Embedding>(*events)[1].vector.at(0) == -0.0098027075f);
    CHECK(all<Usage>(*events).at(0).prompt == 8);
    request.inputs.push_back("c");
    CHECK_FALSE(replay(**exchange, {answer.body}));
}

TEST_CASE("the models of the server are listed") {
    Given given(strings({{"base_url", "http://host:1/api"}, {"models", "discover"}}));
    CHECK(given.provider->discovers());
    auto exchange = given.provider->models();
    REQUIRE(exchange);
    CHECK((**(*exchange)->request()).url == "http://host:1/api/tags");
    const auto events = replay(**exchange, {recorded("models").body});
    REQUIRE(events);
    REQUIRE(all<ModelInfo>(*events).size() == 2);
    CHECK(all<ModelInfo>(*events)[1].id == "all-minilm:latest");
    CHECK_FALSE(replay(**exchange, {"{}"}));
    CHECK_FALSE(Given().provider->discovers());
}

namespace {

const http::ResponseHead ok{.status = 200};

std::string last_line(const std::string& message, const std::string& more = "") {
    return R"({"model":"m","message":{"role":"assistant",)" + message +
           R"(},"done":true,"done_reason":"stop")" + more + "}\n";
}

/// The response of an Ollama-compatible server to a stream and to a request without one.
void for_both(const std::string& body,
              const std::function<void(const Result<std::vector<Event>>& events)>& check) {
    for (const bool stream : {true, false}) {
        CAPTURE(body);
        CAPTURE(stream);
        Given given;
        ChatRequest request = ask();
        request.stream = stream;
        check(given.play(request, {ok, body}));
    }
}

}  // namespace

TEST_CASE("arguments of other servers reach the client as they are") {
    const std::pair<const char*, const char*> table[] = {{R"("{\"a\":1}")", R"({"a":1})"},
                                                         {R"("{\"a\": 1,}")", R"({"a": 1,})"},
                                                         {R"("no JSON")", "no JSON"},
                                                         {R"("{\"a\":")", R"({"a":)"},
                                                         {R"("")", "{}"},
                                                         {"null", "{}"},
                                                         {"[1]", "[1]"},
                                                         {R"({"a":[1.50]})", R"({"a":[1.50]})"}};
    for (const auto& row : table) {
        const std::string expected = row.second;
        for_both(last_line(R"("content":"","tool_calls":[{"function":{"name":"f","arguments":)" +
                           std::string(row.first) + "}}]"),
                 [&](const auto& events) {
                     REQUIRE(events);
                     CHECK(all<ToolCallDelta>(*events).at(0).arguments == expected);
                     CHECK(all<Finish>(*events).at(0).reason == FinishReason::tool_calls);
                 });
    }
}

TEST_CASE("an error of other servers in a response is told by its reason") {
    const std::pair<const char*, const char*> table[] = {
        {R"({"error":{"message":"busy","code":"x"}})", "busy"},
        {R"({"error":"{\"error\":{\"message\":\"inner\"}}"})", "inner"},
        {R"({"error":[{"msg":"field required","loc":["body","model"]}]})", "field required (body.model)"},
        {R"({"error":{"message":"outer","metadata":{"raw":"{\"message\":\"inner\"}"}}})", "inner"}};
    for (const auto& row : table) {
        const std::string expected = std::string("Ollama failed: ") + row.second;
        for_both(std::string(row.first) + "\n", [&](const auto& events) {
            REQUIRE_FALSE(events);
            CHECK(events.error().message == expected);
        });
    }
}

TEST_CASE("an empty error next to a message does not fail the response") {
    for (const char* empty : {"null", R"("")", "{}", "false", "[]"})
        for_both(last_line(R"("content":"hi")", R"(,"error":)" + std::string(empty)), [](const auto& events) {
            REQUIRE(events);
            CHECK(text(*events) == "hi");
        });
}

TEST_CASE("reasons of a refused request are found in other places, and bytes are not") {
    auto told = [](int status, const std::string& body, http::Headers headers = {}) {
        Given given;
        const auto events = given.play(ask(), {{.status = status, .headers = std::move(headers)}, body});
        REQUIRE_FALSE(events);
        return events.error();
    };
    const std::string prefix = "Ollama responded with an error (status 422): ";
    CHECK(told(422, R"({"detail":[{"loc":["body","messages",0],"msg":"field required"}]})").message ==
          prefix + "field required (body.messages.0)");
    CHECK(told(422, R"({"error":{"message":"m","metadata":{"raw":"inner"}}})").message == prefix + "inner");
    CHECK(told(422, R"({"errors":[{"message":"first"},{"message":"second"}]})").message == prefix + "first");
    CHECK(told(400, R"({"error":{"type":"exceed_context_size_error","message":"x","n_ctx":8192}})").kind ==
          ErrorKind::context_length);
    CHECK(told(400, R"({"error":{"code":"context_length_exceeded","message":"x"}})").code ==
          "context_length_exceeded");
    CHECK(told(400, R"j({"error":"input exceeds the available context size (4096 tokens)"})j").kind ==
          ErrorKind::context_length);
    for (const std::string bytes : {"\x1f\x8b\x08\x00\x01\x02\xff\xfe", "\x28\xb5\x2f\xfd\x01\x80\x90",
                                    "\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89"})
        CHECK(told(400, bytes, {{"content-encoding", "gzip"}}).message ==
              "Ollama responded with an error (status 400)");
    CHECK(told(429, "{}", {{"retry-after-ms", "1"}}).retry_after_seconds == 1);
    CHECK(told(429, "{}", {{"retry-after", "x"}, {"retry-after-ms", "12500"}}).retry_after_seconds == 13);
    CHECK(told(503, "{}", {{"retry-after", "2"}, {"retry-after-ms", "9000"}}).retry_after_seconds == 2);
}

TEST_CASE("lists of models of other servers are read") {
    Given given;
    for (const char* list :
         {R"(["a","b"])", R"({"data":[{"id":"a"},{"id":"b"}]})",
          R"({"result":[{"name":"a"},{"name":"b"}],"success":true})", R"({"data":{"models":["a","b"]}})",
          R"([{"name":"a"},{"name":"b"}])", R"({"models":[{"model":"a"},{"model":"b"}]})",
          R"([{"name":"a","model":"x"},{"model":"b"},{"size":1}])"}) {
        CAPTURE(list);
        auto exchange = given.provider->models();
        REQUIRE(exchange);
        (void)(*exchange)->request();
        const auto events = replay(**exchange, {list});
        REQUIRE(events);
        REQUIRE(all<ModelInfo>(*events).size() == 2);
        CHECK(all<ModelInfo>(*events)[0].id == "a");
        CHECK(all<ModelInfo>(*events)[1].id == "b");
    }
}

TEST_CASE("a response is complete after its last line and a silence, while the connection stays open") {
    for (const char* more : {"", R"(,"prompt_eval_count":3,"eval_count":2)", R"(,"done_reason":"length")"}) {
        Given given;
        const ChatRequest request = ask();
        auto exchange = given.provider->chat(request);
        REQUIRE(exchange);
        REQUIRE((*exchange)->request());
        (*exchange)->head(ok);
        Events events;
        REQUIRE((*exchange)->body(R"({"message":{"content":"a"},"done":false,"done_reason":"stop"})"
                                  "\n",
                                  events));
        CHECK_FALSE((*exchange)->complete());
        REQUIRE((*exchange)->body(R"({"message":{"content":"b"},"done":true)" + std::string(more) + "}\n",
                                  events));
        CHECK_FALSE((*exchange)->complete());
        CHECK((*exchange)->may_end());
        for (int silence = 0; silence < 10; ++silence) REQUIRE((*exchange)->body("", events));
        CHECK((*exchange)->complete());
        REQUIRE((*exchange)->end(events));
        CHECK(text(events.list) == "ab");
        CHECK(all<Finish>(events.list).size() == 1);
    }
}

TEST_CASE("further members of a call reach the client, and return with the call") {
    const char* const members[] = {R"("extra_content":{"google":{"thought_signature":"c2ln"}})",
                                   R"("x":1.50)", R"("x":null)", R"("cache_control":{"type":"ephemeral"})"};
    for (const char* member : members)
        for_both(last_line(R"("content":"","tool_calls":[{"id":"c","function":{"index":0,"name":"f",)" +
                           std::string(member) + R"(,"arguments":{}},)" + member + "}]"),
                 [&](const auto& events) {
                     REQUIRE(events);
                     const ToolCallDelta call = all<ToolCallDelta>(*events).at(0);
                     CHECK(call.extra.text == "{" + std::string(member) + "}");
                     CHECK(call.inner_extra.text == call.extra.text);
                     Given given;
                     ChatRequest request = ask();
                     request.messages.push_back({.role = Role::assistant,
                                                 .tool_calls = {{.id = "c",
                                                                 .name = "f",
                                                                 .arguments = "{}",
                                                                 .extra = call.extra,
                                                                 .inner_extra = call.inner_extra}}});
                     const Json sent = given.body(request)["messages"][1]["tool_calls"][0];
                     Json expected = Json::parse(call.extra.text);
                     expected["function"] = Json::parse(call.extra.text);
                     expected["function"].update({{"name", "f"}, {"arguments", Json::object()}});
                     CHECK(sent == expected);
                 });
}

TEST_CASE("the schema next to json_object is the format") {
    const std::string schema = R"({"type":"object","required":["a"]})";
    for (const char* more : {"", R"("x":1,)", R"("strict":true,)"}) {
        Given given;
        ChatRequest request = ask();
        request.response_format = {.kind = ResponseFormat::Kind::json_object};
        request.response_format.extra.text = "{" + std::string(more) + R"("schema":)" + schema + "}";
        CHECK(given.body(request)["format"] == Json::parse(schema));
        request.response_format.extra.text = R"({"schema":null})";
        CHECK(given.body(request)["format"] == "json");
    }
}
