// SPDX-License-Identifier: Apache-2.0
// Errors of the API, as responses and inside streams.
#include "tests/plugins/provider/bedrock/fixture.hpp"

using namespace gatehouse;
using namespace gatehouse::bedrock::test;

namespace {

struct Row {
    int status;
    const char* type;
    const char* message;
    ErrorKind kind;
    const char* code;
    const char* expected;
};

}  // namespace

TEST_CASE("each exception has its kind and a message for the client") {
    Given given;
    const Row rows[] = {
        {400, "ValidationException", "messages: text is blank", ErrorKind::bad_request, "",
         "Bedrock refused the request: messages: text is blank"},
        {400, "ValidationException", "The provided model identifier is invalid.", ErrorKind::not_found,
         "model_not_found",
         "Bedrock has no model \"m\" in this region, or it needs an inference profile: The provided model identifier is "
         "invalid."},
        {400, "ValidationException", "Input is too long for requested model.", ErrorKind::context_length,
         "context_length_exceeded",
         "the messages are longer than this model's maximum context length: Input is too long for requested model."},
        {400, "ValidationException",
         "The model returned the following errors: prompt is too long: 208310 tokens > 200000 maximum",
         ErrorKind::context_length, "context_length_exceeded",
         "this model's maximum context length is 200000 tokens: The model returned the following errors: prompt is too "
         "long: 208310 tokens > 200000 maximum"},
        {400, "ServiceQuotaExceededException", "quota", ErrorKind::rate_limited, "insufficient_quota",
         "Bedrock's rate limit is reached: quota"},
        {400, "ExpiredTokenException", "The security token included in the request is expired",
         ErrorKind::upstream, "",
         "Bedrock does not accept the gateway's own credentials, or they may not use this model (status 403): check the "
         "signer of this provider and its policy"},
        {403, "AccessDeniedException", "User arn:aws:iam::123456789012:user/x is not authorized",
         ErrorKind::upstream, "",
         "Bedrock does not accept the gateway's own credentials, or they may not use this model (status 403): check the "
         "signer of this provider and its policy"},
        {404, "ResourceNotFoundException", "gone", ErrorKind::not_found, "model_not_found",
         "Bedrock has no model \"m\" in this region, or it needs an inference profile: gone"},
        {408, "ModelTimeoutException", "slow", ErrorKind::timeout, "",
         "Bedrock did not respond in time (status 408): slow"},
        {424, "ModelErrorException", "broken", ErrorKind::upstream, "",
         "Bedrock failed with status 424: broken"},
        {429, "ThrottlingException", "Too many tokens, please wait before trying again.",
         ErrorKind::rate_limited, "",
         "Bedrock's rate limit is reached: Too many tokens, please wait before trying again."},
        {429, "ModelNotReadyException", "starting", ErrorKind::unavailable, "",
         "Bedrock or the model is not available at the moment: starting"},
        {500, "InternalServerException", "", ErrorKind::upstream, "", "Bedrock failed with status 500"},
        {503, "ServiceUnavailableException", "later", ErrorKind::unavailable, "",
         "Bedrock or the model is not available at the moment: later"},
        {302, "", "", ErrorKind::upstream, "",
         "Bedrock responded with a redirect (status 302): check base_url"},
        {407, "", "", ErrorKind::upstream, "",
         "the proxy in front of Bedrock requires credentials (status 407): check the proxy's address"},
        {429, "", "", ErrorKind::rate_limited, "", "Bedrock's rate limit is reached"},
        {413, "", "", ErrorKind::too_large, "", "Bedrock refused the request with status 413"}};
    for (const Row& row : rows) {
        CAPTURE(row.type);
        CAPTURE(row.message);
        const std::string body = Json{{"message", row.message}}.dump();
        const Error error =
            given.failure(row.status, body,
                          {{"x-amzn-ErrorType",
                            std::string(row.type) + ":http://internal.amazon.com/coral/com.amazon.bedrock/"}},
                          "m");
        CHECK(error.kind == row.kind);
        CHECK(error.code == row.code);
        CHECK(error.message == row.expected);
        // The type in the body, as restJson1 allows.
        if (*row.type) {
            const std::string type = "com.amazon.coral.service#" + std::string(row.type);
            const Error same =
                given.failure(row.status, Json{{"__type", type}, {"message", row.message}}.dump(), {}, "m");
            CHECK(same.kind == row.kind);
            CHECK(same.message == row.expected);
        }
    }
}

TEST_CASE("the text of a refusal of credentials is for the log only") {
    Given given;
    const Error error =
        given.failure(403, R"({"message":"User arn:aws:iam::123456789012:user/x is not authorized"})",
                      {{"x-amzn-errortype", "AccessDeniedException"}});
    CHECK(error.message.find("arn:") == std::string::npos);
    CHECK(error.detail.starts_with("status 403, type AccessDeniedException: User "));
}

