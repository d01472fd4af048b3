// SPDX-License-Identifier: Apache-2.0
// The provider for OpenAI-compatible upstreams: URLs, requests, responses and retries.
#include "plugins/provider/openai/openai.hpp"
#include "tests/json.hpp"

#include <doctest/doctest.h>
#include <gatehouse/testing.hpp>

using namespace gatehouse;
using namespace gatehouse::openai_provider;
using gatehouse::test::Json;

namespace {

struct Bench {
    explicit Bench(const Options& options = {}) : provider(options, host) {}
    testing::FakeHost host;
    OpenAi provider;
};

ChatRequest ask(std::string model = "gpt-x") {
    ChatRequest request;
    request.model = std::move(model);
    request.messages.push_back({.parts = {Text{"Hello"}}});
    return request;
}

http::Request sent(Exchange& exchange) {
    auto request = exchange.request();
    REQUIRE(request);
    REQUIRE(*request);
    return **std::move(request);
}
std::unique_ptr<Exchange> chat(Bench& bench, const ChatRequest& request) {
    auto exchange = bench.provider.chat(request);
    REQUIRE(exchange);
    return *std::move(exchange);
}

Error refused(Exchange& exchange, int status, const std::string& body, http::Headers headers = {}) {
    testing::Events events;
    exchange.head({status, std::move(headers)});
    REQUIRE(exchange.body(body, events));
    auto ended = exchange.end(events);
    REQUIRE_FALSE(ended);
    CHECK(events.list.empty());
    return ended.error();
}

std::string wrong(const Options& options) {
    testing::FakeHost host;
    try {
        OpenAi provider(options, host);
    } catch (const KeyError& error) {
        return error.path;
    }
    return "";
}

const std::string stream =
    "data: "
    "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":7,\"x_top\":1,\"choices\":[{\"index\":0,"
    "\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Gr\xC3\xBC\xC3\x9F\"}}]}\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"e\"},\"finish_reason\":\"stop\"}]}\n\n"
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\n"
    "data: [DONE]\n\n";

}  // namespace

TEST_CASE("requests use the API's paths, and a deployment's path for Azure") {
    Bench plain;
    const ChatRequest request = ask("a b");
    CHECK(sent(*chat(plain, request)).url == "https://api.openai.com/v1/chat/completions");
    Bench local({.base_url = "http://127.0.0.1:8000/v1/", .organization = "org-1", .project = "proj_2"});
    const http::Request http = sent(*chat(local, request));
    CHECK(http.url == "http://127.0.0.1:8000/v1/chat/completions");
    CHECK(http.headers.get("OpenAI-Organization") == "org-1");
    CHECK(http.headers.get("OpenAI-Project") == "proj_2");
    Bench azure({.base_url = "https://x.openai.azure.com", .azure_api_version = "2024-10-21"});
    CHECK(sent(*chat(azure, request)).url ==
          "https://x.openai.azure.com/openai/deployments/a%20b/chat/completions?api-version=2024-10-21");
    for (const char* elsewhere : {".", ".."}) {
        CHECK(chat(plain, ask(elsewhere)));
        const auto refused = azure.provider.chat(ask(elsewhere));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::not_found);
        CHECK_FALSE(azure.provider.embed({.model = elsewhere, .inputs = {"a"}}));
        CHECK_FALSE(azure.provider.rerank({.model = elsewhere, .query = "q", .documents = {"a"}}));
    }
    CHECK(chat(azure, ask("...")));
    auto list = azure.provider.models();
    REQUIRE(list);
    CHECK(sent(**list).url == "https://x.openai.azure.com/openai/models?api-version=2024-10-21");
}

TEST_CASE("a text completion goes to its own path, with the limit as the client names it") {
    ChatRequest request = ask("a b");
    request.completion = TextCompletion{.prompts = {"[1,2]"}};
    request.sampling.max_tokens = 5;
    Bench bench({.base_url = "http://h/v1", .token_limit = "max_completion_tokens", .drop = {"user"}});
    request.user = "u";
    auto exchange = chat(bench, request);
    const http::Request http = sent(*exchange);
    CHECK(http.url == "http://h/v1/completions");
    CHECK(http.body == R"({"model":"a b","prompt":[1,2],"max_tokens":5})");
    testing::Events events;
    exchange->head({200, {}});
    REQUIRE(exchange->body(R"({"choices":[{"text":"hi","finish_reason":"length"}]})", events));
    REQUIRE(exchange->end(events));
    CHECK(testing::text(events.list) == "hi");
    Bench azure({.base_url = "https://x.openai.azure.com", .azure_api_version = "2024-10-21"});
    CHECK(sent(*chat(azure, request)).url ==
          "https://x.openai.azure.com/openai/deployments/a%20b/completions?api-version=2024-10-21");
    auto again = chat(azure, request);
    sent(*again);
    const Error error = refused(*again, 400, R"({"error":{"message":"use max_completion_tokens"}})");
    CHECK_FALSE(again->amend(error));
}

