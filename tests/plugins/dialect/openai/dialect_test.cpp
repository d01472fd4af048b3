// SPDX-License-Identifier: Apache-2.0
// The dialect as the core sees it: paths, content types, errors, identities.
#include "tests/json.hpp"
#include "tests/plugins/dialect/openai/helper.hpp"

using namespace gatehouse;
using namespace gatehouse::openai_dialect;
using namespace gatehouse::openai_dialect::testing;
using gatehouse::test::Json;

namespace {

struct Fixture {
    gatehouse::testing::FakeHost host;
    OpenAi dialect{Options{}, host};

    Result<Parsed> post(std::string body, http::Headers headers = {{"content-type", "application/json"}}) {
        return dialect.parse(
            {.method = "POST", .path = "/v1/chat/completions", .headers = std::move(headers)},
            std::move(body));
    }
    Result<Parsed> get(const std::string& path) { return dialect.parse({.path = path}, {}); }
    int status_for(const std::string& name, const std::string& value) {
        auto parsed = post(with(""), {{name, value}});
        return parsed ? 200 : status_of(parsed.error());
    }
};

Json envelope(const Error& error) {
    gatehouse::testing::FakeHost host;
    return Json::parse(OpenAi({}, host).error(error).body).at("error");
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the endpoints lie under the prefix") {
    std::vector<std::string> seen;
    for (const auto& endpoint : dialect.endpoints()) seen.push_back(endpoint.method + " " + endpoint.path);
    CHECK(seen == std::vector<std::string>{
                      "POST /v1/chat/completions", "POST /v1/completions", "POST /v1/embeddings",
                      "POST /v1/moderations", "POST /v1/images/generations", "POST /v1/audio/speech",
                      "POST /v1/rerank", "POST /v2/rerank", "GET /v1/models", "GET /v1/models/*",
                      "POST /v1/responses", "POST /v1/conversations", "GET /v1/responses/*",
                      "DELETE /v1/responses/*", "POST /v1/responses/*", "GET /v1/conversations/*",
                      "DELETE /v1/conversations/*", "POST /v1/conversations/*", "GET /v1/responses"});
    CHECK(dialect.endpoints().back().header == "upgrade");
    OpenAi other({.prefix = "/openai/v1"}, host);
    CHECK(other.endpoints()[0].path == "/openai/v1/chat/completions");
    CHECK(other.parse({.path = "/openai/v1/models"}, {}));
    OpenAi bare({.prefix = ""}, host);
    CHECK(bare.parse({.path = "/models"}, {}));
}

TEST_CASE_FIXTURE(Fixture, "a prefix that no path can have is refused at start") {
    for (std::string prefix : {"v1", "/v1/", "/", "/a b", "/v1?x", "/*"}) {
        CAPTURE(prefix);
        CHECK_THROWS_AS(OpenAi({.prefix = prefix}, host), KeyError);
    }
}

TEST_CASE_FIXTURE(Fixture, "an id of a model may hold slashes, encoded or not") {
    auto id = [&](const std::string& path) {
        auto parsed = get(path);
        REQUIRE(parsed);
        return std::get<ModelsRequest>(parsed->operation).id;
    };
    CHECK(id("/v1/models") == "");
    CHECK(id("/v1/models/") == "");
    CHECK(id("/v1/models/gpt-5") == "gpt-5");
    CHECK(id("/v1/models/vendor%2Fmodel") == "vendor/model");
    CHECK(id("/v1/models/vendor%2fmodel%20x") == "vendor/model x");
    CHECK(id("/v1/models/vendor/model") == "vendor/model");
    CHECK(id("/v1/models/a+b") == "a+b");
    for (std::string path : {"/v1/models/a%", "/v1/models/a%2", "/v1/models/a%zz", "/v1/models/%%30"}) {
        CAPTURE(path);
        auto parsed = get(path);
        REQUIRE(!parsed);
        CHECK(parsed.error().kind == ErrorKind::bad_request);
    }
    auto nothing = get("/v1/nothing");
    REQUIRE(!nothing);
    CHECK(nothing.error().kind == ErrorKind::not_found);
}

TEST_CASE_FIXTURE(Fixture, "JSON in UTF-8 is accepted, under every name that it has") {
    for (std::string type :
         {"application/json", "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\"",
          "application/vnd.api+json", "text/json", "application/json; a=b; charset=utf8", ""}) {
        CAPTURE(type);
        CHECK(status_for("content-type", type) == 200);
    }
    CHECK(post(with(""), {}));
    CHECK(status_for("content-encoding", "identity") == 200);
}

TEST_CASE_FIXTURE(Fixture, "another content type or coding is refused with 415") {
    for (std::string type :
         {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
          "application/xml", "json", "application/jsonx", "application/json; charset=utf-16",
          "application/json; charset=iso-8859-1"}) {
        CAPTURE(type);
        CHECK(status_for("content-type", type) == 415);
    }
    for (std::string coding : {"gzip", "br", "deflate", "identity, gzip", "x"}) {
        CAPTURE(coding);
        CHECK(status_for("content-encoding", coding) == 415);
    }
    const Error error = post(with(""), {{"content-type", "text/plain"}}).error();
    CHECK(error.message == R"(the content type must be application/json; got "text/plain")");
    CHECK(dialect.error(error).head.status == 415);
}

TEST_CASE_FIXTURE(Fixture,
                  "all attempts of a request have one id, one time and the client's name of the model") {
    host.time = std::chrono::system_clock::time_point(std::chrono::seconds(1700000123));
    auto parsed = post(R"({"model":"vendor/m","stream":true,"messages":[{"role":"user","content":"a"}]})");
    REQUIRE(parsed);
    std::get<ChatRequest>(parsed->operation).model = "mapped";
    std::string first, second;
    auto formatter = parsed->formatter();
    formatter->event(TextDelta{"x"}, first);
    formatter = parsed->formatter();
    CHECK(formatter->streams());
    formatter->event(TextDelta{"x"}, second);
    CHECK(first == second);
    CHECK(first.starts_with("data: {\"id\":\"chatcmpl-"));
    CHECK(first.find("\"created\":1700000123,\"model\":\"vendor/m\"") != std::string::npos);

    auto other = post(with(""));
    REQUIRE(other);
    std::string third;
    auto whole = other->formatter();
    CHECK(!whole->streams());
    whole->event(Finish{}, third);
    whole->end(third);
    CHECK(Json::parse(third)["id"].get<std::string>().size() == 9 + 29);
    CHECK(third.find(first.substr(13, 38)) == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a formatter outlives the dialect that made it") {
    std::function<std::unique_ptr<ResponseFormatter>()> make;
    {
        OpenAi gone({}, host);
        make = gone.parse({.method = "POST", .path = "/v1/chat/completions"}, with(""))->formatter;
    }
    CHECK(whole({Finish{}}).size() > 0);
    CHECK(answer(*make(), {TextDelta{"a"}, Finish{}}).body.find("\"content\":\"a\"") != std::string::npos);
}

TEST_CASE("each kind of error has its status, type and code") {
    struct Row {
        ErrorKind kind;
        int status;
        const char* type;
        const char* code;  // null: none
    };
    gatehouse::testing::FakeHost host;
    OpenAi dialect({}, host);
    for (const Row& row : std::initializer_list<Row>{
             {ErrorKind::bad_request, 400, "invalid_request_error", nullptr},
             {ErrorKind::context_length, 400, "invalid_request_error", "context_length_exceeded"},
             {ErrorKind::unauthenticated, 401, "invalid_request_error", "invalid_api_key"},
             {ErrorKind::forbidden, 403, "invalid_request_error", nullptr},
             {ErrorKind::not_found, 404, "invalid_request_error", nullptr},
             {ErrorKind::conflict, 409, "invalid_request_error", nullptr},
             {ErrorKind::too_large, 413, "invalid_request_error", nullptr},
             {ErrorKind::unprocessable, 422, "invalid_request_error", nullptr},
             {ErrorKind::unsupported, 400, "invalid_request_error", "unsupported"},
             {ErrorKind::rate_limited, 429, "rate_limit_error", "rate_limit_exceeded"},
             {ErrorKind::upstream, 502, "server_error", "upstream_error"},
             {ErrorKind::unavailable, 503, "server_error", "unavailable"},
             {ErrorKind::timeout, 504, "server_error", "timeout"},
             {ErrorKind::internal, 500, "server_error", nullptr},
         }) {
        CAPTURE(row.status);
        const http::Response response = dialect.error({row.kind, "something is wrong"});
        CHECK(response.head.status == row.status);
        CHECK(response.head.headers.get("content-type") == "application/json");
        const auto error = Json::parse(response.body).at("error");
        CHECK(error.at("type") == row.type);
        CHECK(error.at("param").is_null());
        if (row.code)
            CHECK(error.at("code") == row.code);
        else
            CHECK(error.at("code").is_null());
        CHECK(error.size() == 4);
    }
}

TEST_CASE("an error's own code, param and status win over its kind's") {
    gatehouse::testing::FakeHost host;
    OpenAi dialect({}, host);
    CHECK(
        dialect
            .error({.kind = ErrorKind::not_found,
                    .message = "The model 'x' does not exist",
                    .code = "model_not_found",
                    .param = "model"})
            .body ==
        R"({"error":{"message":"The model 'x' does not exist.","type":"invalid_request_error","param":"model","code":"model_not_found"}})");
    CHECK(dialect.error({.kind = ErrorKind::bad_request, .message = "a", .status = 405}).head.status == 405);
    CHECK(dialect.error({.kind = ErrorKind::bad_request, .message = "a", .status = 501})
              .body.find("server_error") != std::string::npos);
}

TEST_CASE("headers tell when to come back and how to show oneself") {
    gatehouse::testing::FakeHost host;
    OpenAi dialect({}, host);
    auto header = [&](Error error, const char* name) {
        return std::string(dialect.error(error).head.headers.get(name));
    };
    CHECK(header({.kind = ErrorKind::rate_limited, .message = "a", .retry_after_seconds = 7},
                 "retry-after") == "7");
    CHECK(header({.kind = ErrorKind::rate_limited, .message = "a"}, "retry-after") == "");
    CHECK(header({.kind = ErrorKind::unavailable, .message = "a"}, "retry-after") == "1");
    CHECK(header({.kind = ErrorKind::unauthenticated, .message = "a"}, "www-authenticate") == "Bearer");
    CHECK(header({.kind = ErrorKind::forbidden, .message = "a"}, "www-authenticate") == "");
}

TEST_CASE("messages are sentences, and names of fields stay as they are") {
    auto message = [](Error error) { return envelope(error).at("message").get<std::string>(); };
    CHECK(message({ErrorKind::upstream, "the upstream refused"}) == "The upstream refused.");
    CHECK(message({ErrorKind::upstream, "Is it there?"}) == "Is it there?");
    CHECK(message({ErrorKind::upstream, "maxTokens is wrong"}) == "maxTokens is wrong.");
    CHECK(message({ErrorKind::upstream, "url: wrong"}) == "Url: wrong.");
    CHECK(message({.kind = ErrorKind::bad_request, .message = "stop must be a string", .param = "stop"}) ==
          "stop must be a string.");
    CHECK(message({ErrorKind::upstream, ""}) == "The request failed.");
    CHECK(message({ErrorKind::context_length, "this model's maximum context length is 128 tokens"}) ==
          "This model's maximum context length is 128 tokens.");
    CHECK(message({ErrorKind::context_length, "too long"}) ==
          "The prompt exceeds the model's maximum context length: too long.");
}

TEST_CASE("an internal error shows nothing of itself") {
    const auto error =
        envelope({ErrorKind::internal, "std::bad_alloc in /secret/path", "detail", "", "", 0, 0});
    CHECK(error.at("message") ==
          "The gateway could not handle this request; its log has the reason under the request id.");
    const std::string dumped = envelope({ErrorKind::upstream, "a", "the detail"}).dump();
    CHECK(dumped.find("detail") == std::string::npos);
}
