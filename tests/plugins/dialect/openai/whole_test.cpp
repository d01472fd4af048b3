// SPDX-License-Identifier: Apache-2.0
// The bytes of non-streaming responses and of lists of models.
#include "tests/plugins/dialect/openai/helper.hpp"

using namespace gatehouse;
using namespace gatehouse::openai_dialect;
using namespace gatehouse::openai_dialect::testing;

namespace {

const std::string begin =
    R"({"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-5","choices":[)";
const std::string end = R"(],"system_fingerprint":null})";

std::string choice(const std::string& message, const std::string& finish) {
    return R"({"index":0,"message":{"role":"assistant",)" + message +
           R"(},"logprobs":null,"finish_reason":")" + finish + "\"}";
}

Answer models(const std::string& id, const std::vector<Event>& events) {
    return answer(*models_formatter(id), events);
}

}  // namespace

TEST_CASE("a text with usage, to the byte") {
    CHECK(
        whole({AnswerInfo{.service_tier = "default"}, TextDelta{"Hel"}, TextDelta{"lo"}, Finish{},
               Usage{.prompt = 9,
                     .completion = 2,
                     .total = 11,
                     .cached = 3,
                     .reasoning = 1,
                     .accepted_prediction = 0,
                     .rejected_prediction = 0}}) ==
        begin + choice(R"("content":"Hello","refusal":null)", "stop") +
            R"(],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":1,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default","system_fingerprint":null})");
}

TEST_CASE("tool calls leave the content null, unless there is text") {
    const std::vector<Event> calls = {
        ToolCallDelta{.index = 0, .id = "a", .name = "f", .arguments = "{\"x\""},
        ToolCallDelta{.index = 1, .id = "b", .name = "g"}, ToolCallDelta{.index = 0, .arguments = ":1}"},
        Finish{FinishReason::stop}};
    const std::string listed =
        R"("tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}])";
    CHECK(whole(calls) == begin + choice(R"("content":null,"refusal":null,)" + listed, "tool_calls") + end);
    std::vector<Event> with_text = calls;
    with_text.insert(with_text.begin(), TextDelta{"I call"});
    CHECK(whole(with_text) ==
          begin + choice(R"("content":"I call","refusal":null,)" + listed, "tool_calls") + end);
}

TEST_CASE("an empty answer has an empty text") {
    CHECK(whole({Finish{FinishReason::length}}) ==
          begin + choice(R"("content":"","refusal":null)", "length") + end);
}

TEST_CASE("reasoning, refusal, annotations and logprobs have their places") {
    CHECK(
        whole({ReasoningDelta{"h"}, ReasoningDelta{"m"}, RefusalDelta{"no"}, Citation{"https://a", "A", 0, 1},
               Citation{"https://b", "B", 1, 2}, LogprobsDelta{{{"a", -0.5, {}}}},
               LogprobsDelta{{{"b", -1, {}}}}, Finish{FinishReason::content_filter}}) ==
        begin +
            R"({"index":0,"message":{"role":"assistant","content":"","reasoning_content":"hm","refusal":"no","annotations":[{"type":"url_citation","url_citation":{"start_index":0,"end_index":1,"title":"A","url":"https://a"}},{"type":"url_citation","url_citation":{"start_index":1,"end_index":2,"title":"B","url":"https://b"}}]},"logprobs":{"content":[{"token":"a","logprob":-0.5,"bytes":[97],"top_logprobs":[]},{"token":"b","logprob":-1,"bytes":[98],"top_logprobs":[]}],"refusal":null},"finish_reason":"content_filter"})" +
            end);
}

TEST_CASE("choices stand in the order of their index, each with its own text") {
    const std::string body =
        whole({TextDelta{"b", 1}, TextDelta{"a", 0}, Finish{FinishReason::stop, 1}, TextDelta{"late", 1},
               Finish{FinishReason::length, 0}, Finish{FinishReason::length, 1}, TextDelta{"x", -1},
               TextDelta{"x", 1 << 30}});
    CHECK(
        body ==
        begin + choice(R"("content":"a","refusal":null)", "length") + "," +
            R"({"index":1,"message":{"role":"assistant","content":"b","refusal":null},"logprobs":null,"finish_reason":"stop"})" +
            end);
}

TEST_CASE("a request with functions gets function_call in the message") {
    AnswerFacts given = facts();
    given.functions = true;
    CHECK(whole({ToolCallDelta{.index = 0, .id = "a", .name = "f"}, Finish{}}, given) ==
          begin +
              choice(R"("content":null,"refusal":null,"function_call":{"name":"f","arguments":"{}"})",
                     "function_call") +
              end);
}

TEST_CASE("nothing goes out before the end, and an end without a finish is a failed answer") {
    auto formatter = whole_formatter(std::make_shared<const AnswerFacts>(facts()));
    CHECK(!formatter->streams());
    std::string out;
    formatter->event(TextDelta{"a"}, out);
    formatter->heartbeat(out);
    CHECK(out == "");
    formatter->end(out);
    CHECK(formatter->head().status == 502);
    CHECK(
        out ==
        R"({"error":{"message":"The upstream ended its response without a finish reason.","type":"server_error","param":null,"code":"upstream_error"}})");
}

TEST_CASE("a non-streaming response is JSON with status 200") {
    auto formatter = whole_formatter(std::make_shared<const AnswerFacts>(facts()));
    const Answer made = answer(*formatter, {TextDelta{"a"}, Finish{}});
    CHECK(made.head.status == 200);
    CHECK(made.head.headers.get("content-type") == "application/json");
}

TEST_CASE("all models, one model, no model") {
    const ModelInfo known{.id = "vendor/m", .owned_by = "oci", .created = 1700000000};
    const ModelInfo large{.id = "l", .context_window = 200000, .max_output_tokens = 8192};
    CHECK(
        models("", {known, large}).body ==
        R"({"object":"list","data":[{"id":"vendor/m","object":"model","created":1700000000,"owned_by":"oci"},{"id":"l","object":"model","created":0,"owned_by":"gatehouse","context_window":200000,"max_output_tokens":8192}]})");
    CHECK(models("", {}).body == R"({"object":"list","data":[]})");
    CHECK(models("vendor/m", {known}).body ==
          R"({"id":"vendor/m","object":"model","created":1700000000,"owned_by":"oci"})");
    CHECK(models("vendor/m", {known}).head.status == 200);
    const Answer none = models("x", {});
    CHECK(none.head.status == 404);
    CHECK(
        none.body ==
        R"({"error":{"message":"There is no such model.","type":"invalid_request_error","param":"model","code":"model_not_found"}})");
}
