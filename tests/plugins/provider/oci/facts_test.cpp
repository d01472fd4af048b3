// SPDX-License-Identifier: Apache-2.0
// Facts about a response other than its text: the upstream's words for the model and the end,
// and members of usage.
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

const char* const v1 = "cohere.command-a-03-2025";
const char* const v2 = "cohere.command-a-reasoning-08-2025";

std::vector<Event> events_of(const ChatRequest& request, std::string_view body) {
    Bench bench;
    auto events = testing::replay(bench.provider, request, {body}, {});
    REQUIRE_MESSAGE(events, (events ? "" : events.error().message));
    return *events;
}
template <typename Kind>
std::vector<Kind> all(const std::vector<Event>& events) {
    std::vector<Kind> found;
    for (const Event& event : events)
        if (auto* one = std::get_if<Kind>(&event)) found.push_back(*one);
    return found;
}
template <typename Kind>
Kind only(const std::vector<Event>& events) {
    const auto found = all<Kind>(events);
    REQUIRE(found.size() == 1);
    return found[0];
}

std::string whole_generic(const std::string& choice, const std::string& more = {}) {
    return R"({"modelId":"meta.m","modelVersion":"1","chatResponse":{"apiFormat":"GENERIC","choices":[{"index":0,)" +
           choice + "}]" + more + "}}";
}
const char* const text_message = R"("message":{"content":[{"type":"TEXT","text":"a"}]})";

}  // namespace

TEST_CASE("the model of a response is OCI's modelId, before all other events") {
    const auto generic = events_of(ask(), whole_generic(text_message, R"(,"timeCreated":1700000000)"));
    CHECK(only<AnswerInfo>(generic).model == "meta.m");
    CHECK(only<AnswerInfo>(generic).created == 1700000000);
    for (
        const auto& body :
        {std::pair(
             v1,
             R"({"modelId":"m","chatResponse":{"apiFormat":"COHERE","text":"a","finishReason":"COMPLETE"}})"),
         std::pair(
             v2,
             R"({"modelId":"m","chatResponse":{"apiFormat":"COHEREV2","message":{"content":"a"},"finishReason":"COMPLETE"}})")}) {
        const auto events = events_of(ask(body.first), body.second);
        CHECK(std::holds_alternative<AnswerInfo>(events[0]));
        CHECK(only<AnswerInfo>(events).model == "m");
    }
    CHECK(only<AnswerInfo>(events_of(ask(), fixture("resp-generic-llama.json"))).model ==
          "meta.llama-3.3-70b-instruct");
}

TEST_CASE("a modelId of a wrong type and a complete response behind events give no model") {
    CHECK(all<AnswerInfo>(events_of(ask(), R"({"modelId":7,"chatResponse":{"choices":[{"index":0,)" +
                                               std::string(text_message) + "}]}}"))
              .empty());
    const std::string answers[][2] = {
        {"meta.llama-3.3-70b-instruct",
         sse({R"({"index":0,"message":{"content":[{"type":"TEXT","text":"a"}]}})",
              whole_generic(text_message)})},
        {v1,
         sse({R"({"apiFormat":"COHERE","text":"a"})",
              R"({"modelId":"m","chatResponse":{"apiFormat":"COHERE","text":"a","finishReason":"COMPLETE"}})"})},
        {v2,
         sse({R"({"apiFormat":"COHEREV2","message":{"content":"a"}})",
              R"({"modelId":"m","chatResponse":{"apiFormat":"COHEREV2","message":{"content":"a"},"finishReason":"COMPLETE"}})"})},
    };
    for (const auto& [model, body] : answers)
        CHECK(all<AnswerInfo>(events_of(ask_stream(model), body)).empty());
}

TEST_CASE("the finish has OCI's own word") {
    auto native = [](const char* model, const std::string& body) {
        return only<Finish>(events_of(ask_stream(model), body)).native;
    };
    const char* const generic = "meta.llama-3.3-70b-instruct";
    CHECK(native(generic, whole_generic(text_message + std::string(R"(,"finishReason":"length")"))) ==
          "length");
    CHECK(native(generic, whole_generic(text_message)).empty());
    // The reason that counts, if there are several.
    CHECK(native(generic, sse({R"({"index":0,"message":{"content":"a"},"finishReason":"stop"})",
                               R"({"index":0,"finishReason":"MAX_TOKENS"})",
                               R"({"index":0,"finishReason":"stop"})", "[DONE]"})) == "MAX_TOKENS");
    CHECK(native(v1, sse({R"({"apiFormat":"COHERE","text":"a"})",
                          R"({"apiFormat":"COHERE","text":"a","finishReason":"ERROR_LIMIT"})"})) ==
          "ERROR_LIMIT");
    CHECK(native(v1, R"({"chatResponse":{"apiFormat":"COHERE","text":"a","finishReason":null}})").empty());
    CHECK(native(v2, R"({"chatResponse":{"message":{"content":"a"},"finishReason":"STOP_SEQUENCE"}})") ==
          "STOP_SEQUENCE");
    CHECK(native(v1, fixture("resp-cohere-toolcalls.json")) == "COMPLETE");
}

