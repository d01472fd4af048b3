// SPDX-License-Identifier: Apache-2.0
// The bytes of streaming and non-streaming text completions, for any events.
#include "tests/plugins/dialect/openai/helper.hpp"

using namespace gatehouse;
using namespace gatehouse::openai_dialect;
using namespace gatehouse::openai_dialect::testing;
using Place = Extra::Place;

namespace {

AnswerFacts text_facts() {
    return {.id = "cmpl-1", .created = 1700000000, .model = "m", .prompt_characters = 4};
}
AnswerFacts with_logprobs() {
    AnswerFacts given = text_facts();
    given.logprobs = true;
    return given;
}

std::string whole_text(const std::vector<Event>& events, AnswerFacts given = text_facts()) {
    return answer(*whole_text_formatter(std::make_shared<const AnswerFacts>(std::move(given))), events).body;
}

/// The variable parts of a stream's events, one line per event.
std::string short_stream(std::string stream) {
    const std::string same =
        R"("id":"cmpl-1","object":"text_completion","created":1700000000,"model":"m","choices":)";
    for (std::size_t at; (at = stream.find(same)) != std::string::npos;) stream.replace(at, same.size(), ":");
    for (std::size_t at; (at = stream.find("\n\n")) != std::string::npos;) stream.erase(at, 1);
    for (std::size_t at; (at = stream.find("data: ")) != std::string::npos;) stream.erase(at, 6);
    return stream;
}
std::string text_stream(const std::vector<Event>& events, AnswerFacts given = text_facts()) {
    return short_stream(
        answer(*text_stream_formatter(std::make_shared<const AnswerFacts>(std::move(given))), events).body);
}

Extra beside(std::string members, int choice = 0) { return {Place::choice, {std::move(members)}, choice}; }

const std::string begin =
    R"({"id":"cmpl-1","object":"text_completion","created":1700000000,"model":"m","choices":[)";

}  // namespace

TEST_CASE("a non-streaming text with usage, to the byte") {
    CHECK(whole_text({AnswerInfo{}, TextDelta{" upon"}, TextDelta{" a \"time\""},
                      Finish{FinishReason::length}, Usage{3, 2, 5}}) ==
          begin + R"({"index":0,"text":" upon a \"time\"","logprobs":null,"finish_reason":"length"}],)"
                  R"("usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})");
}

TEST_CASE("a streaming text, to the byte, with usage if requested") {
    AnswerFacts asking = text_facts();
    asking.include_usage = true;
    const std::vector<Event> events = {TextDelta{" upon"}, TextDelta{" a"}, Finish{}, Usage{3, 2, 5}};
    CHECK(text_stream(events, asking) ==
          R"({:[{"index":0,"text":" upon","logprobs":null,"finish_reason":null}],"usage":null})"
          "\n"
          R"({:[{"index":0,"text":" a","logprobs":null,"finish_reason":null}],"usage":null})"
          "\n"
          R"({:[{"index":0,"text":"","logprobs":null,"finish_reason":"stop"}],"usage":null})"
          "\n"
          R"({:[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})"
          "\n[DONE]\n");
    CHECK(text_stream(events).ends_with(
        R"({:[{"index":0,"text":"","logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})"
        "\n[DONE]\n"));
}

TEST_CASE("other content of a chat is dropped, but a refusal becomes text") {
    const std::vector<Event> events = {ReasoningDelta{"hm"},
                                       ToolCallDelta{.index = 0, .id = "a", .name = "f"},
                                       Citation{"https://a", "A", 0, 1},
                                       Extra{Place::message, {R"({"audio":1})"}},
                                       RefusalDelta{"no"},
                                       Finish{FinishReason::tool_calls}};
    CHECK(whole_text(events) ==
          begin + R"({"index":0,"text":"no","logprobs":null,"finish_reason":"stop"}]})");
    CHECK(text_stream(events) == R"({:[{"index":0,"text":"no","logprobs":null,"finish_reason":null}]})"
                                 "\n"
                                 R"({:[{"index":0,"text":"","logprobs":null,"finish_reason":"stop"}]})"
                                 "\n[DONE]\n");
}

TEST_CASE("log probabilities are parallel arrays, and count characters from the prompt's end") {
    const std::vector<Event> events = {
        TextDelta{"\u00e4b"}, LogprobsDelta{{{"\u00e4b", -0.5, {{"\u00e4b", -0.5}, {"x", -2}, {"x", -3}}}}},
        TextDelta{"c"}, LogprobsDelta{{{"c", -1, {}}}}, Finish{}};
    CHECK(whole_text(events) ==
          begin +
              "{\"index\":0,\"text\":\"\u00e4bc\",\"logprobs\":{\"tokens\":[\"\u00e4b\",\"c\"],"
              "\"token_logprobs\":[-0.5,-1],\"top_logprobs\":[{\"\u00e4b\":-0.5,\"x\":-2},null],"
              "\"text_offset\":[4,6]},\"finish_reason\":\"stop\"}]}");
    CHECK(
        text_stream(events, with_logprobs()) ==
        "{:[{\"index\":0,\"text\":\"\u00e4b\",\"logprobs\":{\"tokens\":[\"\u00e4b\"],\"token_logprobs\":[-0."
        "5],"
        "\"top_logprobs\":[{\"\u00e4b\":-0.5,\"x\":-2}],\"text_offset\":[4]},\"finish_reason\":null}]}\n"
        R"({:[{"index":0,"text":"c","logprobs":{"tokens":["c"],"token_logprobs":[-1],"top_logprobs":null,"text_offset":[6]},"finish_reason":null}]})"
        "\n"
        R"({:[{"index":0,"text":"","logprobs":null,"finish_reason":"stop"}]})"
        "\n[DONE]\n");
}

