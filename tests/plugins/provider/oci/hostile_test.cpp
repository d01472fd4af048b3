// SPDX-License-Identifier: Apache-2.0
// Upstream responses that are wrong, truncated, huge or mutated: they are errors,
// never crashes, and never look complete if they are not.
#include "tests/plugins/provider/oci/helpers.hpp"

#include <random>

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

const char* const fixtures[] = {
    "resp-generic-llama.json",     "resp-generic-openai.json", "resp-generic-reasoning.json",
    "resp-generic-toolcalls.json", "resp-cohere.json",         "resp-cohere-null-finish.json",
    "resp-cohere-toolcalls.json",  "resp-coherev2-text.json",  "resp-coherev2-toolcalls.json"};

/// A model with the format of `file`.
std::string model_for(std::string_view file) {
    if (file.find("coherev2") != file.npos) return "cohere.command-a-reasoning";
    if (file.find("cohere") != file.npos) return "cohere.command-a-03-2025";
    return "meta.llama-3.3-70b-instruct";
}

const Json junk[] = {nullptr,
                     true,
                     0,
                     -1,
                     1.5,
                     1e300,
                     "text",
                     "",
                     Json::array(),
                     Json::array({1, "x", nullptr}),
                     Json::object(),
                     Json{{"a", 1}},
                     Json::array({Json::array()}),
                     Json::array({Json::object()})};

/// Calls each(document) for `document` with every value replaced by each invalid
/// value, and removed.
template <typename Each>
void mutate(Json& document, Json& at, Each& each) {
    const Json before = at;
    for (const Json& value : junk) {
        at = value;
        each(document);
    }
    at = before;
    if (at.is_object()) {
        std::vector<std::string> keys;
        for (const auto& [key, value] : at.items()) keys.push_back(key);
        for (const std::string& key : keys) {
            const Json kept = at[key];
            at.erase(key);
            each(document);
            at[key] = kept;
            mutate(document, at[key], each);
        }
    } else if (at.is_array()) {
        for (std::size_t i = 0; i < at.size(); ++i) mutate(document, at[i], each);
    }
}

/// Rules for every response, valid or not: it is one error, or each choice ends
/// once.
bool keeps_contract(const Result<std::vector<Event>>& result) {
    if (!result) return !result.error().message.empty() && result.error().message.size() < 1500;
    std::map<int, int> finishes;
    std::map<std::pair<int, int>, std::string> arguments;
    bool usage = false, finished = false;
    for (const Event& event : *result) {
        if (usage) return false;
        if (auto* finish = std::get_if<Finish>(&event)) {
            if (++finishes[finish->choice] > 1) return false;
            finished = true;
        } else if (std::holds_alternative<Usage>(event)) {
            if (!finished) return false;
            usage = true;
        } else if (finished) {
            return false;
        }
        if (auto* call = std::get_if<ToolCallDelta>(&event)) {
            auto [found, is_new] = arguments.try_emplace({call->choice, call->index});
            if (is_new != !call->id.empty() || is_new != !call->name.empty()) return false;
            found->second += call->arguments;
        }
    }
    // Arguments are the model's text, which may be invalid JSON, but are never empty.
    for (const Finish& finish : testing::all<Finish>(*result))
        if (finish.reason == FinishReason::tool_calls)
            for (const auto& [key, text] : arguments)
                if (key.first == finish.choice && text.empty()) return false;
    return finished;
}

}  // namespace

TEST_CASE("non-streaming responses with any value of a wrong type keep the contract or are an error") {
    Bench bench;
    for (const char* file : fixtures) {
        CAPTURE(file);
        const ChatRequest request = ask(model_for(file));
        Json document = Json::parse(fixture(file));
        int wrong = 0, total = 0;
        auto each = [&](const Json& mutated) {
            const std::string body = mutated.dump();
            wrong += !keeps_contract(testing::replay(bench.provider, request, {body}));
            ++total;
        };
        mutate(document, document, each);
        CHECK(total > 100);
        CHECK(wrong == 0);
    }
}