TEST_CASE("a request for a stored object passes, and cannot replace a parameter of the operator") {
    const RawRequest list{.operation = "files",
                          .model = "objects",
                          .stored = true,
                          .method = "GET",
                          .path = "/file-1",
                          .query = "limit=2&api-version=1&&api%2Dversion=1&after=a"};
    Bench plain({.base_url = "http://h/v1"});
    auto exchange = plain.provider.raw(list);
    REQUIRE(exchange);
    const http::Request http = sent(**exchange);
    CHECK(http.method == "GET");
    CHECK(http.url == "http://h/v1/files/file-1?limit=2&api-version=1&api%2Dversion=1&after=a");
    CHECK(http.body.empty());
    const Error missing =
        refused(**exchange, 404, R"({"error":{"message":"No such File object","code":"x"}})");
    CHECK(missing.kind == ErrorKind::not_found);
    CHECK(missing.message == "No such File object");
    CHECK(missing.code == "x");
    CHECK(missing.param.empty());
    Bench azure({.base_url = "https://x.openai.azure.com", .azure_api_version = "2024-10-21"});
    auto with_version = azure.provider.raw(list);
    REQUIRE(with_version);
    CHECK(sent(**with_version).url ==
          "https://x.openai.azure.com/openai/files/file-1?api-version=2024-10-21&limit=2&after=a");
}

TEST_CASE("keys with invalid header or URL characters are refused by path") {
    CHECK(wrong({.base_url = "api.openai.com"}) == "base_url");
    CHECK(wrong({.azure_api_version = "a b"}) == "azure_api_version");
    CHECK(wrong({.organization = "a\r\nb: c"}) == "organization");
    CHECK(wrong({.project = "\xC3\xBC"}) == "project");
    CHECK(wrong({.rerank_path = "rerank"}) == "rerank_path");
    CHECK(wrong({.rerank_path = "/a?b"}) == "rerank_path");
    CHECK(wrong({}).empty());
}

TEST_CASE("unknown fields are forwarded, and fields can be dropped") {
    ChatRequest request = ask();
    request.extra.text = R"({"guided_json":{"a":1},"min_p":0.1})";
    request.sampling.max_tokens = 9;
    request.sampling.temperature = 0.5;
    Bench bench({.drop = {"temperature"}});
    const Json body = Json::parse(sent(*chat(bench, request)).body);
    CHECK(body["guided_json"] == Json{{"a", 1}});
    CHECK(body["min_p"] == 0.1);
    CHECK(body["max_tokens"] == 9);
    CHECK_FALSE(body.contains("temperature"));
    Bench other({.token_limit = "max_completion_tokens"});
    CHECK(Json::parse(sent(*chat(other, request)).body)["max_completion_tokens"] == 9);
}

TEST_CASE("a stream has the same events wherever it is cut, and is complete at [DONE]") {
    Bench bench;
    ChatRequest request = ask();
    request.stream = true;
    testing::replay_cut_everywhere(bench.provider, request, stream,
                                   [](const Result<std::vector<Event>>& events) {
                                       REQUIRE(events);
                                       CHECK(testing::text(*events) ==
                                             "Gr\xC3\xBC\xC3\x9F"
                                             "e");
                                       CHECK(testing::all<Finish>(*events).size() == 1);
                                       CHECK(testing::all<Usage>(*events).at(0).total == 5);
                                       CHECK(testing::all<Extra>(*events).size() == 1);
                                   },
                                   {200, {{"content-type", "text/event-stream"}}});
    auto exchange = chat(bench, request);
    CHECK(Json::parse(sent(*exchange).body)["stream_options"]["include_usage"] == true);
    testing::Events events;
    exchange->head({200, {}});
    CHECK_FALSE(exchange->complete());
    REQUIRE(exchange->body(stream, events));
    CHECK(exchange->complete());
}

