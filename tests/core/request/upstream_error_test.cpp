// SPDX-License-Identifier: Apache-2.0
#include "core/request/upstream_error.hpp"

#include "core/request/request_texts.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

const std::vector<std::string> secrets = {"Bearer upstreamkey-51c0ffee", "short-7"};

ChatRequest asked(std::string words) {
    return {.model = "m",
            .messages = {{.parts = {Text{std::move(words)}}}},
            .tools = {{.name = "weather", .description = "finds the weather of a city"}},
            .user = "client-0f9e8d7c"};
}

Error divided(Error error, int status, std::string words = "tell me something nice", bool client = false) {
    return split_for_client_and_log(std::move(error), asked(std::move(words)),
                                    {.status = status,
                                     .host = "api.example.com",
                                     .request_id = "req_1",
                                     .secrets = secrets,
                                     .details_to_client = client});
}

}  // namespace

TEST_CASE("a client of a failed upstream learns kind, status and request id, and the log has the text") {
    const std::string trace = "oops: File \"/app/server.py\", line 3, in chat";
    struct Row {
        ErrorKind kind;
        int status;
        std::string message;
    };
    for (const auto& [kind, status, message] : std::vector<Row>{
             {ErrorKind::upstream, 500, "the upstream failed with status 500 (request id req_1)"},
             {ErrorKind::unavailable, 529,
              "the upstream is overloaded or unavailable with status 529 (request id req_1)"},
             {ErrorKind::timeout, 504,
              "the upstream did not respond in time with status 504 (request id req_1)"},
             {ErrorKind::timeout, 408,
              "the upstream did not respond in time with status 408 (request id req_1)"},
             {ErrorKind::upstream, 401,
              "the upstream rejected the gateway's credentials with status 401 (request id req_1)"},
             {ErrorKind::upstream, 302,
              "the upstream responded with a redirect with status 302 (request id req_1)"},
             {ErrorKind::upstream, 200, "the upstream failed within its response (request id req_1)"}}) {
        const Error error = divided({.kind = kind,
                                     .message = trace,
                                     .detail = "status x",
                                     .code = "java.lang.NullPointerException",
                                     .param = "ocid1.a.b",
                                     .retry_after_seconds = 3},
                                    status);
        CHECK(error.message == message);
        CHECK(error.detail == "status x: " + trace);
        CHECK(error.code.empty());
        CHECK(error.param.empty());
        CHECK(error.kind == kind);
        CHECK(error.retry_after_seconds == 3);
    }
}

TEST_CASE(
    "the log has the text of an upstream that refuses the credentials, without them and without the prompt") {
    const Error error =
        divided({.kind = ErrorKind::upstream,
                 .message = "the key is wrong",
                 .detail = "status 403: blocked 'tell me something nice' of key " + secrets.front()},
                403);
    CHECK(error.detail.find("something nice") == std::string::npos);
    CHECK(error.detail.find(secrets.front()) == std::string::npos);
    CHECK(error.detail.starts_with("status 403: blocked "));
}

TEST_CASE("a client learns why the upstream has refused its request, without what is inner") {
    for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
             {"temperature must be at most 2", "temperature must be at most 2"},
             {"this model's maximum context length is 8192 tokens",
              "this model's maximum context length is 8192 tokens"},
             {"no compartment ocid1.compartment.oc1..a at http://10.0.0.1:80/x",
              "no compartment [id] at [url]"},
             {"top_k: /app/vllm/sampling.py:88", "top_k: [path]"},
             {"tell https://api.example.com", "tell [url]"},
             {"Traceback (most recent call last): x", "the upstream refused the request with status 400"}}) {
        const Error error = divided({.kind = ErrorKind::bad_request, .message = text, .param = "top_k"}, 400);
        CHECK(error.message == message);
        CHECK(error.detail == text);
        CHECK(error.param == "top_k");
    }
    const Error limited = divided(
        {.kind = ErrorKind::rate_limited, .message = "read https://platform.example.com/docs", .code = "x"},
        429);
    CHECK(limited.message == "read https://platform.example.com/docs");
    CHECK(limited.code == "x");
}

TEST_CASE("the text of a 5xx never reaches the client for any error kind, except for a prompt limit") {
    const Error limited = divided(
        {.kind = ErrorKind::rate_limited, .message = "oops in /app/x.py", .code = "insufficient_quota"}, 503);
    CHECK(limited.message == "the upstream limits the rate of requests with status 503 (request id req_1)");
    CHECK(limited.code == "insufficient_quota");
    const Error refused = divided({.kind = ErrorKind::bad_request, .message = "oops"}, 500);
    CHECK(refused.message == "the upstream failed with status 500 (request id req_1)");
    const Error too_long = divided({.kind = ErrorKind::context_length,
                                    .message = "maximum context length is 8192 tokens, says /app/x.py",
                                    .code = "context_length_exceeded"},
                                   500);
    CHECK(too_long.message == "maximum context length is 8192 tokens, says [path]");
    CHECK(too_long.code == "context_length_exceeded");
}

