// SPDX-License-Identifier: Apache-2.0
// Configuration, features that models refuse, counts of tokens and the list of models.
#include "tests/plugins/provider/bedrock/fixture.hpp"

using namespace gatehouse;
using namespace gatehouse::bedrock::test;

namespace {

std::string mistake(Table options) {
    FakeHost host;
    auto made = create<Provider>(gatehouse_plugin, std::move(options), host);
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == ErrorKind::bad_config);
    return made.error().message;
}

Table with_model(const std::string& name, Table keys) {
    Table models;
    models.entries.push_back({name, Value{std::move(keys)}});
    Table options;
    options.entries.push_back({"models", Value{std::move(models)}});
    return options;
}

/// Plays a refusal with status 400.  Returns the body of the second request, or null.
Json amended(Given& given, const ChatRequest& request, const std::string& message) {
    auto exchange = given.provider->chat(request);
    REQUIRE(exchange);
    const auto events = replay(**exchange, {Json{{"message", message}}.dump()}, {.status = 400});
    REQUIRE_FALSE(events);
    if (!(*exchange)->amend(events.error())) return {};
    auto again = (*exchange)->request();
    REQUIRE(again);
    Json out = Json::parse((*again)->body);
    out["url"] = (*again)->url;
    return out;
}

}  // namespace

TEST_CASE("each mistake of the configuration has its message") {
    CHECK(mistake({}) == ": give region, such as \"us-east-1\", or base_url");
    for (const char* region : {"US-EAST-1", "useast1", "us-east-1.evil.example", "us-east-1/"})
        CHECK(mistake(strings({{"region", region}})) == "region: expected a region such as us-east-1");
    CHECK(mistake(strings({{"base_url", "ftp://x"}})).starts_with("base_url: "));
    CHECK(mistake(strings({{"region", "us-east-1"}, {"control_url", "x"}})).starts_with("control_url: "));
    CHECK(mistake(strings({{"base_url", "http://h"}, {"models", "discover"}})) ==
          "models: the list of models needs region or control_url");
    CHECK(mistake(Table{{{"base_url", Value{std::string("http://h")}}, {"discover", Value{true}}}}) ==
          "discover: the list of models needs region or control_url");
    for (const char* version : {"", "0", "v1", "latest", "123456789"})
        CHECK(
            mistake(strings({{"region", "us-east-1"}, {"guardrail", "x"}, {"guardrail_version", version}})) ==
            "guardrail_version: expected a number such as \"1\", or \"DRAFT\"");
    CHECK(mistake(strings({{"region", "us-east-1"}, {"guardrail", "a b"}})) ==
          "guardrail: expected the id or the ARN of a guardrail");
    Table options = with_model("a*b", {});
    options.entries.push_back({"region", Value{std::string("us-east-1")}});
    CHECK(mistake(std::move(options)).starts_with("models.\"a*b\": "));
    options = with_model(
        "m", {{{"max_tokens", Value{std::int64_t{9}}}, {"max_tokens_cap", Value{std::int64_t{8}}}}});
    options.entries.push_back({"region", Value{std::string("us-east-1")}});
    CHECK(mistake(std::move(options)) == "models.\"m\".max_tokens: max_tokens is larger than max_tokens_cap");
}

TEST_CASE("the hosts are those of the region, or the configured ones") {
    CHECK(Given(strings({{"region", "cn-north-1"}}))
              .sent(ask())
              .url.starts_with("https://bedrock-runtime.cn-north-1.amazonaws.com.cn/model/"));
    CHECK(Given(strings({{"base_url", "http://127.0.0.1:1/model/"}}))
              .sent(ask())
              .url.starts_with("http://127.0.0.1:1/model/us."));
    FakeHost host;
    auto made = create<Provider>(gatehouse_plugin, strings({{"base_url", "http://h"}}), host);
    REQUIRE(made);
    CHECK_FALSE((*made)->discovers());
    CHECK((*made)->models().error().message ==
          "the list of Bedrock's models needs the key region or control_url");
}