TEST_CASE("errors keep the upstream's code and param, and never blame the client for the gateway's key") {
    struct Row {
        int status;
        const char* body;
        ErrorKind kind;
        const char *code, *param, *message;
    };
    for (
        const Row& row : std::initializer_list<Row>{
            {400,
             R"({"error":{"message":"bad","type":"invalid_request_error","param":"temperature","code":"x"}})",
             ErrorKind::bad_request, "x", "temperature", "bad"},
            {400,
             R"({"object":"error","message":"This model's maximum context length is 4096 tokens. However","code":400})",
             ErrorKind::context_length, "context_length_exceeded", "",
             "This model's maximum context length is 4096 tokens. However"},
            {401, R"({"error":{"message":"Incorrect API key provided: sk-abc"}})", ErrorKind::upstream, "",
             "", "the upstream does not accept the gateway's own key (status 401)"},
            {404, R"({"error":"model 'x' not found"})", ErrorKind::not_found, "model_not_found", "model",
             "model 'x' not found"},
            {429, R"({"error":{"message":"slow","code":"rate_limit_exceeded"}})", ErrorKind::rate_limited,
             "rate_limit_exceeded", "", "slow"},
            {402, "", ErrorKind::rate_limited, "insufficient_quota", "",
             "the upstream's rate limit is reached"},
            {500, "<html>", ErrorKind::upstream, "", "", "the upstream failed (status 500)"},
            {503, "", ErrorKind::unavailable, "", "", "the upstream is not available at the moment"},
        }) {
        CAPTURE(row.status);
        CAPTURE(row.body);
        Bench bench;
        const ChatRequest request = ask();
        auto exchange = chat(bench, request);
        (void)sent(*exchange);
        const Error error = refused(*exchange, row.status, row.body, {{"retry-after", "7"}});
        CHECK(error.kind == row.kind);
        CHECK(error.code == row.code);
        CHECK(error.param == row.param);
        CHECK(error.message == row.message);
        CHECK(error.retry_after_seconds == 7);
    }
}

TEST_CASE("reasons in other places, words of other servers and retry-after-ms are read") {
    Bench bench;
    const ChatRequest request = ask();
    auto told = [&](int status, const std::string& body, http::Headers headers = {}) {
        auto exchange = chat(bench, request);
        (void)sent(*exchange);
        return refused(*exchange, status, body, std::move(headers));
    };
    CHECK(told(400, R"({"error":{"message":"Provider returned error","code":400,"metadata":{"raw":)"
                    R"("{\"error\":{\"message\":\"temperature is not supported\"}}","provider_name":"X"}}})")
              .message == "temperature is not supported");
    CHECK(told(422, R"({"detail":[{"loc":["body","x"],"msg":"field required","type":"value_error"}]})")
              .message == "field required (body.x)");
    for (
        const auto& [status, body] : std::initializer_list<std::pair<int, const char*>>{
            {400,
             R"({"error":{"message":"request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it","code":400,"type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":8192}})"},
            {400, R"({"error":{"message":"too much","type":"exceed_context_size_error","n_ctx":8192}})"},
            {500, R"({"error":{"message":"too much","type":"exceed_context_size_error","n_ctx":8192}})"},
            {413, R"({"error":{"message":"the prompt is longer than the maximum model length of 8192"}})"}}) {
        const Error error = told(status, body);
        CHECK(error.kind == ErrorKind::context_length);
        CHECK(error.code == "context_length_exceeded");
        CHECK(error.message.starts_with("this model's maximum context length is 8192 tokens"));
    }
    CHECK(told(429, R"({"error":{"message":"slow"}})", {{"retry-after-ms", "12500"}}).retry_after_seconds ==
          13);
    CHECK(told(400, "\x1f\x8b\x08\x03\xab\x56\x4a\x2d\x2a\xca").message ==
          "the upstream refused the request with status 400");
}

