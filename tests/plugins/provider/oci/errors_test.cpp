// SPDX-License-Identifier: Apache-2.0
// Error responses in all forms, and the client's errors.
#include "plugins/provider/oci/errors.hpp"
#include "plugins/provider/oci/text.hpp"

#include <gatehouse/retry_after.hpp>
#include "plugins/common/upstream/error_body.hpp"
#include "plugins/common/upstream/error_text.hpp"
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

Error error_of(int code, std::string_view body, const std::string& model = "meta.llama-3.3-70b-instruct",
               const Options& given = options(), http::Headers headers = {}) {
    Bench bench(given);
    ChatRequest request = ask(model);
    auto result = testing::replay(bench.provider, request, {body}, status(code, std::move(headers)));
    REQUIRE(!result);
    return result.error();
}

std::string ours(const std::string& text) {
    return "{\"code\":\"400\",\"message\":" + Json(text).dump() + "}";
}

}  // namespace

TEST_CASE("the recorded errors have the kinds of the table") {
    struct Row {
        const char* file;
        int status;
        ErrorKind kind;
        const char *code, *param, *message;
    };
    const Row table[] = {
        {"error-400-blocklist.json", 400, ErrorKind::bad_request, "content_filter", "",
         "Inappropriate output content detected in output blocklist"},
        {"error-400-invalid-parameter.json", 400, ErrorKind::bad_request, "", "tool_call_id",
         "Invalid parameter: 'toolCallId' of 'call_0sByUt0BQRSUo1fh3n-vrQ' not found in 'toolCalls' of "
         "previous message."},
        {"error-400-nested-openai.json", 400, ErrorKind::bad_request, "unsupported_value", "temperature",
         "Unsupported value..."},
        {"error-400-nested-xai.json", 400, ErrorKind::bad_request, "", "",
         "Argument not supported on this model: stop"},
        {"error-400-openai-plain.json", 400, ErrorKind::bad_request, "unsupported_value", "temperature",
         "OCI refused the request with status 400"},
        {"error-400-type-mismatch.json", 400, ErrorKind::bad_request, "", "",
         "model \"meta.llama-3.3-70b-instruct\" does not take requests in the format GENERIC: set the key "
         "models.\"meta.llama-3.3-70b-instruct\".format of this provider to \"cohere\" or \"coherev2\""},
        {"error-401-not-authenticated.json", 401, ErrorKind::upstream, "", "",
         "OCI rejected the gateway's own credentials (status 401): check the provider's signer (key, "
         "fingerprint, tenancy) and the clock of this machine"},
        {"error-404-model-not-found.json", 404, ErrorKind::not_found, "model_not_found", "model",
         "OCI does not know this model, or does not allow the gateway to use it: check that region "
         "us-chicago-1 offers \"meta.llama-3.3-70b-instruct\" on demand, and that the policies of "
         "compartment ocid1.compartment.oc1..aaaaaaaaexample allow its use (OCI says: Entity with key "
         "cohere.does-not-exist not found)"},
        {"error-404-not-authorized-named.json", 404, ErrorKind::not_found, "model_not_found", "model",
         nullptr},
        {"error-404-not-authorized.json", 404, ErrorKind::not_found, "model_not_found", "model", nullptr},
        {"error-409-incorrect-state.json", 409, ErrorKind::conflict, "", "",
         "The requested state for the resource conflicts with its current state."},
        {"error-413-too-large.json", 413, ErrorKind::too_large, "", "", "Request entity too large."},
        {"error-429-too-many-requests.json", 429, ErrorKind::rate_limited, "", "",
         "Too many requests for the user."},
        {"error-500-internal.json", 500, ErrorKind::upstream, "", "",
         "OCI failed with status 500 (OCI says: Internal Server Error)"},
        {"error-503-unavailable.json", 503, ErrorKind::unavailable, "", "",
         "The service is currently unavailable."},
    };
    for (const Row& row : table) {
        CAPTURE(row.file);
        const std::string body = fixture(row.file);
        const Error error = error_of(row.status, body);
        CHECK(error.kind == row.kind);
        CHECK(error.code == row.code);
        CHECK(error.param == row.param);
        if (row.message) CHECK(error.message == row.message);

        Bench bench;
        const ChatRequest request = ask();
        int wrong = 0;
        testing::replay_cut_everywhere(
            bench.provider, request, body,
            [&](const auto& result) { wrong += result || result.error().message != error.message; },
            status(row.status));
        CHECK(wrong == 0);
    }
}

