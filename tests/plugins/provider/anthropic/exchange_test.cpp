// SPDX-License-Identifier: Apache-2.0
// HTTP, keys and their errors, retries, and the list of models.
#include "tests/plugins/provider/anthropic/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::anthropic;
using namespace gatehouse::anthropic::test;

extern "C" const gatehouse::Descriptor gatehouse_plugin;

namespace {

std::string mistake(const Options& options) {
    testing::FakeHost host;
    try {
        Anthropic provider(options, host);
    } catch (const KeyError& error) {
        return error.path + ": " + error.what();
    }
    return "";
}

/// Refuses the exchange with `body`.  Returns whether it would retry.
bool refuse(Exchange& exchange, const std::string& body, int status = 400) {
    const auto found = testing::replay(exchange, {body}, {.status = status});
    REQUIRE(!found);
    return exchange.amend(found.error());
}

}  // namespace

TEST_CASE("a chat is POSTed to the messages of the API, with version and betas") {
    Options options;
    options.base_url = "https://proxy.example:8443/anthropic/v1/";
    options.version = "2026-10-21";
    options.beta = {"context-1m-2025-08-07", "files-api-2025-04-14"};
    Bench bench(options);
    ChatRequest request = ask();
    auto exchange = begin(bench.provider, request);
    auto http = exchange->request();
    REQUIRE(http);
    REQUIRE(*http);
    CHECK((**http).method == "POST");
    CHECK((**http).url == "https://proxy.example:8443/anthropic/v1/messages");
    CHECK((**http).headers.get("anthropic-version") == "2026-10-21");
    CHECK((**http).headers.get("anthropic-beta") == "context-1m-2025-08-07,files-api-2025-04-14");
    CHECK((**http).headers.get("content-type") == "application/json");
    CHECK((**http).headers.get("accept") == "application/json");
    CHECK(!(**http).headers.has("x-api-key"));
    CHECK(exchange->request_id_header() == "request-id");

    Bench plain;
    request.stream = true;
    http = begin(plain.provider, request)->request();
    CHECK((**http).url == "https://api.anthropic.com/v1/messages");
    CHECK((**http).headers.get("anthropic-version") == "2023-06-01");
    CHECK(!(**http).headers.has("anthropic-beta"));
    CHECK((**http).headers.get("accept") == "text/event-stream");
}

TEST_CASE("an invalid base_url is an error at its key") {
    auto of = [](const char* url) {
        Options options;
        options.base_url = url;
        return mistake(options);
    };
    const std::string give = ": give https://host, http://host:port or https://host/base";
    CHECK(of("api.anthropic.com") == "base_url: base_url begins with neither https:// nor http://" + give);
    CHECK(of("ftp://x") == "base_url: base_url begins with neither https:// nor http://" + give);
    CHECK(of("https://u:p@host") == "base_url: base_url must not have a user or a password" + give);
    CHECK(of("https://host?x") == "base_url: base_url must have neither a query nor a fragment" + give);
    CHECK(of("https://") == "base_url: base_url has no valid host" + give);
    CHECK(of("https://ho st") == "base_url: base_url has no valid host" + give);
    CHECK(of("https://host:0") == "base_url: base_url has no valid port" + give);
    CHECK(of("https://host:66000") == "base_url: base_url has no valid port" + give);
    CHECK(of("https://host/a b") ==
          "base_url: the path of base_url has a character that must be percent-encoded" + give);
    CHECK(of("HTTP://[::1]:8080/v1") == "");
    CHECK(of("https://host/base/") == "");
}

TEST_CASE("other mistakes in the keys") {
    Options options;
    options.version = "2023 06";
    CHECK(mistake(options) == "version: \"2023 06\" is not a valid header value");
    options = {};
    options.beta = {"a", "b\r\nx: y"};
    CHECK(mistake(options).starts_with("beta[1]: "));
    options = {};
    options.models["cl*ude"] = {};
    CHECK(
        mistake(options) ==
        "models.\"cl*ude\": must be a name, or a prefix with a star at its end; \"*\" alone matches every name");
    options = {};
    options.models["m"] = {.max_tokens = 10, .max_tokens_cap = 5};
    CHECK(mistake(options) == "models.\"m\".max_tokens: max_tokens is larger than max_tokens_cap");
}