TEST_CASE("a response of another operation is an error for a chat, streaming or not") {
    for (const char* file : {"resp-generatetext-cohere.json", "resp-generatetext-llama.json",
                             "resp-guardrails.json", "resp-embed.json", "resp-rerank.json"})
        for (const char* model :
             {"meta.llama-3.3-70b-instruct", "cohere.command-a-03-2025", "cohere.command-a-reasoning"})
            for (const bool stream : {false, true}) {
                CAPTURE(file);
                CAPTURE(model);
                CAPTURE(stream);
                Bench bench;
                ChatRequest request = ask(model);
                request.stream = stream;
                const auto result = testing::replay(bench.provider, request, {fixture(file)});
                REQUIRE_FALSE(result);
                CHECK(result.error().kind == ErrorKind::upstream);
            }
}

TEST_CASE("events with any value of a wrong type keep the contract or are an error") {
    Bench bench;
    const ChatRequest request = ask_stream();
    for (
        const char* text :
        {R"({"index":0,"message":{"role":"ASSISTANT","content":[{"type":"TEXT","text":"a"}],"reasoningContent":"b"},"pad":"aa"})",
         R"({"index":0,"message":{"role":"ASSISTANT","toolCalls":[{"type":"FUNCTION","id":"c","name":"f","arguments":"{}"}]}})",
         R"({"message":{"refusal":"r","annotations":[{"urlCitation":{"url":"u","startIndex":1}}]},"logprobs":{"tokens":["a"],"tokenLogprobs":[1],"topLogprobs":[{"a":1}]},"finishReason":"stop"})",
         R"({"usage":{"completionTokens":30,"promptTokens":43,"totalTokens":73,"promptTokensDetails":{"cachedTokens":1}}})"}) {
        CAPTURE(text);
        Json document = Json::parse(text);
        int wrong = 0;
        auto each = [&](const Json& mutated) {
            const std::string body =
                "data: " + mutated.dump() + "\n\ndata: {\"finishReason\":\"stop\"}\n\ndata: [DONE]\n\n";
            wrong += !keeps_contract(testing::replay(bench.provider, request, {body}));
        };
        mutate(document, document, each);
        CHECK(wrong == 0);
    }
}

TEST_CASE("events of Cohere's formats with any value of a wrong type keep the contract or are an error") {
    Bench bench;
    const std::pair<const char*, const char*> table[] = {
        {"cohere.command-r-08-2024",
         R"({"apiFormat":"COHERE","text":"a","toolCalls":[{"name":"f","parameters":{"a":1}}],"citations":[{"start":1,"end":2,"text":"a","documentIds":["d"]}],"documents":[{"id":"d","title":"T","url":"u"}]})"},
        {"cohere.command-r-08-2024",
         R"({"apiFormat":"COHERE","text":"a","chatHistory":[],"finishReason":"COMPLETE","usage":{"completionTokens":30,"promptTokens":43,"totalTokens":73}})"},
        {"cohere.command-a-reasoning",
         R"({"apiFormat":"COHEREV2","message":{"role":"ASSISTANT","content":[{"type":"TEXT","text":"a"},{"type":"THINKING","thinking":"b"}],"toolPlan":"p","toolCalls":[{"id":"c","type":"FUNCTION","function":{"name":"f","arguments":"{}"}}],"citations":[{"start":1,"end":2,"type":"TEXT_CONTENT","sources":[{"type":"DOCUMENT","document":{"id":"d","document":{"title":"T"}}}]}]},"logProbabilities":[{"text":"a","logProbabilities":[-1]}]})"},
        {"cohere.command-a-reasoning",
         R"({"apiFormat":"COHEREV2","message":{"content":[{"type":"TEXT","text":"a"}]},"finishReason":"COMPLETE","usage":{"totalTokens":73}})"}};
    for (const auto& row : table) {
        const auto& model = row.first;
        const auto& text = row.second;
        CAPTURE(text);
        const ChatRequest request = ask_stream(model);
        Json document = Json::parse(text);
        int wrong = 0;
        auto each = [&](const Json& mutated) {
            const std::string body =
                "data: " + mutated.dump() + "\n\ndata: {\"finishReason\":\"COMPLETE\"}\n\ndata: [DONE]\n\n";
            wrong += !keeps_contract(testing::replay(bench.provider, request, {body}));
        };
        mutate(document, document, each);
        CHECK(wrong == 0);
    }
}