TEST_CASE("the table of models overrides what the name says") {
    const std::string arn = "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc";
    ChatRequest request = ask("why?", arn);
    request.reasoning_effort = "low";
    CHECK_FALSE(Given().body(request).contains("additionalModelRequestFields"));
    auto keys = [](std::initializer_list<std::pair<std::string, std::string>> entries) {
        return strings(entries);
    };
    CHECK(Given(with_model("arn:*", keys({{"like", "anthropic.claude-sonnet-4-5"}})))
              .body(request)["additionalModelRequestFields"]
              .contains("thinking"));
    for (const auto& [word, member] :
         {std::pair("budget", "thinking"), std::pair("adaptive", "output_config"),
          std::pair("nova", "reasoningConfig"), std::pair("effort", "reasoning_effort")})
        CHECK(Given(with_model(arn, keys({{"thinking", word}})))
                  .body(request)["additionalModelRequestFields"]
                  .contains(member));
    request = ask();
    request.reasoning_effort = "low";
    CHECK_FALSE(Given(with_model("us.*", keys({{"thinking", "none"}})))
                    .body(request)
                    .contains("additionalModelRequestFields"));
    request = ask();
    request.sampling = {.temperature = 0.5, .top_p = 0.5};
    CHECK(Given(with_model("us.*", keys({{"sampling", "all"}}))).body(request)["inferenceConfig"].size() ==
          2);
    CHECK(Given(with_model("us.*", keys({{"sampling", "none"}}))).body(request)["inferenceConfig"].empty());
    request.response_format = {.kind = ResponseFormat::Kind::json_schema, .schema = {R"({"type":"object"})"}};
    CHECK(Given(with_model("us.*", keys({{"schemas", "tool"}})))
              .body(request)["toolConfig"]["tools"][0]["toolSpec"]["name"] == "answer");
    request = ask();
    request.messages.push_back({.role = Role::assistant, .parts = {Text{"b"}}});
    CHECK(Given(with_model("us.*", keys({{"prefill", "no"}}))).body(request)["messages"].size() == 3);
    request = ask("", llama);
    request.messages[0].parts = {Text{.text = "a", .extra = {R"({"cache_control":{"type":"ephemeral"}})"}}};
    CHECK(Given(with_model("us.*", keys({{"caching", "yes"}})))
              .body(request)["messages"][0]["content"]
              .size() == 2);
    const Table limits{
        {{"max_tokens", Value{std::int64_t{50}}}, {"max_tokens_cap", Value{std::int64_t{100}}}}};
    Given given(with_model("us.*", limits));
    CHECK(given.body(ask())["inferenceConfig"]["maxTokens"] == 50);
    request = ask();
    request.sampling.max_tokens = 1000;
    CHECK(given.body(request)["inferenceConfig"]["maxTokens"] == 100);
}

TEST_CASE("a model without tools in streams is asked without a stream, also by the next request") {
    Given given;
    ChatRequest request = ask("why?", llama);
    request.tools = {{.name = "f", .parameters = {R"({"type":"object"})"}}};
    const Json again = amended(given, request, "This model doesn't support tool use in streaming mode.");
    CHECK(again["url"].get<std::string>().ends_with("/converse"));
    CHECK(given.host.logged.back() ==
          "model refused a feature, retrying without it model=" + llama + " refused=tools in streams");
    CHECK(given.sent(request).url.ends_with("/converse"));
    CHECK(text(*given.document(request, recorded("chat"))) == "Hello! How are you today?");
    request.tools.clear();
    CHECK(given.sent(request).url.ends_with("/converse-stream"));
    CHECK(
        amended(given, request, "This model doesn't support streaming.")["url"].get<std::string>().ends_with(
            "/converse"));
}

TEST_CASE("each feature that a model refuses by name is left out, once") {
    Given given;
    ChatRequest request = ask("why?", "qwen.qwen3-235b-v1:0");
    request.sampling = {.temperature = 0.5, .top_p = 0.5, .stop = {"x"}};
    Json again =
        amended(given, request,
                "This model doesn't support the stopSequences field. Remove stopSequences and try again.");
    CHECK_FALSE(again["inferenceConfig"].contains("stopSequences"));
    again =
        amended(given, request,
                "`temperature` and `top_p` cannot both be specified for this model. Please use only one.");
    CHECK_FALSE(again["inferenceConfig"].contains("topP"));
    again = amended(given, request,
                    "This model doesn't support the temperature field. Remove temperature and try again.");
    CHECK(again["inferenceConfig"].empty());
    request.response_format = {.kind = ResponseFormat::Kind::json_schema, .schema = {R"({"type":"object"})"}};
    again = amended(given, request, "output_config.format: Extra inputs are not permitted");
    CHECK(again.contains("toolConfig"));
    CHECK_FALSE(again.contains("outputConfig"));

    request = ask();
    request.messages[0].parts = {Text{.text = "a", .extra = {R"({"cache_control":{"type":"ephemeral"}})"}}};
    again = amended(given, request,
                    "You invoked an unsupported model or your request did not allow prompt caching.");
    CHECK(again["messages"][0]["content"].size() == 1);

    request = ask("why?", "mistral.mistral-7b-instruct-v0:2");
    request.messages.insert(request.messages.begin(), {.role = Role::system, .parts = {Text{"Be terse."}}});
    again = amended(
        given, request,
        "This model doesn't support system messages. Try again without a system message or use a model that supports system messages.");
    CHECK_FALSE(again.contains("system"));
    CHECK(again["messages"][0]["content"] == Json::parse(R"([{"text":"Be terse."},{"text":"why?"}])"));

    request = ask("why?", "us.anthropic.claude-opus-9");
    request.reasoning_effort = "low";
    CHECK_FALSE(amended(given, request, "adaptive thinking is not supported on this model")
                    .contains("additionalModelRequestFields"));
    request = ask("why?", "us.anthropic.claude-sonnet-4-5-x");
    request.messages.push_back({.role = Role::assistant, .parts = {Text{"b"}}});
    again = amended(
        given, request,
        "This model does not support assistant message prefill. The conversation must end with a user message.");
    CHECK(again["messages"].size() == 3);
}