TEST_CASE("the entry point creates a provider with the keys of the file") {
    testing::FakeHost host;
    CHECK(std::string(gatehouse_plugin.name) == "anthropic");
    auto made = testing::create<Provider>(gatehouse_plugin, testing::strings({{"models", "discover"}}), host);
    REQUIRE(made);
    CHECK((*made)->discovers());
    auto quiet = testing::create<Provider>(gatehouse_plugin, {}, host);
    REQUIRE(quiet);
    CHECK(!(*quiet)->discovers());
    CHECK(!(*quiet)->embed({}));
    CHECK(!(*quiet)->rerank({}));
    auto wrong = testing::create<Provider>(gatehouse_plugin, testing::strings({{"base_url", "x"}}), host);
    REQUIRE(!wrong);
    CHECK(wrong.error().kind == ErrorKind::bad_config);
}

TEST_CASE("an exact name wins, then the longest prefix; another model's capabilities can be selected") {
    Options options;
    options.models["my*"] = {.max_tokens = 1};
    options.models["my-model*"] = {.max_tokens = 2};
    options.models["my-model-x"] = {.max_tokens = 3};
    options.models["alias"] = {.like = "claude-opus-9"};
    CHECK(sent(ask("my-"), options)["max_tokens"] == 1);
    CHECK(sent(ask("my-model-y"), options)["max_tokens"] == 2);
    CHECK(sent(ask("my-model-x"), options)["max_tokens"] == 3);
    ChatRequest request = ask("alias");
    request.reasoning_effort = "high";
    CHECK(sent(request, options)["thinking"]["type"] == "adaptive");
    request.model = "eu.anthropic.claude-opus-9-v1:0";
    CHECK(sent(request)["thinking"]["type"] == "adaptive");
}

TEST_CASE("temperature is omitted, now and later, for a model that refuses it") {
    Options options;
    options.models[newest] = {.sampling = "all"};
    Bench bench(options);
    ChatRequest request = ask(newest);
    request.sampling.temperature = 0.5;
    auto exchange = begin(bench.provider, request);
    CHECK(refuse(*exchange, fixture("error-400-temperature.json")));
    CHECK(!body_of(*exchange).contains("temperature"));
    CHECK(!exchange->amend({}));
    CHECK(!body_of(*begin(bench.provider, request)).contains("temperature"));
    request.model = "another";
    CHECK(body_of(*begin(bench.provider, request)).contains("temperature"));
}

TEST_CASE("a model that takes one of temperature and top_p gets the first") {
    Bench bench;
    ChatRequest request = ask(budgeted);
    request.sampling.temperature = 0.5;
    request.sampling.top_p = 0.5;
    auto exchange = begin(bench.provider, request);
    CHECK(refuse(*exchange, fixture("error-400-temperature-and-top-p.json")));
    const Json body = body_of(*exchange);
    CHECK(body.contains("temperature"));
    CHECK(!body.contains("top_p"));
}

TEST_CASE("a model that refuses budgets thinks adaptively") {
    Bench bench;
    ChatRequest request = ask(budgeted);
    request.reasoning_effort = "high";
    auto exchange = begin(bench.provider, request);
    CHECK(refuse(*exchange, fixture("error-400-thinking-enabled.json")));
    const Json body = body_of(*exchange);
    CHECK(body["thinking"]["type"] == "adaptive");
    CHECK(body["output_config"]["effort"] == "high");
    CHECK(body_of(*begin(bench.provider, request))["thinking"]["type"] == "adaptive");
}

TEST_CASE("models that refuse adaptive thinking, effort or prefill") {
    auto refusal = [](const char* text) {
        return Json{{"type", "error"}, {"error", {{"type", "invalid_request_error"}, {"message", text}}}}
            .dump();
    };
    Bench bench;
    ChatRequest request = ask(newest);
    request.reasoning_effort = "high";
    auto exchange = begin(bench.provider, request);
    CHECK(refuse(*exchange, refusal("adaptive thinking is not supported on this model")));
    CHECK(body_of(*exchange)["thinking"]["type"] == "enabled");
    CHECK(refuse(*exchange, refusal("This model does not support the effort parameter.")));
    CHECK(!body_of(*exchange).contains("output_config"));

    ChatRequest prefilled = ask(budgeted);
    prefilled.messages.push_back(message(Role::assistant, "So"));
    exchange = begin(bench.provider, prefilled);
    CHECK(refuse(*exchange, fixture("error-400-prefill.json")));
    CHECK(body_of(*exchange)["messages"].size() == 3);
}