TEST_CASE("missing required members are errors") {
    const char* const bodies[] = {
        "{}",
        "[]",
        "null",
        "7",
        "\"x\"",
        "{",
        "{\"chatResponse\":{}}",
        "{\"chatResponse\":null}",
        "{\"chatResponse\":[]}",
        "{\"chatResponse\":{\"choices\":null}}",
        "{\"chatResponse\":{\"choices\":[]}}",
        "{\"chatResponse\":{\"choices\":{}}}",
        "{\"chatResponse\":{\"choices\":[7]}}",
        "{\"chatResponse\":{\"choices\":[{\"message\":\"x\"}]}}",
        "{\"chatResponse\":{\"choices\":[{\"message\":{\"content\":7}}]}}",
        "{\"chatResponse\":{\"choices\":[{\"message\":{\"content\":[{\"type\":\"TEXT\",\"text\":7}]}}]}}",
        "{\"chatResponse\":{\"choices\":[{\"message\":{\"toolCalls\":{}}}]}}",
        "{\"chatResponse\":{\"choices\":[{\"message\":{\"toolCalls\":[{\"name\":7}]}}]}}",
        "{\"chatResponse\":{\"choices\":[{\"message\":{\"toolCalls\":[{\"name\":\"f\",\"arguments\":7}]}}]}}",
        "{\"chatResponse\":{\"choices\":[{\"index\":-1}]}}",
        "{\"chatResponse\":{\"choices\":[{\"index\":128}]}}",
        "{\"chatResponse\":{\"choices\":[{\"index\":1e18}]}}",
        "{\"chatResponse\":{\"choices\":[{\"finishReason\":{}}]}}",
        "{\"chatResponse\":{\"choices\":[{}]}} trailing",
        "<html>",
        "plain text",
        "\x1f\x8b\x08",
        "\xff\xfe{}",
        "data: {\"finishReason\":\"stop\"}x\n\n",
        "data: []\n\n",
        "data: 7\n\n",
    };
    for (const char* body : bodies) {
        CAPTURE(body);
        for (const ChatRequest& request : {ask(), ask_stream()}) {
            const Lines found = answer_to(request, body);
            CHECK(is_one_error(found));
            CHECK(found[0].starts_with("error 502: "));
        }
    }
}

TEST_CASE("a truncated response is an error, unless it was already complete") {
    Bench bench;
    for (const char* file : fixtures) {
        const std::string body = fixture(file);
        const std::size_t end = body.find_last_not_of(" \n") + 1;
        int good = 0;
        for (std::size_t length = 0; length < end; ++length)
            good += bool(testing::replay(bench.provider, ask(model_for(file)),
                                         {std::string_view(body).substr(0, length)}));
        CHECK(good == 0);
    }
    for (const char* file : {"generic-grok-reasoning-stream.sse", "generic-tools-fragment-stream.sse",
                             "generic-gemini-tool-no-id-stream.sse", "cohere-stream-usage.sse",
                             "cohere-tools-stream.sse", "coherev2-stream.sse", "coherev2-tools-stream.sse"}) {
        const std::string body = fixture(file);
        const std::size_t finish = body.find("\"finishReason\"");
        int good = 0;
        for (std::size_t length = 0; length < finish; ++length)
            good += bool(testing::replay(bench.provider, ask_stream(model_for(file)),
                                         {std::string_view(body).substr(0, length)}));
        CHECK(good == 0);
    }
}