TEST_CASE("an error that is not JSON, or not of the API, is told by its status") {
    Given given;
    CHECK(given.failure(503, "<html>busy</html>").kind == ErrorKind::unavailable);
    CHECK(given.failure(400, "").message == "Bedrock refused the request with status 400");
    CHECK(given.failure(500, std::string(100'000, 'x')).message.size() < 2000);
    CHECK(given.failure(400, R"({"__type":7,"message":["a"]})").kind == ErrorKind::bad_request);
    CHECK(given.failure(429, "{}", {{"retry-after", "7"}}).retry_after_seconds == 7);
    CHECK(given.failure(400, "{}", {{"x-amzn-errortype", std::string(500, 'x')}}).detail == "status 400");
}

TEST_CASE("the context window of the configuration is told if Bedrock does not tell it") {
    Table model{{{"context_window", Value{std::int64_t{200'000}}}}};
    Table models;
    models.entries.push_back({"us.*", Value{model}});
    Table options;
    options.entries.push_back({"models", Value{models}});
    Given given(std::move(options));
    CHECK(given.failure(400, R"({"message":"Input is too long for requested model."})").message ==
          "this model's maximum context length is 200000 tokens: Input is too long for requested model.");
}

TEST_CASE("an exception in a stream ends it, for every cut of the bytes") {
    Given given;
    replay_cut_everywhere(
        *given.provider, ask(), recorded("errors/stream-throttled"),
        [&](const Result<std::vector<Event>>& events) {
            REQUIRE_FALSE(events);
            CHECK(events.error().kind == ErrorKind::rate_limited);
            CHECK(events.error().message ==
                  "Bedrock's rate limit is reached: Too many requests, please wait before trying again.");
        },
        event_stream);
}

TEST_CASE("exceptions of a stream have the kinds of their types") {
    Given given;
    const std::tuple<const char*, const char*, ErrorKind, const char*> rows[] = {
        {"internalServerException", R"({"message":"x"})", ErrorKind::upstream,
         "Bedrock failed with status 500: x"},
        {"serviceUnavailableException", R"({"message":"x"})", ErrorKind::unavailable,
         "Bedrock or the model is not available at the moment: x"},
        {"validationException", R"({"message":"Input is too long for requested model."})",
         ErrorKind::context_length,
         "the messages are longer than this model's maximum context length: Input is too long for requested model."},
        {"modelStreamErrorException", R"({"message":"x","originalStatusCode":500})", ErrorKind::upstream,
         "Bedrock failed with status 424: x"},
        {"modelStreamErrorException", R"({"message":"x","originalStatusCode":429})", ErrorKind::rate_limited,
         "Bedrock's rate limit is reached: x"},
        {"somethingNewException", R"({"message":"x"})", ErrorKind::upstream,
         "Bedrock sent an error instead of a response: x"},
        {"throttlingException", "not JSON", ErrorKind::rate_limited,
         "Bedrock's rate limit is reached: not JSON"},
        {"", "", ErrorKind::upstream, "Bedrock sent an error instead of a response"}};
    for (const auto& [type, payload, kind, message] : rows) {
        const std::string named = type;
        CAPTURE(named);
        const auto events = given.stream(ask(), text_event("a") + exception(type, payload));
        REQUIRE_FALSE(events);
        CHECK(events.error().kind == kind);
        CHECK(events.error().message == message);
    }
    std::string error;
    append_aws_event(
        error,
        {{":message-type", "error"}, {":error-code", "ThrottlingException"}, {":error-message", "a \"b\""}},
        "");
    const auto events = given.stream(ask(), error);
    REQUIRE_FALSE(events);
    CHECK(events.error().message == "Bedrock's rate limit is reached: a \"b\"");
}

TEST_CASE("an operator gets advice") {
    Given given;
    const ChatRequest request = ask();
    auto advice = [&](int status, const std::string& message) {
        auto exchange = given.provider->chat(request);
        REQUIRE(exchange);
        REQUIRE_FALSE(replay(**exchange, {Json{{"message", message}}.dump()}, {.status = status}));
        return (*exchange)->advice({});
    };
    CHECK(advice(400, "Invocation of model ID x with on-demand throughput isn’t supported.")
              .starts_with("The model is available by an inference profile only"));
    CHECK(advice(403, "You don't have access to the model with the specified model ID.")
              .starts_with("The account has no access to the model"));
    CHECK(advice(403, "x").starts_with("The policy must allow bedrock:InvokeModel"));
    CHECK(advice(404, "x").starts_with("Check the id of the model"));
    CHECK(advice(429, "x").starts_with("Quotas belong to"));
    CHECK(advice(301, "x") == "The gateway does not follow redirects: set base_url to the final URL.");
    CHECK(advice(500, "x").starts_with("The service itself fails"));
    CHECK(advice(400, "x").empty());
    auto unsent = given.provider->chat(request);
    CHECK((*unsent)->advice({}).empty());
}