TEST_CASE("unknown members of usage are kept, known ones are not repeated") {
    const auto usage = only<Usage>(events_of(
        ask(),
        whole_generic(
            text_message,
            R"(,"usage":{"promptTokens":9,"completionTokens":5,"totalTokens":14,"cost":0.5,"promptTokensDetails":{"cachedTokens":4,"audioTokens":1},"completionTokensDetails":{"reasoningTokens":3,"acceptedPredictionTokens":1,"rejectedPredictionTokens":0,"audioTokens":2}})")));
    CHECK(usage.cached == 4);
    CHECK(usage.reasoning == 3);
    CHECK(usage.accepted_prediction == 1);
    CHECK(usage.rejected_prediction == 0);
    CHECK(usage.extra.text == R"({"cost":0.5})");
    CHECK(usage.prompt_extra.text == R"({"audioTokens":1})");
    CHECK(usage.completion_extra.text == R"({"audioTokens":2})");

    for (const char* recorded : {"resp-generic-llama.json", "resp-generic-openai.json",
                                 "resp-generic-reasoning.json", "resp-generic-toolcalls.json"}) {
        CAPTURE(recorded);
        const auto found = only<Usage>(events_of(ask(), fixture(recorded)));
        CHECK(found.extra.empty());
        CHECK(found.prompt_extra.empty());
        CHECK(found.completion_extra.empty());
    }
}

TEST_CASE("usage of COHERE and COHEREV2 has cached tokens and unknown members too") {
    const std::string usage =
        R"("usage":{"promptTokens":9,"completionTokens":5,"totalTokens":14,"promptTokensDetails":{"cachedTokens":4},"billed":1})";
    for (const auto& [model, body] :
         {std::pair(v1, R"({"chatResponse":{"text":"a","finishReason":"COMPLETE",)" + usage + "}}"),
          std::pair(v2, R"({"chatResponse":{"message":{"content":"a"},"finishReason":"COMPLETE",)" + usage +
                            "}}")}) {
        const auto found = only<Usage>(events_of(ask(model), body));
        CHECK(found.cached == 4);
        CHECK(found.extra.text == R"({"billed":1})");
    }
}

TEST_CASE("log probabilities have alternatives, and no bytes, which OCI does not tell") {
    const auto delta = only<LogprobsDelta>(events_of(
        ask(),
        whole_generic(
            text_message +
            std::string(
                R"(,"logprobs":{"tokens":["a"],"tokenLogprobs":[-0.5],"textOffset":[0],"topLogprobs":[{"b":-2,"a":-0.5}]})"))));
    REQUIRE(delta.tokens.size() == 1);
    CHECK(!delta.tokens[0].bytes);
    CHECK(!delta.refusal);
    REQUIRE(delta.tokens[0].top.size() == 2);
    CHECK(delta.tokens[0].top[0].token == "a");
    CHECK(!delta.tokens[0].top[0].bytes);
}

TEST_CASE("annotations of other kinds reach the client as they came, streaming and non-streaming") {
    const std::string url = R"({"type":"URL_CITATION","urlCitation":{"url":"u","title":"T"}})";
    for (const char* other :
         {R"({"type":"FILE_CITATION","fileId":"f","index":3})", R"({"type":"FILE","file":{"hash":"abc"}})",
          R"({"type":"a kind of tomorrow","x":1.50})"}) {
        const std::string message = R"("message":{"content":[{"type":"TEXT","text":"a"}],"annotations":[)" +
                                    std::string(other) + "," + url + "]}";
        for (const bool stream : {false, true}) {
            const std::string body = stream
                                         ? "data: {" + message + "}\n\ndata: {\"finishReason\":\"stop\"}\n\n"
                                         : whole_generic(message);
            const auto events = events_of(stream ? ask_stream() : ask(), body);
            CHECK(only<Extra>(events).members.text == R"({"annotations":[)" + std::string(other) + "]}");
            CHECK(only<Extra>(events).place == Extra::Place::message);
            CHECK(only<Citation>(events).url == "u");
        }
    }
}