TEST_CASE("error_details = client restores the text, but never a credential") {
    const Error error = divided({.kind = ErrorKind::upstream,
                                 .message = "oops at /app/x.py with upstreamkey-51c0ffee",
                                 .code = "odd"},
                                500, "hi", true);
    CHECK(error.message == "oops at /app/x.py with ...");
    CHECK(error.code == "odd");
}

TEST_CASE("a defect of a plugin keeps its message and its detail") {
    const Error error =
        divided({.kind = ErrorKind::internal, .message = "internal error", .detail = "threw"}, 500);
    CHECK(error.message == "internal error");
    CHECK(error.detail == "threw");
}

TEST_CASE("the log's text has neither the client's words nor a credential") {
    struct Row {
        std::string prompt, text, left;
    };
    for (const auto& [prompt, text, left] : std::vector<Row>{
             {"my secret question", "you sent my secret question!", "you sent ...!"},
             {"my secret question", "you sent secret questio", "you sent..."},
             {"hi", "unknown word 'hi'", "unknown word '...'"},
             {"hi", "this is \"fine\"", "this is \"fine\""},
             {"x", "with authorization: Bearer upstreamkey-51c0ffee.", "with authorization: Bearer ...."},
             {"x", "key short-7 is wrong", "key ... is wrong"},
             {"x", "finds the weather of a city for client-0f9e8d7c", "... for ..."},
             {"x", "", ""}}) {
        CHECK(divided({.kind = ErrorKind::upstream, .message = text}, 500, prompt).detail == left);
    }
}

TEST_CASE("texts of every operation are recognized") {
    const std::string words = "the quick brown fox";
    ChatRequest calls{.messages = {{.role = Role::assistant, .tool_calls = {{.arguments = words}}}}};
    ChatRequest other{.messages = {{.parts = {OtherPart{"x", {"{\"x\":\"" + words + "\"}"}}}}}};
    ChatRequest prompts{.completion = TextCompletion{.prompts = {"[\"" + words + "\"]"}}};
    ChatRequest escaped{
        .messages = {{.parts = {Text{JsonString::spelled("the qu\\u0069ck brown fox", true)}}}}};
    for (const Operation& operation :
         {Operation(calls), Operation(other), Operation(prompts), Operation(escaped),
          Operation(EmbeddingRequest{.inputs = {words}}), Operation(RerankRequest{.query = words}),
          Operation(RerankRequest{.documents = {words}}), Operation(ModelsRequest{.id = words})}) {
        const RequestTexts texts(operation, {});
        CHECK(texts.without_quotations("see " + words + " here") == "see ... here");
        CHECK(texts.contains("brown"));
        CHECK(!texts.contains("cow"));
    }
}

TEST_CASE("a long request is searched in one pass") {
    std::string long_text(4'000'000, 'x');
    long_text += "the quick brown fox";
    const Operation operation = asked(std::move(long_text));
    const RequestTexts texts(operation, {});
    CHECK(texts.without_quotations("a quick brown fox") == "a...");
    CHECK(texts.without_quotations("a quiet brown cow") == "a quiet brown cow");
}

TEST_CASE("a text that names the upstream's model also names the client's") {
    const auto all_e = [](int count) {
        std::string text;
        while (count--) text += "é";
        return text;
    };
    const auto said = [](std::string message, std::string_view model, int status = 404,
                         std::string_view requested = "m-e404") {
        return split_for_client_and_log(
            {.kind = ErrorKind::not_found, .message = std::move(message)}, asked("hi"),
            {.status = status, .request_id = "req_1", .model = model, .requested_model = requested});
    };
    const std::string named = " (requested as \"m-e404\")";
    for (const std::string text :
         {"The model e404 does not exist.", "no model `e404`", "unknown model: e404.", "e404",
          "e404: model not found", "model:e404 not found"}) {
        CHECK(said(text, "e404").message == text + named);
        CHECK(said(text, "e404").detail == text);
    }
    for (const std::string text :
         {"The model e4041 does not exist.", "see x/e404", "e404-large", "e404.1 is there", "no model m-e404",
          "the model e404, requested as m-e404"})
        CHECK(said(text, "e404").message == text);
    CHECK(said("The model e404 does not exist.", "").message == "The model e404 does not exist.");
    CHECK(said("The model e404 does not exist.", "e404", 404, "e404").message ==
          "The model e404 does not exist.");
    const auto note = [&](const std::string& requested) {
        return said("no e404", "e404", 404, requested).message.substr(7);
    };
    CHECK(note("x\" (requested as \"y") == R"( (requested as "x\" (requested as \"y"))");
    CHECK(note(std::string(150, 'a')) == " (requested as \"" + std::string(100, 'a') + "…\")");
    CHECK(note("a" + all_e(60)) == " (requested as \"a" + all_e(49) + "…\")");
    CHECK(said("no e404", "e404", 500).message.find("e404") == std::string::npos);
}