TEST_CASE("a schema that is refused becomes a tool, for this request only") {
    Bench bench;
    ChatRequest request = ask();
    request.response_format = {
        .kind = ResponseFormat::Kind::json_schema,
        .name = "n",
        .schema = {R"({"type":"object","properties":{"a":{"type":"integer","minimum":1}}})"}};
    auto exchange = begin(bench.provider, request);
    CHECK(body_of(*exchange).contains("output_config"));
    CHECK(refuse(*exchange, fixture("error-400-schema.json")));
    const Json body = body_of(*exchange);
    CHECK(!body.contains("output_config"));
    CHECK(body["tool_choice"]["name"] == "n");
    CHECK(lines(testing::replay(*exchange,
                                {R"({"type":"message","content":[{"type":"tool_use","id":"t","name":"n",
        "input":{"a":1}}],"stop_reason":"tool_use"})"})) == Lines{R"(text {"a":1})", "finish stop"});
    CHECK(body_of(*begin(bench.provider, request)).contains("output_config"));
}

TEST_CASE("refusals of unsent features and other statuses are ignored, and retries end") {
    Bench bench;
    ChatRequest request = ask(budgeted);
    auto exchange = begin(bench.provider, request);
    CHECK(!refuse(*exchange, fixture("error-400-temperature.json")));
    CHECK(!refuse(*exchange, fixture("error-400-thinking-enabled.json")));
    CHECK(!refuse(*exchange, fixture("error-400-schema.json")));
    CHECK(!refuse(*exchange, fixture("error-400-prefill.json")));
    request.sampling.temperature = 1;
    exchange = begin(bench.provider, request);
    CHECK(!refuse(*exchange, fixture("error-400-temperature.json"), 500));

    // A model that refuses every variant.
    const std::string never =
        R"({"error":{"message":"thinking.type.enabled and thinking.type.adaptive are not supported"}})";
    request.reasoning_effort = "high";
    exchange = begin(bench.provider, request);
    int again = 0;
    while (again < 10 && refuse(*exchange, never)) ++again;
    CHECK(again <= 3);
}

TEST_CASE("the list of models, page after page") {
    Options options;
    options.beta = {"b"};
    Bench bench(options);
    auto exchange = bench.provider.models();
    REQUIRE(exchange);
    testing::Events events;
    auto http = (*exchange)->request();
    REQUIRE(http);
    REQUIRE(*http);
    CHECK((**http).method == "GET");
    CHECK((**http).url == "https://api.anthropic.com/v1/models?limit=1000");
    CHECK((**http).headers.get("anthropic-version") == "2023-06-01");
    (*exchange)->head({.status = 200});
    REQUIRE((*exchange)->body(fixture("models-page1.json"), events));
    REQUIRE((*exchange)->end(events));
    auto next = (*exchange)->next();
    REQUIRE(next);
    REQUIRE(*next);
    CHECK((**next).url == "https://api.anthropic.com/v1/models?limit=1000&after_id=claude-old");
    (*exchange)->head({.status = 200});
    const std::string second = fixture("models-page2.json");
    for (char c : second) REQUIRE((*exchange)->body({&c, 1}, events));
    REQUIRE((*exchange)->end(events));
    next = (*exchange)->next();
    REQUIRE(next);
    CHECK(!*next);
    CHECK(lines(events.list) == Lines{"model claude-sonnet-4-5-20250929 anthropic 1759104000 200000 64000",
                                      "model claude-haiku-4-5-20251001 anthropic 1759104000 200000 64000"});
}

TEST_CASE("a list without an end has one, and a broken one is an error") {
    Bench bench;
    auto exchange = *bench.provider.models();
    testing::Events events;
    REQUIRE(exchange->request());
    int pages = 0;
    for (bool more = true; more && pages < 1000; ++pages) {
        const std::string id = "m&/" + std::to_string(pages);
        exchange->head({.status = 200});
        REQUIRE(exchange->body(R"({"data":[{"id":")" + id + R"(","created_at":"nonsense"}],"has_more":true})",
                               events));
        REQUIRE(exchange->end(events));
        auto next = exchange->next();
        REQUIRE(next);
        more = next->has_value();
        if (more && pages == 0) CHECK((**next).url.ends_with("&after_id=m%26%2F0"));
    }
    CHECK(pages <= 51);

    for (const char* body : {"", "7", "{}", R"({"data":{}})", "<html>"}) {
        auto broken = *bench.provider.models();
        CHECK(is_one_error(lines(testing::replay(*broken, {body}))));
    }
    auto odd = *bench.provider.models();
    CHECK(lines(testing::replay(
              *odd, {R"({"data":[1,{"id":7},{},{"id":"ok","created_at":5,"max_tokens":-1}]})"})) ==
          Lines{"model ok anthropic 0 0 0"});
    auto refused = *bench.provider.models();
    const auto found = testing::replay(*refused, {"nothing here"}, {.status = 404});
    REQUIRE(!found);
    CHECK(found.error().message == "there is no list of models at this base_url");
    CHECK(refused->advice(found.error()).find("/v1/models") != std::string::npos);
}
