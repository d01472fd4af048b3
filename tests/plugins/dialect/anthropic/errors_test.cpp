// SPDX-License-Identifier: Apache-2.0
// Error responses: statuses, types, headers, and the words that clients search for.
#include "plugins/dialect/anthropic/error_words.hpp"
#include "tests/plugins/dialect/anthropic/helper.hpp"

using namespace gatehouse;
using namespace gatehouse::anthropic_dialect;
using namespace gatehouse::anthropic_dialect::testing;

namespace {

struct Row {
    Error error;
    int status;
    const char* type;
    bool final = false;
};

}  // namespace

// F1, F2, F3, F4: one table, and one envelope.
TEST_CASE("statuses and types") {
    const Row rows[] = {
        {{.kind = ErrorKind::bad_request, .message = "m"}, 400, "invalid_request_error", true},
        {{.kind = ErrorKind::unprocessable, .message = "m"}, 400, "invalid_request_error", true},
        {{.kind = ErrorKind::unsupported, .message = "m"}, 400, "invalid_request_error", true},
        {{.kind = ErrorKind::context_length, .message = "m"}, 400, "invalid_request_error", true},
        {{.kind = ErrorKind::unauthenticated, .message = "m"}, 401, "authentication_error", true},
        {{.kind = ErrorKind::forbidden, .message = "m"}, 403, "permission_error", true},
        {{.kind = ErrorKind::not_found, .message = "m"}, 404, "not_found_error", true},
        {{.kind = ErrorKind::conflict, .message = "m"}, 409, "conflict_error"},
        {{.kind = ErrorKind::too_large, .message = "m"}, 413, "request_too_large", true},
        {{.kind = ErrorKind::rate_limited, .message = "m"}, 429, "rate_limit_error"},
        {{.kind = ErrorKind::rate_limited, .message = "m", .code = "insufficient_quota"},
         429,
         "rate_limit_error",
         true},
        {{.kind = ErrorKind::upstream, .message = "m"}, 502, "api_error"},
        {{.kind = ErrorKind::internal, .message = "m"}, 500, "api_error"},
        {{.kind = ErrorKind::bad_config, .message = "m"}, 500, "api_error"},
        {{.kind = ErrorKind::unavailable, .message = "m"}, 529, "overloaded_error"},
        {{.kind = ErrorKind::timeout, .message = "m"}, 504, "timeout_error"},
        {{.kind = ErrorKind::bad_request, .message = "m", .status = 405}, 405, "invalid_request_error", true},
        {{.kind = ErrorKind::bad_request, .message = "m", .status = 415}, 415, "invalid_request_error", true},
        {{.kind = ErrorKind::bad_request, .message = "m", .status = 501}, 501, "api_error"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.type);
        CAPTURE(row.status);
        const http::Response response = error_response(row.error);
        CHECK(response.head.status == row.status);
        const Json json = Json::parse(response.body);
        CHECK(json["type"] == "error");
        CHECK(json["error"]["type"] == row.type);
        CHECK(json["error"]["message"].is_string());
        CHECK(response.head.headers.get("content-type") == "application/json");
        CHECK(response.head.headers.has("x-should-retry") == row.final);
        std::string streamed;
        append_error(row.error, streamed);
        CHECK(streamed == response.body);
    }
}

TEST_CASE("an error, to the byte") {
    CHECK(error_response({.kind = ErrorKind::not_found,
                          .message = "there is no such model",
                          .detail = "secret",
                          .code = "model_not_found",
                          .param = "model"})
              .body ==
          R"({"type":"error","error":{"type":"not_found_error","message":"model: there is no such model",)"
          R"("details":{"error_code":"model_not_found"}}})");
    const http::Response wait =
        error_response({.kind = ErrorKind::rate_limited, .message = "slow down", .retry_after_seconds = 7});
    CHECK(wait.head.headers.get("retry-after") == "7");
    CHECK(error_response({.kind = ErrorKind::unavailable}).head.headers.get("retry-after") == "1");
    CHECK(error_response({.kind = ErrorKind::internal, .message = "stack"}).body.find("stack") ==
          std::string::npos);
    CHECK(error_response({.kind = ErrorKind::unauthenticated}).head.headers.get("www-authenticate") ==
          "Bearer");
}

// A6
TEST_CASE("a prompt that is too long is told in the words that make a client compact") {
    CHECK(context_words(
              "this model's maximum context length is 200000 tokens (Anthropic says: prompt is too long: "
              "208310 tokens > 200000 maximum)") == "prompt is too long: 208310 tokens > 200000 maximum");
    CHECK(context_words(
              "x: input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000, decrease") ==
          "input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000, decrease");
    const std::string openai =
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (8900 in the "
        "messages, 100 in the completion).";
    CHECK(context_words(openai) == "prompt is too long: 9000 tokens > 8192 maximum (" + openai + ")");
    CHECK(context_words(
              "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens "
              "(1000 in the messages, 8000 in the completion).") ==
          "input length and `max_tokens` exceed context limit: 1000 + 8000 > 8192");
    CHECK(context_words(
              "'max_tokens' or 'max_completion_tokens' is too large: 64000. This model's maximum "
              "context length is 32768 tokens and your request has 1200 input tokens (64000 > 32768 - "
              "1200).") == "input length and `max_tokens` exceed context limit: 1200 + 64000 > 32768");
    CHECK(
        context_words("this model's maximum context length is 4096 tokens") ==
        "prompt is too long: 4097 tokens > 4096 maximum (this model's maximum context length is 4096 tokens)");
    CHECK(context_words("too long") == "prompt is too long: 2 tokens > 1 maximum (too long)");
    CHECK(context_words("") == "prompt is too long: 2 tokens > 1 maximum");
}

TEST_CASE("fields in the words of the protocol") {
    auto words = [](std::string param, std::string message) {
        return field_words({.message = std::move(message), .param = std::move(param)});
    };
    CHECK(words("", "m") == "m");
    CHECK(words("max_completion_tokens", "m") == "max_tokens: m");
    CHECK(words("stop", "has too many strings") == "stop_sequences: has too many strings");
    CHECK(words("temperature", "temperature must be 1") == "temperature: must be 1");
    CHECK(words("messages[3].content[1].image_url.url", "m") == "messages: m");
    CHECK(words("tools[2].function.name", "m") == "tools.2: m");
    CHECK(words("messages.1.role", "messages.1.role: Field required") == "messages.1.role: Field required");
}