TEST_CASE("an upstream's own offsets and members of logprobs are put back") {
    const std::vector<Event> events = {
        Extra{Place::answer, {R"({"system_fingerprint":"fp","object":"x"})"}},
        beside(R"({"stop_reason":7,"text":"no","logprobs":{"text_offset":[0,9],"tokens":["no"],"x":[1]}})"),
        TextDelta{"ab"},
        LogprobsDelta{{{"a", std::numeric_limits<double>::quiet_NaN(), {}}, {"b", -1, {}}}},
        beside(R"({"logprobs":{"text_offset":[1.5]}})"),
        LogprobsDelta{{{"c", -2, {}}}},
        Finish{}};
    CHECK(
        text_stream(events, with_logprobs()) ==
        R"({:[{"index":0,"text":"ab","logprobs":{"tokens":["a","b"],"token_logprobs":[null,-1],"top_logprobs":null,"text_offset":[0,9],"x":[1]},"finish_reason":null,"stop_reason":7}],"system_fingerprint":"fp"})"
        "\n"
        R"({:[{"index":0,"text":"","logprobs":{"tokens":["c"],"token_logprobs":[-2],"top_logprobs":null,"text_offset":[10]},"finish_reason":null}]})"
        "\n"
        R"({:[{"index":0,"text":"","logprobs":null,"finish_reason":"stop"}]})"
        "\n[DONE]\n");
    CHECK(
        whole_text(events) ==
        begin +
            R"({"index":0,"text":"ab","logprobs":{"tokens":["a","b","c"],"token_logprobs":[null,-1,-2],"top_logprobs":null,"text_offset":[0,9,10],"x":[1]},"finish_reason":"stop","stop_reason":7}],"system_fingerprint":"fp"})");
}

TEST_CASE("texts of several prompts keep their index, as many as were asked for") {
    AnswerFacts many = text_facts();
    many.choices = 200;
    const std::vector<Event> events = {TextDelta{"a", 199}, TextDelta{"b", 0}, TextDelta{"c", 200},
                                       Finish{FinishReason::stop, 199}, Finish{FinishReason::length, 0}};
    CHECK(whole_text(events, many) ==
          begin + R"({"index":0,"text":"b","logprobs":null,"finish_reason":"length"},)"
                  R"({"index":199,"text":"a","logprobs":null,"finish_reason":"stop"}]})");
}

TEST_CASE("silence, a broken stream and an end without a finish are told, and no text is lost") {
    auto formatter = text_stream_formatter(std::make_shared<const AnswerFacts>(with_logprobs()));
    std::string out;
    formatter->heartbeat(out);
    CHECK(short_stream(out) == R"({:[{"index":0,"text":"","logprobs":null,"finish_reason":null}]})"
                               "\n");
    out.clear();
    formatter->event(TextDelta{"a"}, out);
    CHECK(out.empty());  // the text waits for its probabilities
    formatter->heartbeat(out);
    CHECK(short_stream(out).starts_with(R"({:[{"index":0,"text":"a",)"));
    formatter->event(TextDelta{"b"}, out);
    out.clear();
    formatter->end(out);
    CHECK(
        short_stream(out) ==
        R"({:[{"index":0,"text":"b","logprobs":null,"finish_reason":null}]})"
        "\n"
        R"({"error":{"message":"The upstream ended its response without a finish reason.","type":"server_error","param":null,"code":"upstream_error"}})"
        "\n");
    out.clear();
    formatter->event(TextDelta{"c"}, out);
    formatter->heartbeat(out);
    formatter->end(out);
    CHECK(out.empty());
}

TEST_CASE("the dialect makes the formatter that the request asks for") {
    gatehouse::testing::FakeHost host;
    OpenAi dialect({}, host);
    for (const char* stream : {"true", "false"}) {
        auto parsed =
            dialect.parse({.method = "POST", .path = "/v1/completions"},
                          R"({"model":"m","prompt":["a","b"],"n":2,"stream":)" + std::string(stream) + "}");
        REQUIRE(parsed);
        CHECK(std::get<ChatRequest>(parsed->operation).completion);
        auto formatter = parsed->formatter();
        CHECK(formatter->streams() == (std::string(stream) == "true"));
        std::string out;
        formatter->event(TextDelta{"x", 3}, out);
        for (int i = 0; i < 4; ++i) formatter->event(Finish{FinishReason::stop, i}, out);
        formatter->end(out);
        CHECK(out.find(R"("id":"cmpl-)") != std::string::npos);
        CHECK(out.find(R"({"index":3,"text":"x")") != std::string::npos);
    }
    CHECK(dialect
              .parse({.method = "POST", .path = "/v1/completions", .headers = {{"content-type", "text/xml"}}},
                     "{}")
              .error()
              .status == 415);
}
