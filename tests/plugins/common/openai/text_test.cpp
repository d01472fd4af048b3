// SPDX-License-Identifier: Apache-2.0
// Text completions are forwarded unchanged in both directions.  Each response is cut at every
// byte.
#include "plugins/common/openai/chat_request.hpp"
#include "plugins/common/openai/text_answer.hpp"
#include "plugins/dialect/openai/request_parser.hpp"
#include "plugins/dialect/openai/response_formatter.hpp"

#include <doctest/doctest.h>
#include <gatehouse/testing.hpp>

using namespace gatehouse;
using namespace gatehouse::openai_format;

namespace {

std::string sent(std::string body, const WireFormat& wire = {}) {
    auto parsed = openai_dialect::parse_completion(body, openai_dialect::Bounds{});
    REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
    return write_completion(parsed->request, wire);
}

/// The client's response for the upstream's `body`, which arrives in these pieces.
std::string got(const std::vector<std::string_view>& pieces, bool streamed) {
    upstream::AnswerStream stream(make_text_reader("the upstream", !streamed), "the upstream", Limits{},
                                  [](std::string_view json) {
                                      return Error{ErrorKind::upstream, "told: " + std::string(json)};
                                  });
    openai_dialect::AnswerFacts facts{
        .id = "c", .created = 7, .model = "m", .choices = 2, .include_usage = true};
    facts.logprobs = true;
    auto shared = std::make_shared<const openai_dialect::AnswerFacts>(facts);
    auto formatter = streamed ? openai_dialect::text_stream_formatter(shared)
                              : openai_dialect::whole_text_formatter(shared);
    testing::Events events;
    for (std::string_view piece : pieces)
        if (auto ok = stream.feed(piece, events); !ok) return ok.error().message;
    if (auto ok = stream.end(events); !ok) return ok.error().message;
    std::string out;
    for (const Event& event : events.list) formatter->event(event, out);
    formatter->end(out);
    return out;
}

/// Checks that the result is the same wherever the body is cut.
std::string through(std::string_view body, bool streamed) {
    const std::string whole = got({body}, streamed);
    for (std::size_t cut = 1; cut < body.size(); ++cut)
        if (got({body.substr(0, cut), body.substr(cut)}, streamed) != whole) {
            CAPTURE(cut);
            CHECK(got({body.substr(0, cut), body.substr(cut)}, streamed) == whole);
            break;
        }
    return whole;
}

std::string whole(const std::string& choices, const std::string& rest = "") {
    return R"({"id":"c","object":"text_completion","created":7,"model":"m","choices":[)" + choices + "]" +
           rest + "}";
}

const std::string usage = R"(,"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3})";

}  // namespace

TEST_CASE("every field of a text completion goes through unchanged, known or not") {
    const std::string all =
        R"("suffix":"end","echo":true,"best_of":3,"max_tokens":0,"temperature":0.5,"top_p":0.25,"top_k":4,"n":2,"seed":-7,)"
        R"("presence_penalty":1,"frequency_penalty":-1,"logit_bias":{"5":-100},"stop":["a"],"logprobs":2,"user":"u","min_p":0.1})";
    for (const char* prompt : {R"("Once \u00e4\n")", R"(["a", "b"])", "[1,2]", "[[1],[2, 3]]", "\"\""}) {
        const std::string body = R"({"model":"m","prompt":)" + std::string(prompt) + "," + all;
        std::string expected = body;
        if (const auto at = expected.find("\\u00e4"); at != std::string::npos)
            expected.replace(at, 6, "\u00e4");
        CHECK(sent(body) == expected);
    }
    CHECK(sent(R"({"model":"m","prompt":["a"]})") == R"({"model":"m","prompt":"a"})");
    CHECK(sent(R"({"model":"m","prompt":"a"})", {.stream = true}) ==
          R"({"model":"m","prompt":"a","stream":true,"stream_options":{"include_usage":true}})");
    CHECK(sent(R"({"model":"m","prompt":"a","echo":false,"top_k":4})", {.wants = [](std::string_view name) {
                   return name != "top_k";
               }}) == R"({"model":"m","prompt":"a","echo":false})");
}

TEST_CASE("a prompt to which a hook has added messages is all of their texts") {
    ChatRequest request{.model = "m",
                        .messages = {{.parts = {Text{"a"}}}, {.parts = {Text{"b"}, Text{"c"}}}}};
    request.completion.emplace();
    CHECK(write_completion(request, {}) == R"({"model":"m","prompt":"a\n\nbc"})");
}

TEST_CASE("a non-streaming response is forwarded to the byte") {
    for (
        const std::string& body :
        {whole(R"({"index":0,"text":"h\u00ef","logprobs":null,"finish_reason":"stop"})", usage),
         whole(
             R"({"index":0,"text":"ab","logprobs":{"tokens":["a","b"],"token_logprobs":[null,-1.5],"top_logprobs":[null,{"b":-1.5,"c":-2}],"text_offset":[3,9],"x":[1]},"finish_reason":"length","x_stop":{"a":1}},)"
             R"({"index":1,"text":"","logprobs":{"tokens":["t"],"token_logprobs":[-1],"top_logprobs":null,"text_offset":[0]},"finish_reason":"content_filter"})",
             R"(,"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"prompt_tokens_details":{"cached_tokens":1}},"service_tier":"flex","system_fingerprint":"fp","x":"y")")}) {
        std::string expected = body;
        if (const auto at = expected.find("\\u00ef"); at != std::string::npos)
            expected.replace(at, 6, "\u00ef");
        CHECK(through(body, false) == expected);
    }
}