TEST_CASE("random changes in valid responses never crash the reader") {
    Bench bench;
    std::mt19937 random(7);
    for (const char* file : {"resp-generic-openai.json", "generic-tools-fragment-stream.sse",
                             "generic-grok-reasoning-stream.sse", "generic-gptoss-fragment-stream.sse",
                             "cohere-tools-stream.sse", "resp-cohere-toolcalls.json",
                             "coherev2-tools-stream.sse", "resp-coherev2-toolcalls.json"}) {
        const std::string body = fixture(file);
        const ChatRequest request =
            std::string_view(file).ends_with(".sse") ? ask_stream(model_for(file)) : ask(model_for(file));
        int wrong = 0;
        for (int i = 0; i < 500; ++i) {
            std::string mutated = body;
            for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
                const std::size_t at = random() % mutated.size();
                switch (random() % 3) {
                    case 0: mutated[at] = static_cast<char>(random()); break;
                    case 1: mutated.erase(at, 1 + random() % 8); break;
                    default: mutated.insert(at, 1, "{}[]\",:\\\n0"[random() % 10]);
                }
            }
            wrong += !keeps_contract(testing::replay(bench.provider, request, {mutated}));
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("the limits hold for a non-streaming response, one event, and a stream without end of line") {
    Bench bench;
    bench.host.given_limits.max_answer_bytes = 1000;
    bench.host.given_limits.max_event_bytes = 1000;
    const std::string large = R"({"chatResponse":{"choices":[{"message":{"content":")" +
                              std::string(2000, 'x') + R"("},"finishReason":"stop"}]}})";
    const std::string event =
        sse({R"({"message":{"content":")" + std::string(2000, 'x') + R"("}})", R"({"finishReason":"stop"})"});
    CHECK(lines(testing::replay(bench.provider, ask(), {large})) ==
          Lines{"error 502: OCI's response is larger than max_response_bytes"});
    CHECK(lines(testing::replay(bench.provider, ask_stream(), {event})) ==
          Lines{"error 502: an event of OCI's response is larger than max_event_bytes"});
    const std::string endless = "data: " + std::string(100, 'x');
    std::vector<std::string_view> pieces(100, endless);
    CHECK(is_one_error(lines(testing::replay(bench.provider, ask_stream(), pieces))));

    // A long stream of small events is not limited.
    std::string many;
    for (int i = 0; i < 1000; ++i) many += sse({R"({"message":{"content":[{"text":"xxxxxxxxxx"}]}})"});
    many += sse({R"({"finishReason":"stop"})"});
    auto events = testing::replay(bench.provider, ask_stream(), {many});
    REQUIRE(events);
    CHECK(testing::text(*events).size() == 10'000);
}

TEST_CASE("a large non-streaming response and deep nesting are read or refused without harm") {
    const std::string text(8 * 1024 * 1024, 'x');
    Bench bench;
    auto events = testing::replay(bench.provider, ask(),
                                  {R"({"chatResponse":{"choices":[{"message":{"content":")" + text +
                                   R"("},"finishReason":"stop"}]}})"});
    REQUIRE(events);
    CHECK(testing::text(*events).size() == text.size());
    for (std::size_t depth : {100ul, 100'000ul}) {
        const std::string deep = std::string(depth, '[') + std::string(depth, ']');
        const Lines found =
            whole(R"({"chatResponse":{"extra":)" + deep + R"(,"choices":[{"finishReason":"stop"}]}})");
        CHECK(found == (depth == 100 ? Lines{"finish stop"}
                                     : Lines{"error 502: OCI's response is invalid: it is not valid JSON"}));
    }
}

TEST_CASE("only a part of an endless error body is kept") {
    Bench bench;
    const ChatRequest request = ask();
    const std::string piece(100'000, 'x');
    std::vector<std::string_view> pieces(200, piece);
    auto result = testing::replay(bench.provider, request, pieces, status(500));
    REQUIRE(!result);
    CHECK(result.error().message.size() < 1500);
}
