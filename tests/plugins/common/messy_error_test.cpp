// SPDX-License-Identifier: Apache-2.0
// The places where upstreams put the reason of an error, and documents that only look
// like errors.
#include <gatehouse/retry_after.hpp>
#include "plugins/common/upstream/error_body.hpp"
#include "plugins/common/upstream/error_document.hpp"
#include "plugins/common/upstream/error_text.hpp"
#include "plugins/common/upstream/tree.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::upstream;

namespace {

std::string reason(std::string_view body) { return read_error_body(body).message; }

bool is_error(std::string text) {
    const auto tree = Tree::parse(text);
    REQUIRE(tree);
    const dom::object top = *object(tree->root());
    const bool is = upstream::is_error(top);
    if (is) CHECK(may_be_error(top));
    return is;
}

std::string in_choice(std::string text) {
    const auto tree = Tree::parse(text);
    REQUIRE(tree);
    const dom::object top = *object(tree->root());
    const std::string error = error_in_choice(top);
    if (!error.empty()) CHECK(may_be_error(top));
    return error;
}

int seconds(http::Headers headers) { return retry_after_seconds(headers, {}); }

}  // namespace

TEST_CASE("the reason of an error is its innermost text") {
    // OpenRouter has the vendor's error in metadata.
    CHECK(reason(R"({"error":{"message":"Provider returned error","code":400,"metadata":{"raw":)"
                 R"("{\"error\":{\"message\":\"temperature is not supported\"}}","provider_name":"X"}}})") ==
          "temperature is not supported");
    CHECK(reason(R"({"error":{"message":"Provider returned error","metadata":{"raw":"plain words"}}})") ==
          "plain words");
    CHECK(
        reason(R"({"error":{"message":"Provider returned error","metadata":{"raw":{"detail":"inner"}}}})") ==
        "inner");
    CHECK(
        reason(R"({"error":{"message":"m","metadata":{"raw":"[{\"error\":{\"message\":\"listed\"}}]"}}})") ==
        "listed");
    for (const char* raw : {R"("")", R"("<html>502</html>")", "null", "{}", "7"})
        CHECK(reason(R"({"error":{"message":"m","metadata":{"raw":)" + std::string(raw) + "}}}") == "m");
    CHECK(reason(R"({"error":{"message":"m","metadata":{"reasons":["x"]}}})") == "m");
    // FastAPI has a place and a text.
    CHECK(reason(R"({"detail":[{"loc":["body","x"],"msg":"field required","type":"value_error"}]})") ==
          "field required (body.x)");
    CHECK(reason(R"({"detail":[{"type":"missing","loc":["body","messages",0,"role"],"msg":"Field required"},)"
                 R"({"loc":["body"],"msg":"second"}]})") == "Field required (body.messages.0.role)");
    CHECK(reason(R"({"detail":[{"msg":"no place"}]})") == "no place");
    CHECK(reason(R"({"detail":"no such lora"})") == "no such lora");
    CHECK(reason(R"({"detail":{"error":"inner"}})") == "inner");
    CHECK(reason(R"({"detail":["a list of texts"]})") == "a list of texts");
    // Lists of errors, and other names.
    CHECK(reason(R"({"success":false,"errors":[{"code":7003,"message":"no route"}],"result":null})") ==
          "no route");
    CHECK(reason(R"({"errors":["first","second"]})") == "first");
    CHECK(reason(R"([{"error":{"message":"in a list"}}])") == "in a list");
    CHECK(reason(R"({"statusCode":400,"message":["a must be text"],"error":"Bad Request"})") ==
          "a must be text");
    CHECK(reason(R"({"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}})") ==
          "insufficient balance");
    CHECK(reason(R"({"error_code":17,"error_msg":"daily limit"})") == "daily limit");
    CHECK(reason(R"({"error":{"message":"m"}})") == "m");
}

TEST_CASE("the reason of an error is never a compressed body") {
    CHECK(reason("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xabVJ-*\xca/R\xb2R\xcaM-.NLOU\xd2") == "");
    CHECK(reason(std::string_view("text\0text", 9)) == "");
    CHECK(reason("\x28\xb5\x2f\xfd\x04\x58\x99\x00\x00") == "");
    CHECK(reason("caf\xe9 is closed today") == "caf\xEF\xBF\xBD is closed today");
    CHECK(reason("two\nlines") == "two lines");
}

TEST_CASE("a choice wins over a code and a message") {
    const std::string choices = R"("choices":[{"message":{"content":"hello"},"index":0}])";
    CHECK_FALSE(is_error(R"({"code":0,"message":"Success","sid":"s",)" + choices + "}"));
    CHECK_FALSE(is_error(R"({"code":10013,"message":"odd",)" + choices + "}"));
    CHECK_FALSE(is_error(R"({"msg":"ok","detail":"x",)" + choices + "}"));
    CHECK_FALSE(is_error(R"({"base_resp":{"status_code":0,"status_msg":""},)" + choices + "}"));
    CHECK_FALSE(is_error(R"({"code":0,"message":"Success","choices":[],"usage":{"total_tokens":5}})"));
    CHECK_FALSE(is_error(R"({"code":"200","message":"ok","sid":"s"})"));
    for (const char* none : {"null", "\"\"", "{}", "[]", "false", "0", R"({"code":0,"message":"Success"})"})
        CHECK_FALSE(is_error(R"({"error":)" + std::string(none) + "," + choices + "}"));

    CHECK(is_error(R"({"error":{"message":"m"},)" + choices + "}"));
    CHECK(is_error(R"({"error":"text","choices":[]})"));
    CHECK(is_error(R"({"code":10013,"message":"refused","choices":[]})"));
    CHECK(is_error(R"({"code":10013,"message":"refused"})"));
    CHECK(is_error(R"({"message":"no code"})"));
    CHECK(is_error(R"({"code":"429"})"));
    CHECK(is_error(R"({"detail":"m"})"));
    CHECK(is_error(R"({"success":false,"errors":[{"message":"m"}]})"));
    CHECK(is_error(R"({"base_resp":{"status_code":1008,"status_msg":"m"},"choices":null})"));
    CHECK_FALSE(is_error(R"({"type":"message_start","message":{"content":[]}})"));
    CHECK_FALSE(is_error(R"({"finishReason":"stop"})"));
}