TEST_CASE("every status has its kind, also with an empty body") {
    const std::pair<int, ErrorKind> table[] = {
        {300, ErrorKind::upstream},    {307, ErrorKind::upstream},      {400, ErrorKind::bad_request},
        {401, ErrorKind::upstream},    {402, ErrorKind::rate_limited},  {403, ErrorKind::upstream},
        {404, ErrorKind::not_found},   {405, ErrorKind::bad_request},   {407, ErrorKind::upstream},
        {408, ErrorKind::timeout},     {409, ErrorKind::conflict},      {410, ErrorKind::not_found},
        {412, ErrorKind::bad_request}, {413, ErrorKind::too_large},     {415, ErrorKind::bad_request},
        {418, ErrorKind::upstream},    {422, ErrorKind::unprocessable}, {429, ErrorKind::rate_limited},
        {500, ErrorKind::upstream},    {501, ErrorKind::upstream},      {502, ErrorKind::upstream},
        {503, ErrorKind::unavailable}, {504, ErrorKind::timeout},       {520, ErrorKind::upstream},
        {100, ErrorKind::upstream},    {999, ErrorKind::upstream},
    };
    const std::string bodies[] = {"",
                                  "<html><head><title>502 Bad Gateway</title></head></html>",
                                  "{",
                                  "[]",
                                  "{}",
                                  "null",
                                  "{\"code\":[],\"message\":{}}",
                                  "{\"code\":null,\"message\":null,\"error\":7}",
                                  std::string(70'000, '['),
                                  "{\"message\":\"{\\\"message\\\":\\\"<html>\\\"}\"}"};
    for (const auto& row : table)
        for (const std::string& body : bodies) {
            const auto& code = row.first;
            const auto& kind = row.second;
            CAPTURE(code);
            CAPTURE(body.substr(0, 100));
            const Error error = error_of(code, body);
            CHECK(error.kind == kind);
            CHECK(!error.message.empty());
            CHECK(error.message.find('<') == std::string::npos);
            CHECK(error.message.size() < 1500);
        }
}

TEST_CASE("the innermost message is kept, with its code and field") {
    const std::pair<std::string, Error> table[] = {
        {ours(R"({"error":{"message":"inner","type":"t","param":"topP","code":"invalid_value"}})"),
         {.message = "inner", .code = "invalid_value", .param = "top_p"}},
        {ours(R"({"code":"Client specified an invalid argument","error":"inner"})"), {.message = "inner"}},
        {ours(R"({"error":{"code":400,"message":"inner","status":"INVALID_ARGUMENT"}})"),
         {.message = "inner", .code = "INVALID_ARGUMENT"}},
        {R"({"error":{"message":"inner","param":"maxTokens","code":"integer_above_max_value"}})",
         {.message = "inner", .code = "integer_above_max_value", .param = "max_tokens"}},
        {R"([{"error":{"code":400,"message":"inner"}}])", {.message = "inner"}},
        {R"({"error":"inner"})", {.message = "inner"}},
        {R"({"detail":"inner"})", {.message = "inner"}},
        {R"({"timestamp":"x","status":400,"error":"Bad Request","message":"inner"})", {.message = "inner"}},
        {R"({"code":"InvalidParameter","message":"inner"})",
         {.message = "inner", .code = "InvalidParameter"}},
        {R"({"code":400,"message":"inner"})", {.message = "inner"}},
        {"inner", {.message = "inner"}},
        {ours(ours(R"({"error":{"message":"inner"}})")), {.message = "inner"}},
        {ours("{not json"), {.message = "{not json"}},
        {R"({"code":"400","message":"  in\n\tner  "})", {.message = "in ner"}},
    };
    for (const auto& row : table) {
        const auto& body = row.first;
        const auto& expected = row.second;
        CAPTURE(body);
        const Error error = error_of(400, body);
        CHECK(error.message == expected.message);
        CHECK(error.code == expected.code);
        CHECK(error.param == expected.param);
    }
}

TEST_CASE("a too long prompt gets OpenAI's wording, with the upstream's or the model's limit") {
    struct Row {
        const char *text, *limit;
    };
    const Row table[] = {
        {"This model's maximum context length is 131072 tokens. However, you requested 200000 tokens.",
         "131072"},
        {"This model's maximum prompt length is 131072 but the request contains 200000 tokens.", "131072"},
        {"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
         "1048576"},
        {"too many tokens: total number of tokens in the prompt cannot exceed 128000 - received 130000",
         "128000"},
        {"input is too long: the limit is 8,192 tokens", "8192"},
        {"Your input exceeds the context window of this model. Please adjust your input and try again.",
         "131072"},
        {"prompt is too long", "131072"},
    };
    for (const Row& row : table) {
        CAPTURE(row.text);
        const Error error = error_of(400, ours(row.text));
        CHECK(error.kind == ErrorKind::context_length);
        CHECK(error.code == "context_length_exceeded");
        CHECK(error.message.find(std::string("maximum context length is ") + row.limit + " tokens") !=
              std::string::npos);
    }
    CHECK(error_of(400, ours(table[0].text)).message == table[0].text);
    CHECK(error_of(400, R"({"error":{"code":"context_length_exceeded"}})").kind == ErrorKind::context_length);

    Options given = options();
    given.models["some.model"].context_window = 5000;
    CHECK(error_of(400, ours("prompt is too long"), "some.model", given).message ==
          "this model's maximum context length is 5000 tokens (OCI says: prompt is too long)");
    CHECK(error_of(400, ours("prompt is too long"), "other.model", given).message ==
          "the messages are longer than this model's maximum context length (OCI says: prompt is too long)");
    for (const char* other : {"maxTokens must be less than or equal to 4000",
                              "max_tokens must be at most 4096", "Please provide a prompt"})
        CHECK(error_of(400, ours(other)).kind == ErrorKind::bad_request);
}

TEST_CASE("OCI's texts about the gateway's credentials are only in the log") {
    for (int code : {401, 403, 407}) {
        const Error error = error_of(
            code, R"({"code":"NotAuthenticated","message":"key 20:3b of ocid1.user..x is unknown"})");
        CHECK(status_of(error) == 502);
        CHECK(error.code.empty());
        CHECK(error.message.find("ocid1.user") == std::string::npos);
        CHECK(error.detail == "status " + std::to_string(code) +
                                  ", code NotAuthenticated: key 20:3b of ocid1.user..x is unknown");
    }
}

TEST_CASE("a not found error names the values to check") {
    Options given = options();
    given.region = {};
    given.endpoint = {"http://127.0.0.1:9999"};
    const std::string message = error_of(404, "", "xai.grok-4", given).message;
    for (const char* name :
         {"the configured endpoint", "\"xai.grok-4\"", "ocid1.compartment.oc1..aaaaaaaaexample"})
        CHECK(message.find(name) != std::string::npos);
    given.endpoint = {"https://inference.generativeai.eu-frankfurt-1.oci.oraclecloud.com"};
    CHECK(error_of(404, "", "xai.grok-4", given).message.find("region eu-frankfurt-1") != std::string::npos);
}

TEST_CASE("quota and throttling have different codes") {
    CHECK(error_of(402, "").code == "insufficient_quota");
    CHECK(error_of(429, ours(R"({"error":{"message":"m","code":"insufficient_quota"}})")).code ==
          "insufficient_quota");
    CHECK(error_of(429, R"({"code":"429","message":"slow down"})").code == "");
}

TEST_CASE("reasons and words of other servers are read") {
    CHECK(error_of(400, R"({"detail":[{"loc":["body","x"],"msg":"field required"}]})").message ==
          "field required (body.x)");
    CHECK(error_of(400, ours(R"({"error":{"message":"m","metadata":{"raw":"inner"}}})")).message == "inner");
    const Error error = error_of(
        400, ours(R"({"error":{"type":"exceed_context_size_error","message":"too much","n_ctx":8192}})"));
    CHECK(error.kind == ErrorKind::context_length);
    CHECK(error.message.starts_with("this model's maximum context length is 8192 tokens"));
    CHECK(whole(R"({"chatResponse":{"choices":[{"index":0,"error":{"code":429,"message":"busy"}}]}})") ==
          Lines{"error 429: busy"});
}

TEST_CASE("retry-after is passed on, in seconds or as a date, within an hour") {
    const std::chrono::system_clock::time_point now{
        std::chrono::seconds{784111777}};  // Sun, 06 Nov 1994 08:49:37 GMT
    const std::pair<const char*, int> table[] = {
        {"5", 5},
        {"0", 0},
        {"", 0},
        {"-3", 0},
        {"1.5", 2},
        {"99999", 3600},
        {"99999999999999999999999", 3600},
        {"soon", 0},
        {"Sun, 06 Nov 1994 08:50:07 GMT", 30},
        {"Sun, 06 Nov 1994 08:49:00 GMT", 0},
        {"Sun, 06 Nov 2094 08:49:37 GMT", 3600},
        {"Fri, 31 Dec 9999 23:59:59 GMT", 3600},
        {"Sun, 06 Foo 1994 08:50:07 GMT", 0},
        {"Sun, xx Nov 1994 08:50:07 GMT", 0},
        {"Sun, 36 Nov 1994 08:50:07 GMT", 0},
        {"5 ", 0},
        {"0x5", 0},
        {"Sun, 06 Nov 1994 08:50:07 CET", 0},
        {"+5", 0},
    };
    for (const auto& row : table) {
        const auto& value = row.first;
        const auto& seconds = row.second;
        CAPTURE(value);
        CHECK(retry_after_seconds(value, now) == seconds);
    }
    CHECK(error_of(429, "", "m", options(), {{"Retry-After", "7"}}).retry_after_seconds == 7);
    CHECK(error_of(503, "", "m", options(), {{"retry-after", "9"}}).retry_after_seconds == 9);
    CHECK(error_of(429, "", "m", options(), {{"retry-after-ms", "12500"}}).retry_after_seconds == 13);
}

TEST_CASE("texts that look like credentials are not shown") {
    CHECK(presentable("Incorrect API key provided: sk-abcdef123456.") ==
          "Incorrect API key provided: [redacted]");
    CHECK(presentable("token eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30.abc is old") ==
          "token [redacted] is old");
    CHECK(presentable("keyId=\"ST$eyJabcdefghijkl\"") == "keyId=\"[redacted]\"");
    CHECK(presentable("Authorization: Bearer abc def") == "Authorization: Bearer [redacted] def");
    CHECK(presentable("signature=\"AbC123\"") == "signature=\"[redacted]\"");
    CHECK(presentable(std::string(5000, 'x')) == "[redacted]");
    CHECK(presentable("skin and eyJ are words; ST$ too") == "skin and eyJ are words; ST$ too");
    const std::string long_text = presentable([] {
        std::string text;
        for (int i = 0; i < 1000; ++i) text += "\xC3\xBC ";
        return text;
    }());
    CHECK(long_text.size() <= 1000);
    CHECK(Json(long_text).dump().size() > 900);  // dump() throws on broken UTF-8
    CHECK(presentable("\xff\x01 x\n\n y") == "\xEF\xBF\xBD x y");
}

TEST_CASE("names of fields become OpenAI's names") {
    const std::pair<const char*, const char*> table[] = {{"maxTokens", "max_tokens"},
                                                         {"topP", "top_p"},
                                                         {"numGenerations", "n"},
                                                         {"isParallelToolCalls", "parallel_tool_calls"},
                                                         {"temperature", "temperature"},
                                                         {"messages[0].toolCalls", "messages[0].tool_calls"},
                                                         {"toolCallId", "tool_call_id"},
                                                         {"", ""},
                                                         {"URL", "u_r_l"}};
    for (const auto& [from, to] : table) CHECK(openai_name(from) == to);
}
