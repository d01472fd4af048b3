// SPDX-License-Identifier: Apache-2.0
// Errors for the client and advice for the operator after an error of Anthropic.
#include "tests/plugins/provider/anthropic/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::anthropic;
using namespace gatehouse::anthropic::test;

namespace {

struct Told {
    Error error;
    std::string advice;
};

Told refusal(int status, const std::string& body, http::Headers headers = {}, const Options& options = {}) {
    Bench bench(options);
    const ChatRequest request = ask();
    auto exchange = begin(bench.provider, request);
    const auto found = testing::replay(*exchange, {body}, {status, std::move(headers)});
    REQUIRE(!found);
    return {found.error(), exchange->advice(found.error())};
}
Error error_of(int status, const std::string& body, http::Headers headers = {}) {
    return refusal(status, body, std::move(headers)).error;
}
bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

std::string error_event(const std::string& type) {
    return "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"" + type +
           "\",\"message\":\"m\"}}\n\n";
}

}  // namespace

TEST_CASE("a refused request keeps its reason, and names the client's field") {
    const Error error = error_of(400, fixture("error-400-invalid-request.json"));
    CHECK(error.kind == ErrorKind::bad_request);
    CHECK(error.param == "max_tokens");
    CHECK(error.message.starts_with("max_tokens: 100000 > 64000"));
    CHECK(has(error.detail, "invalid_request_error"));
    auto param = [](const std::string& message) {
        return error_of(400, Json{{"type", "error"}, {"error", {{"message", message}}}}.dump()).param;
    };
    CHECK(param("messages.0.content.1.image.source.base64.data: wrong") == "messages");
    CHECK(param("tools.0.custom.input_schema.type: Field required") == "tools");
    CHECK(param("stop_sequences: too many") == "stop");
    CHECK(param("`temperature` is deprecated for this model.") == "temperature");
    CHECK(param("model is wrong") == "");
    CHECK(param("anything: else") == "");
}

TEST_CASE("the error for a too long prompt has OpenAI's wording") {
    Error error = error_of(400, fixture("error-400-prompt-too-long.json"));
    CHECK(error.kind == ErrorKind::context_length);
    CHECK(error.code == "context_length_exceeded");
    CHECK(error.param == "messages");
    CHECK(error.message ==
          "this model's maximum context length is 200000 tokens (Anthropic says: prompt is too long: 208310 "
          "tokens > "
          "200000 maximum)");
    error = error_of(400, fixture("error-400-context-limit.json"));
    CHECK(error.kind == ErrorKind::context_length);
    CHECK(error.message.starts_with("this model's maximum context length is 200000 tokens"));

    Options options;
    options.models[sonnet] = {.context_window = 1234};
    const std::string vague =
        R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long"}})";
    CHECK(has(refusal(400, vague, {}, options).error.message, "maximum context length is 1234 tokens"));
    CHECK(has(error_of(400, vague).message, "maximum context length"));
}

TEST_CASE("reasons and words of other servers with this API are read") {
    CHECK(
        error_of(
            400,
            R"({"type":"error","error":{"type":"invalid_request_error","message":"Provider returned error",)"
            R"("metadata":{"raw":"{\"error\":{\"message\":\"inner\"}}"}}})")
            .message == "inner");
    CHECK(error_of(400, R"({"detail":[{"loc":["body","x"],"msg":"field required"}]})").message ==
          "field required (body.x)");
    const Error error =
        error_of(400, R"({"error":{"type":"exceed_context_size_error","message":"too much","n_ctx":8192}})");
    CHECK(error.kind == ErrorKind::context_length);
    CHECK(has(error.message, "maximum context length is 8192 tokens"));
    CHECK(error_of(429, "{}", {{"retry-after-ms", "12500"}}).retry_after_seconds == 13);
}

TEST_CASE("a refusal of the gateway's own key is an error of the upstream") {
    for (const auto& [status, name] :
         {std::pair{401, "error-401-authentication.json"}, {403, "error-403-permission.json"}}) {
        const Told found = refusal(status, fixture(name));
        CHECK(found.error.kind == ErrorKind::upstream);
        CHECK(has(found.error.message, "the gateway's own key"));
        CHECK(!has(found.error.message, "x-api-key"));
        CHECK(has(found.error.detail, "_error: "));
        CHECK(!found.advice.empty());
    }
    CHECK(has(refusal(401, fixture("error-401-authentication.json")).advice, "header = \"x-api-key\""));
    const Error held =
        error_of(400, R"({"type":"error","error":{"type":"invalid_request_error","message":"gone",
        "details":{"error_code":"organization_on_hold"}}})");
    CHECK(held.kind == ErrorKind::upstream);
}