TEST_CASE("an error may be inside a choice") {
    CHECK(in_choice(R"({"choices":[{"index":0,"error":{"code":429,"message":"m"}}]})") ==
          R"({"error":{"code":429,"message":"m"}})");
    CHECK(in_choice(R"({"choices":[{"index":0},{"index":1,"error":"text"}]})") == R"({"error":"text"})");
    CHECK(in_choice(R"({"chatResponse":{"choices":[{"error":{"message":"m"}}]}})") ==
          R"({"error":{"message":"m"}})");
    CHECK(in_choice(R"({"choices":[{"error":null},{"error":{}},{"error":""},7]})").empty());
    CHECK(in_choice(R"({"choices":{"error":"x"}})").empty());
    CHECK(in_choice("{}").empty());
}

TEST_CASE("a response without the members of an error needs no further look") {
    const auto suspect = [](std::string text) {
        const auto tree = Tree::parse(text);
        REQUIRE(tree);
        return may_be_error(*object(tree->root()));
    };
    CHECK(!suspect(R"({"id":"x","choices":[{"index":0,"delta":{"content":"error"},"finish_reason":null}]})"));
    CHECK(!suspect(R"({"index":0,"message":{"role":"ASSISTANT","content":[]},"pad":"a"})"));
    CHECK(!suspect(R"({"chatResponse":{"apiFormat":"GENERIC","choices":[{"message":{}}]}})"));
    for (const char* text :
         {R"({"message":"m"})", R"({"msg":"m"})", R"({"code":1})", R"({"error":{}})", R"({"detail":"d"})",
          R"({"errors":[1]})", R"({"error_msg":"m"})", R"({"error_message":"m"})", R"({"base_resp":{}})",
          R"({"choices":[{},{"error":{}}]})", R"({"chatResponse":{"choices":[{"error":{}}]}})"})
        CHECK_MESSAGE(suspect(text), text);
}

TEST_CASE("the words of servers for a prompt that is too long are known, with the limit") {
    struct Row {
        const char* text;
        std::int64_t limit;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it",
              8192},
             {"the request exceeds the available context size. try increasing the context size or enable "
              "context shift",
              0},
             {"the decoder prompt (length 9000) is longer than the maximum model length of 8192.", 8192},
             {"the input (9000 tokens) is longer than the model's context length (8192 tokens).", 8192},
             {"prompt contains 9000 tokens and 0 draft tokens, too large for model with 8192 maximum context "
              "length",
              8192},
             {"input validation error: `inputs` must have less than 8192 tokens. given: 9000", 8192},
             {"`inputs` tokens + `max_new_tokens` must be <= 8192. given: 9000 `inputs` tokens", 8192},
             {"range of input length should be [1, 8192]", 8192},
             {"your request exceeded model token limit: 8192", 8192},
             {"prompt exceeds max length", 0},
             {"prompt length 9000 is greater than max_seq_len 8192", 8192},
             {"requested tokens (9000) exceed context window of 8192", 8192},
             {"this model's maximum context length is 8192 tokens.", 8192},
             {"prompt is too long", 0},
         }) {
        CAPTURE(row.text);
        CHECK(says_context_length(row.text));
        CHECK(limit_in(row.text).value_or(0) == row.limit);
    }
    for (const char* text : {"temperature must be <= 2", "max_tokens must be at most 4096", "field required",
                             "model not found", "rate limit reached"})
        CHECK_FALSE(says_context_length(text));

    const ErrorBody body = read_error_body(
        R"({"error":{"message":"m","code":400,"type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":8192}})");
    CHECK(body.context_length);
    CHECK(body.limit == 8192);
    CHECK_FALSE(read_error_body(R"({"error":{"type":"invalid_request_error","n_ctx":-1}})").context_length);
}

TEST_CASE("retry-after-ms is read if retry-after is missing or invalid, rounded up") {
    CHECK(seconds({{"retry-after-ms", "12500"}}) == 13);
    CHECK(seconds({{"Retry-After-Ms", "1"}}) == 1);
    CHECK(seconds({{"retry-after-ms", "2000"}}) == 2);
    CHECK(seconds({{"retry-after-ms", "1500.5"}}) == 2);
    CHECK(seconds({{"retry-after-ms", "99999999999"}}) == 3600);
    CHECK(seconds({{"retry-after", "soon"}, {"retry-after-ms", "900"}}) == 1);
    CHECK(seconds({{"retry-after", ""}, {"retry-after-ms", "900"}}) == 1);
    CHECK(seconds({{"retry-after", "7"}, {"retry-after-ms", "900"}}) == 7);
    CHECK(seconds({{"retry-after", "0"}, {"retry-after-ms", "900"}}) == 0);
    CHECK(seconds({{"retry-after", "Thu, 01 Jan 1970 00:00:05 GMT"}, {"retry-after-ms", "900"}}) == 5);
    for (const char* invalid : {"", "soon", "-5", "0", "nan", "1e", "5 s", "0x10"})
        CHECK(seconds({{"retry-after-ms", invalid}}) == 0);
    CHECK(seconds({}) == 0);
}