TEST_CASE("an error inside a choice has its own message and status, streaming and non-streaming") {
    Bench bench;
    const ChatRequest request = ask();
    auto told = [&](const std::string& choice) {
        const std::string document = R"({"id":"x","choices":[{"index":0,)" + choice + "}]}";
        const auto whole = testing::replay(bench.provider, request, {document});
        const auto streamed = testing::replay(bench.provider, request, {"data: " + document + "\n\n"});
        REQUIRE(!whole);
        REQUIRE(!streamed);
        CHECK(whole.error().message == streamed.error().message);
        CHECK(whole.error().kind == streamed.error().kind);
        return whole.error();
    };
    Error error = told(
        R"("message":{"content":""},"finish_reason":"error","error":{"code":429,"message":"Provider is overloaded"})");
    CHECK(error.kind == ErrorKind::rate_limited);
    CHECK(error.message == "Provider is overloaded");
    error = told(R"("delta":{"content":""},"finish_reason":"error","error":{"code":"503","message":"down"})");
    CHECK(error.kind == ErrorKind::unavailable);
    CHECK(error.message == "down");
    error = told(R"("finish_reason":"error","error":{"message":"Provider returned error","code":400,)"
                 R"("metadata":{"raw":"{\"message\":\"inner\"}"}})");
    CHECK(error.kind == ErrorKind::bad_request);
    CHECK(error.message == "inner");
    error = told(R"("finish_reason":"error","error":"text")");
    CHECK(error.kind == ErrorKind::upstream);
    CHECK(error.message.find("text") != std::string::npos);
    // Nothing but the finish reason.
    CHECK(told(R"("message":{"content":""},"finish_reason":"error","error":null)").message ==
          "the model failed in the middle of its answer (finish reason error)");
}

TEST_CASE("an answer with a code and a message of success is read, streaming and non-streaming") {
    Bench bench;
    const ChatRequest request = ask();
    for (const char* body :
         {R"({"code":0,"message":"Success","sid":"s","choices":[{"message":{"content":"hello"},"index":0}]})",
          "data: {\"code\":0,\"message\":\"Success\",\"choices\":[{\"delta\":{\"content\":\"hello\"}}]}\n\n"
          "data: {\"code\":0,\"message\":\"Success\",\"choices\":[],\"usage\":{\"total_tokens\":5}}\n\ndata: "
          "[DONE]\n\n"}) {
        const auto events = testing::replay(bench.provider, request, {body});
        REQUIRE(events);
        CHECK(testing::text(*events) == "hello");
    }
}

TEST_CASE("a stream without an end waits for the usage that the client and the request have asked for") {
    const std::string text =
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"text\":\"a\"}]}\n\n";
    const std::string stop =
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"text\":\"\",\"finish_reason\":\"stop\"}]}\n\n";
    const std::string usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"total_tokens\":5}}\n\n";
    // The number of silences before the response is complete.
    auto silences = [&](const ChatRequest& request, const Options& options) {
        Bench bench(options);
        auto exchange = chat(bench, request);
        (void)sent(*exchange);
        testing::Events events;
        exchange->head({});
        REQUIRE(exchange->body(text + stop, events));
        int count = 0;
        for (; count < 20 && !exchange->complete(); ++count) REQUIRE(exchange->body("", events));
        return count;
    };
    for (const bool completes : {false, true}) {
        CAPTURE(completes);
        ChatRequest request = ask();
        if (completes) request.completion.emplace();
        request.stream = true;
        CHECK(silences(request, {}) == 1);
        request.include_usage = true;
        CHECK(silences(request, {}) == 10);
        Options options;
        options.usage = false;  // the request does not ask for it
        CHECK(silences(request, options) == 1);

        // The usage that comes later reaches the client.
        Bench bench;
        auto exchange = chat(bench, request);
        (void)sent(*exchange);
        testing::Events events;
        exchange->head({});
        REQUIRE(exchange->body(text + stop, events));
        for (int i = 0; i < 9; ++i) REQUIRE(exchange->body("", events));
        CHECK_FALSE(exchange->complete());
        REQUIRE(exchange->body(usage, events));
        REQUIRE(exchange->body("", events));
        REQUIRE(exchange->complete());
        REQUIRE(exchange->end(events));
        REQUIRE(std::holds_alternative<Usage>(events.list.back()));
        CHECK(std::get<Usage>(events.list.back()).total == 5);
    }
}

TEST_CASE("the provider retries with the other limit name or without usage, and remembers it") {
    Bench bench;
    ChatRequest request = ask("o9");
    request.stream = true;
    request.sampling.max_tokens = 5;
    auto exchange = chat(bench, request);
    (void)sent(*exchange);
    const Error error = refused(
        *exchange, 400,
        R"({"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens","code":"unsupported_parameter"}})");
    CHECK(exchange->amend(error));
    CHECK(Json::parse(sent(*exchange).body)["max_completion_tokens"] == 5);
    const Error other =
        refused(*exchange, 422, R"({"detail":"stream_options: extra inputs are not permitted"})");
    CHECK(exchange->amend(other));
    CHECK_FALSE(Json::parse(sent(*exchange).body).contains("stream_options"));
    CHECK_FALSE(exchange->amend(refused(*exchange, 400, "")));

    auto next = chat(bench, request);
    const Json body = Json::parse(sent(*next).body);
    CHECK(body["max_completion_tokens"] == 5);
    CHECK_FALSE(body.contains("stream_options"));
}