TEST_CASE("chunks come back to the byte, with texts of several prompts between each other") {
    const std::string begin =
        R"(data: {"id":"c","object":"text_completion","created":7,"model":"m","choices":[)";
    const std::string body =
        begin +
        R"({"index":1,"text":"b","logprobs":{"tokens":["b"],"token_logprobs":[-1],"top_logprobs":[{"b":-1}],"text_offset":[5]},"finish_reason":null,"token_ids":[9]}],"x":1,"usage":null})"
        "\n\n" +
        begin + R"({"index":0,"text":"a","logprobs":null,"finish_reason":null}],"usage":null})" + "\n\n" +
        begin + R"({"index":1,"text":"","logprobs":null,"finish_reason":"stop"}],"usage":null})" + "\n\n" +
        begin + R"({"index":0,"text":"","logprobs":null,"finish_reason":"length"}],"usage":null})" + "\n\n" +
        begin + "]" + usage + "}\n\ndata: [DONE]\n\n";
    const std::string out = through(body, true);
    // Finishes are delayed and emitted in the order of the choices' first events.
    CHECK(out == body);
}

TEST_CASE("servers that are not quite OpenAI's") {
    const std::string stop = R"({"index":0,"text":"a","logprobs":null,"finish_reason":"stop"})";
    CHECK(through(R"({"choices":[{"text":"a"}]})", false) == whole(stop));
    CHECK(through(R"({"choices":[{"text":"a","finish_reason":"eos_token"}]})", false) == whole(stop));
    // Both choices have index 0, for two prompts.
    CHECK(through(R"({"choices":[{"index":0,"text":"a"},{"index":0,"text":"b"}]})", false) ==
          whole(stop + R"(,{"index":1,"text":"b","logprobs":null,"finish_reason":"stop"})"));
    // Log probabilities in the format of a chat.
    CHECK(
        through(
            R"({"choices":[{"text":"a","logprobs":{"content":[{"id":5,"token":"a","logprob":-1,"top_logprobs":[{"token":"b","logprob":-2}]}]}}]})",
            false) ==
        whole(
            R"({"index":0,"text":"a","logprobs":{"tokens":["a"],"token_logprobs":[-1],"top_logprobs":[{"b":-2}],"text_offset":[0]},"finish_reason":"stop"})"));
    // A stream is read even if it was not requested.
    CHECK(through("data: {\"choices\":[{\"text\":\"a\"}]}\n\ndata: [DONE]\n\n", false) == whole(stop));
    CHECK(
        through("data: {\"choices\":[{\"text\":\"a\"}]}\n\ndata: {\"choices\":[{\"text\":\"b\"}]}\n\n", false)
            .find("no finish reason") != std::string::npos);
}

TEST_CASE("text behind a finish reason, a usage or both is read") {
    auto chunk = [](const std::string& text, const std::string& rest) {
        return "data: {\"choices\":[{\"index\":0,\"text\":\"" + text + "\"," + rest + "}]" + usage + "}\n\n";
    };
    const std::string stop = R"("finish_reason":"stop")", none = R"("finish_reason":null)";
    const std::string abc = chunk("a", stop) + chunk("b", stop) + chunk("c", stop);
    auto texts = [](const std::string& out) {
        std::string found;
        for (std::size_t at = 0; (at = out.find("\"text\":\"", at)) != out.npos; at += 8)
            found += out.substr(at + 8, out.find('"', at + 8) - at - 8);
        return found;
    };
    for (const std::string& body : {abc, abc + "data: [DONE]\n\n", chunk("a", stop) + chunk("bc", none),
                                    chunk("", stop) + chunk("a", none) + chunk("bc", none)}) {
        const std::string out = through(body, true);
        CAPTURE(out);
        CHECK(texts(out) == "abc");
        CHECK(out.find(stop) == out.rfind(stop));  // one finish, behind the text
        CHECK(out.find(stop) > out.rfind("c\",\"logprobs"));
        CHECK(out.ends_with("data: [DONE]\n\n"));
    }
}

TEST_CASE("an invalid response is an error with a reason") {
    const std::string garbage = "the upstream's response is invalid: ";
    CHECK(through("data: {\"choices\":[{\"index\":0,\"text\":\"a\"}]}\n\n", true).find("no finish reason") !=
          std::string::npos);
    CHECK(through(R"({"choices":[]})", false).find("no finish reason") != std::string::npos);
    CHECK(through(R"({"choices":[{"text":1}]})", false) == garbage + "'text' is not a string");
    CHECK(through(R"({"choices":[{"index":1024}]})", false) ==
          garbage + "'index' is not the number of a choice");
    CHECK(through(R"({"choices":[{"text":"a","finish_reason":1}]})", false) ==
          garbage + "'finish_reason' is not a string");
    CHECK(through(R"({"choices":[{"text":"a","finish_reason":"error"}]})", false)
              .starts_with("the model failed in the middle of its answer"));
    CHECK(through(R"({"error":{"message":"m"}})", false) == R"(told: {"error":{"message":"m"}})");
    // Invalid log probabilities are dropped, the text is kept.
    for (const char* wrong : {"1", "[]", R"({"tokens":1})", R"({"tokens":[1],"token_logprobs":"x"})", "{}"})
        CHECK(through(R"({"choices":[{"text":"a","logprobs":)" + std::string(wrong) + "}]}", false) ==
              whole(R"({"index":0,"text":"a","logprobs":null,"finish_reason":"stop"})"));
    CHECK(
        through(R"({"choices":[{"text":"a","logprobs":{"tokens":["a"],"top_logprobs":[7]}}]})", false) ==
        whole(
            R"({"index":0,"text":"a","logprobs":{"tokens":["a"],"token_logprobs":[null],"top_logprobs":null,"text_offset":[0]},"finish_reason":"stop"})"));
}