TEST_CASE("another refusal is not repeated, and neither is another status") {
    Given given;
    CHECK(amended(given, ask(), "messages: text is blank").is_null());
    CHECK(amended(given, ask(), "This model doesn't support the stopSequences field.")
              .is_null());  // it was not sent
    const ChatRequest request = ask();
    auto exchange = given.provider->chat(request);
    const auto events = replay(**exchange, {R"({"message":"streaming is not supported"})"}, {.status = 500});
    REQUIRE_FALSE(events);
    CHECK_FALSE((*exchange)->amend(events.error()));
}

TEST_CASE("the tokens of a prompt are counted, or not supported") {
    Given given;
    TokenCountRequest request{.chat = ask()};
    request.chat.sampling.max_tokens = 5;
    auto exchange = given.provider->count_tokens(request);
    REQUIRE(exchange);
    const auto sent = (*exchange)->request();
    REQUIRE(sent);
    CHECK((*sent)->url.ends_with("-v1%3A0/count-tokens"));
    CHECK(
        Json::parse((*sent)->body) ==
        Json::parse(R"({"input":{"converse":{"messages":[{"role":"user","content":[{"text":"why?"}]}]}}})"));
    const auto events = replay(**exchange, {R"({"inputTokens":15})"}, json_head);
    REQUIRE(events);
    CHECK(all<TokenCount>(*events).at(0).input == 15);
    CHECK_FALSE(all<TokenCount>(*events).at(0).estimated);
    CHECK(replay(**exchange, {"{}"}, json_head).error().message ==
          "Bedrock's response is invalid: 'inputTokens' is not a number");
    const auto missing =
        replay(**exchange, {R"({"message":"The provided model doesn't support counting tokens."})"},
               {.status = 400});
    CHECK(missing.error().kind == ErrorKind::unsupported);
}

TEST_CASE("models with text and inference profiles are listed, page after page") {
    Given given(strings({{"models", "discover"}}));
    CHECK(given.provider->discovers());
    auto exchange = given.provider->models();
    REQUIRE(exchange);
    auto sent = (*exchange)->request();
    REQUIRE(sent);
    CHECK((*sent)->method == "GET");
    CHECK((*sent)->url == "https://bedrock.us-east-1.amazonaws.com/foundation-models");
    Events events;
    const std::string body = recorded("models");
    auto play = [&](const std::string& json) {
        (*exchange)->head(json_head);
        REQUIRE((*exchange)->body(json, events));
        REQUIRE((*exchange)->end(events));
    };
    play(body);
    sent = (*exchange)->next();
    REQUIRE(sent);
    REQUIRE(*sent);
    CHECK((*sent)->url == "https://bedrock.us-east-1.amazonaws.com/inference-profiles?maxResults=1000");
    std::string first = body;
    first.insert(1, R"("nextToken":"a/b==",)");
    play(first);
    sent = (*exchange)->next();
    REQUIRE(*sent);
    CHECK((*sent)->url.ends_with("/inference-profiles?maxResults=1000&nextToken=a%2Fb%3D%3D"));
    play(body);
    CHECK_FALSE(*(*exchange)->next());
    std::vector<std::string> ids;
    for (const ModelInfo& model : all<ModelInfo>(events.list)) ids.push_back(model.id + " " + model.owned_by);
    CHECK(ids ==
          std::vector<std::string>{
              "amazon.nova-lite-v1:0 amazon", "us.anthropic.claude-sonnet-4-5-20250929-v1:0 anthropic",
              "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl amazon"});
}

TEST_CASE("a list of another form is an error, and an endless list ends") {
    Given given;
    auto exchange = given.provider->models();
    CHECK(replay(**exchange, {"{}"}, json_head).error().message ==
          "Bedrock's response is invalid: it has no list of models");
    CHECK(replay(**exchange, {"{}"}, {.status = 404}).error().message ==
          "there is no list of models at this control_url");
    const auto denied = replay(**exchange, {R"({"message":"not authorized"})"}, {.status = 403});
    CHECK(
        (*exchange)->advice(denied.error()) ==
        "The list of models needs the actions bedrock:ListFoundationModels and bedrock:ListInferenceProfiles.");
    REQUIRE(replay(**exchange, {R"({"modelSummaries":[]})"}, json_head));
    Events events;
    int pages = 0;
    for (auto sent = (*exchange)->next(); sent && *sent && pages < 1000;
         sent = (*exchange)->next(), ++pages) {
        (*exchange)->head(json_head);
        REQUIRE((*exchange)->body(R"({"inferenceProfileSummaries":[],"nextToken":"same"})", events));
        REQUIRE((*exchange)->end(events));
    }
    CHECK(pages == 50);
}