TEST_CASE("embeddings and rankings are read, valid and invalid") {
    Bench bench;
    const EmbeddingRequest request{
        .model = "e", .inputs = {"a", "b"}, .dimensions = 2, .extra = {R"({"x":1})"}};
    auto exchange = bench.provider.embed(request);
    REQUIRE(exchange);
    const Json body = Json::parse(sent(**exchange).body);
    CHECK(body == Json{{"model", "e"},
                       {"input", {"a", "b"}},
                       {"encoding_format", "float"},
                       {"dimensions", 2},
                       {"x", 1}});
    auto of = [&](const std::string& answer) { return testing::replay(**exchange, {answer}, {200, {}}); };
    auto good = of(
        R"({"data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":[1,2]}],"usage":{"prompt_tokens":2,"total_tokens":2}})");
    REQUIRE(good);
    const auto vectors = testing::all<Embedding>(*good);
    REQUIRE(vectors.size() == 2);
    CHECK(vectors[0].vector == std::vector<float>{1, 2});
    CHECK(testing::all<Usage>(*good).size() == 1);
    for (const char* odd : {"", "[]", "{}", R"({"data":[{"embedding":[1]}]})",
                            R"({"data":[{"index":5,"embedding":[1]},{"embedding":[1]}]})",
                            R"({"data":[{"embedding":[]},{"embedding":[1]}]})",
                            R"({"data":[{"embedding":["x"]},{"embedding":[1]}]})"})
        CHECK_FALSE(of(odd));

    const RerankRequest ranking{.model = "r", .query = "q", .documents = {"a", "b"}, .top_n = 1};
    auto ranks = bench.provider.rerank(ranking);
    REQUIRE(ranks);
    CHECK(sent(**ranks).url == "https://api.openai.com/v1/rerank");
    auto ranked = testing::replay(**ranks, {R"({"results":[{"index":1,"relevance_score":0.9}]})"}, {200, {}});
    REQUIRE(ranked);
    CHECK(testing::all<Ranking>(*ranked).at(0).index == 1);
    CHECK_FALSE(testing::replay(**ranks, {R"({"results":[{"index":2,"relevance_score":0.9}]})"}, {200, {}}));
    CHECK_FALSE(testing::replay(
        **ranks, {R"({"results":[{"index":1,"relevance_score":0.9},{"index":1,"relevance_score":0.8}]})"},
        {200, {}}));
}

TEST_CASE("a list of models is read with unknown members") {
    Bench bench({.context_window = 4096});
    auto exchange = bench.provider.models();
    REQUIRE(exchange);
    CHECK(sent(**exchange).url == "https://api.openai.com/v1/models");
    auto events = testing::replay(
        **exchange,
        {R"({"object":"list","data":[{"id":"a","created":5,"owned_by":"o","max_model_len":99},{"id":"a"},{"id":""},7,{"id":"b"}]})"},
        {200, {}});
    REQUIRE(events);
    const auto models = testing::all<ModelInfo>(*events);
    REQUIRE(models.size() == 2);
    CHECK(models[0].context_window == 99);
    CHECK(models[1].context_window == 4096);
}

TEST_CASE("a list of models is read in the forms of other servers") {
    auto names = [](const char* body) {
        Bench bench;
        auto exchange = bench.provider.models();
        REQUIRE(exchange);
        const auto events = testing::replay(**exchange, {body}, {200, {}});
        std::string joined;
        if (!events) return events.error().message;
        for (const ModelInfo& model : testing::all<ModelInfo>(*events))
            joined += model.id + ":" + std::to_string(model.created) + " ";
        return joined;
    };
    CHECK(names(R"([{"id":"a","created":1.5},{"id":"org/b","object":"model"}])") == "a:1 org/b:0 ");
    CHECK(names(R"({"models":[{"name":"a"},{"model":"b"}]})") == "a:0 b:0 ");
    CHECK(names(R"({"data":["a","b","a"]})") == "a:0 b:0 ");
    CHECK(names(R"(["a"])") == "a:0 ");
    CHECK(names(R"({"result":[{"name":"@cf/a"}],"success":true})") == "@cf/a:0 ");
    CHECK(names(R"({"data":{"models":[{"id":"a"}]}})") == "a:0 ");
    CHECK(names(R"({"object":"list","data":[]})").empty());
    for (const char* body : {"7", "{}", R"({"data":7})", "[", ""})
        CHECK(names(body) == "the upstream's response is invalid: it has no list of models");
}