TEST_CASE("an account without credit is a limit, whatever the status") {
    for (const auto& [status, name] :
         {std::pair{400, "error-400-no-credit.json"}, {402, "error-402-billing.json"}}) {
        const Told found = refusal(status, fixture(name));
        CHECK(found.error.kind == ErrorKind::rate_limited);
        CHECK(found.error.code == "insufficient_quota");
        CHECK(!has(found.error.message, "Billing"));
        CHECK(has(found.advice, "Plans & Billing"));
    }
}

TEST_CASE("the other statuses") {
    Told found = refusal(404, fixture("error-404-not-found.json"));
    CHECK(found.error.kind == ErrorKind::not_found);
    CHECK(found.error.code == "model_not_found");
    CHECK(found.error.param == "model");
    CHECK(has(found.error.message, "\"claude-sonnet-4-5\""));
    CHECK(has(found.advice, "base_url"));

    found = refusal(413, fixture("error-413-too-large.json"));
    CHECK(found.error.kind == ErrorKind::too_large);
    CHECK(has(found.advice, "32 MB"));

    found = refusal(429, fixture("error-429-rate-limit.json"), {{"retry-after", "17"}});
    CHECK(found.error.kind == ErrorKind::rate_limited);
    CHECK(found.error.retry_after_seconds == 17);
    CHECK(found.error.code == "");
    CHECK(has(found.error.message, "50,000 input tokens per minute"));

    CHECK(error_of(500, fixture("error-500-api-error.json")).kind == ErrorKind::upstream);

    found = refusal(529, fixture("error-529-overloaded.json"));
    CHECK(found.error.kind == ErrorKind::unavailable);
    CHECK(status_of(found.error) == 503);
    CHECK(has(found.advice, "second route"));

    CHECK(error_of(504, "").kind == ErrorKind::timeout);
    CHECK(error_of(302, "").kind == ErrorKind::upstream);
    CHECK(error_of(409, R"({"error":{"message":"twice"}})").message == "twice");
}

TEST_CASE("retry-after in seconds, fractions and dates, and none that makes sense") {
    auto seconds = [](const char* value) {
        return error_of(429, "{}", {{"retry-after", value}}).retry_after_seconds;
    };
    CHECK(seconds("0") == 0);
    CHECK(seconds("1.5") == 2);
    CHECK(seconds("99999999999999999999999") == 3600);
    CHECK(seconds("9999") == 3600);
    CHECK(seconds("-1") == 0);
    CHECK(seconds("soon") == 0);
    CHECK(seconds("1x") == 0);
    CHECK(seconds("nan") == 0);
    CHECK(seconds("Thu, 01 Jan 1970 00:00:30 GMT") == 30);
}

TEST_CASE("bodies that are not Anthropic's") {
    CHECK(!has(error_of(502, "<html><body>nginx/1.2</body></html>").message, "nginx"));
    CHECK(has(error_of(400, "plain words").message, "plain words"));
    CHECK(has(error_of(400, R"({"message":"a proxy's"})").message, "a proxy's"));
    CHECK(error_of(400, "").message == "Anthropic refused the request with status 400");
    CHECK(error_of(400, R"({"error":{"type":1,"message":[]}})").message ==
          "Anthropic refused the request with status 400");
    CHECK(error_of(400, std::string(200'000, 'x')).message.size() < 2000);
    CHECK(error_of(400, std::string(5000, '[')).kind == ErrorKind::bad_request);
}

TEST_CASE("a key in an upstream's message is not passed on") {
    const Error error = error_of(
        400,
        R"({"error":{"type":"invalid_request_error","message":"key sk-ant-api03-abcdefghijkl is odd"}})");
    CHECK(!has(error.message, "abcdefghijkl"));
    CHECK(has(error.message, "[redacted]"));
    CHECK(!has(error.detail, "abcdefghijkl"));
}

TEST_CASE("an error's type selects its status") {
    auto status = [](const std::string& type) { return told_by(error_event(type)).at(0).substr(0, 9); };
    CHECK(status("invalid_request_error") == "error 400");
    CHECK(status("authentication_error") == "error 502");
    CHECK(status("permission_error") == "error 502");
    CHECK(status("not_found_error") == "error 404");
    CHECK(status("request_too_large") == "error 413");
    CHECK(status("rate_limit_error") == "error 429");
    CHECK(status("timeout_error") == "error 504");
    CHECK(status("api_error") == "error 502");
    CHECK(status("overloaded_error") == "error 503");
    CHECK(status("of_a_time_to_come") == "error 502");
    CHECK(told_by(error_event("api_error")) ==
          Lines{"error 502: Anthropic sent an error instead of a response (Anthropic says: m)"});
}