TEST_CASE("advice names the keys for the credential") {
    Bench bench({.base_url = "http://h.example/v1"});
    const ChatRequest request = ask();
    auto exchange = chat(bench, request);
    (void)sent(*exchange);
    const Error error = refused(*exchange, 401, "");
    CHECK(exchange->advice(error).find("use = \"bearer\"") != std::string::npos);
}

TEST_CASE("another operation passes with the provider's model, and its response unchanged") {
    Bench bench({.base_url = "http://127.0.0.1:1/v1"});
    const RawRequest request{.operation = "images/generations",
                             .model = "inner",
                             .content_type = "application/json",
                             .body = R"({"prompt":"a \"cat\"","model":"outer","n":1.50,"model":"again"})"};
    auto exchange = bench.provider.raw(request);
    REQUIRE(exchange);
    const http::Request http = sent(**exchange);
    CHECK(http.url == "http://127.0.0.1:1/v1/images/generations");
    CHECK(http.headers.get("content-type") == "application/json");
    CHECK(http.body == R"({"model":"inner","prompt":"a \"cat\"","n":1.50})");

    testing::Events events;
    const std::string bytes("\x00{\"data\":", 9);
    (*exchange)->head({200, {{"content-type", "image/png"}}});
    REQUIRE((*exchange)->body(bytes.substr(0, 3), events));
    REQUIRE((*exchange)->body(bytes.substr(3), events));
    REQUIRE((*exchange)->end(events));
    REQUIRE(events.list.size() == 1);
    CHECK(std::get<RawBytes>(events.list[0]).content_type == "image/png");
    CHECK(std::get<RawBytes>(events.list[0]).bytes == bytes);
    CHECK(refused(**exchange, 429, R"({"error":{"message":"slow"}})").kind == ErrorKind::rate_limited);
}

TEST_CASE("the usage of an operation that is passed on is read by either of its names") {
    Bench bench;
    const RawRequest request{
        .operation = "images/generations", .model = "m", .content_type = "application/json", .body = "{}"};
    auto usage_of = [&](std::string_view body, const char* type = "application/json; charset=utf-8") {
        auto exchange = bench.provider.raw(request);
        REQUIRE(exchange);
        (void)sent(**exchange);
        testing::Events events;
        (*exchange)->head({200, {{"content-type", type}}});
        REQUIRE((*exchange)->body(body, events));
        REQUIRE((*exchange)->end(events));
        CHECK(testing::all<RawBytes>(events.list).at(0).bytes == body);
        const auto found = testing::all<Usage>(events.list);
        return found.empty() ? std::optional<Usage>() : found.at(0);
    };
    const auto images = usage_of(
        R"({"data":[{"b64_json":"AA"}],"usage":{"input_tokens":50,"output_tokens":1056,"total_tokens":1106,)"
        R"("input_tokens_details":{"image_tokens":40,"text_tokens":10,"cached_tokens":8},"output_tokens_details":{"image_tokens":1056}}})");
    REQUIRE(images);
    CHECK(images->prompt == 50);
    CHECK(images->completion == 1'056);
    CHECK(images->total == 1'106);
    CHECK(images->cached == 8);
    CHECK(images->prompt_extra.text.find("\"image_tokens\":40") != std::string::npos);
    CHECK(images->completion_extra.text.find("\"image_tokens\":1056") != std::string::npos);
    const auto chat = usage_of(
        R"({"usage":{"prompt_tokens":3,"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":5}}})");
    REQUIRE(chat);
    CHECK(chat->total == 12);
    CHECK(chat->reasoning == 5);
    // Zero is reported, too.
    CHECK(usage_of(R"({"usage":{"prompt_tokens":0}})")->completion == 0);
    for (const char* none : {R"({"data":[]})", R"({"usage":null})", R"({"usage":{}})", R"({"usage":[1]})",
                             R"({"usage":{"prompt_tokens":"7"}})", "[]", "{", ""})
        CHECK_FALSE(usage_of(none));
    CHECK_FALSE(usage_of(R"({"usage":{"prompt_tokens":3}})", "text/plain"));
}

TEST_CASE("an operation of another protocol is not supported") {
    Bench bench;
    const RawRequest request{.operation = "batches", .model = "m", .protocol = "anthropic", .body = "{}"};
    auto exchange = bench.provider.raw(request);
    REQUIRE(!exchange);
    CHECK(exchange.error().kind == ErrorKind::unsupported);
}
