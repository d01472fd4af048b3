// SPDX-License-Identifier: Apache-2.0
// Text completion requests: accepted and refused fields.
#include "tests/plugins/dialect/openai/helper.hpp"

using namespace gatehouse;
using namespace gatehouse::openai_dialect;
using namespace gatehouse::openai_dialect::testing;

namespace {

std::string asking(const std::string& members) { return R"({"model":"m",)" + members + "}"; }

ParsedCompletion complete(std::string body) {
    auto parsed = parse_completion(body, Bounds{});
    REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
    return *std::move(parsed);
}

void refused(const std::string& members, const std::string& param, const std::string& message,
             const Bounds& bounds = {}) {
    std::string body = asking(members);
    CAPTURE(body);
    const auto parsed = parse_completion(body, bounds);
    REQUIRE(!parsed);
    CHECK(parsed.error().kind == ErrorKind::bad_request);
    CHECK(parsed.error().param == param);
    CHECK(parsed.error().message == param + " " + message);
}

}  // namespace

TEST_CASE("every field is read, and unknown fields are kept") {
    const ChatRequest all =
        complete(
            asking(
                R"("prompt":"Once \u00e4","best_of":3,"echo":true,"frequency_penalty":-1,"logit_bias":{"5":-100},)"
                R"("logprobs":2,"max_tokens":0,"n":2,"presence_penalty":1.5,"seed":-7,"stop":["a","b"],)"
                R"("stream":false,"stream_options":{"include_usage":true},"suffix":"end","temperature":0.5,)"
                R"("top_k":40,"top_p":0.25,"user":"u","min_p":0.1,"guided_json":{"a":[1]})"))
            .request;
    CHECK(all.model == "m");
    REQUIRE(all.messages.size() == 1);
    CHECK(all.messages[0].role == Role::user);
    CHECK(text_of(all.messages[0]) == "Once \u00e4");
    REQUIRE(all.completion);
    CHECK(all.completion->prompts.empty());
    CHECK(all.completion->best_of == 3);
    CHECK(all.completion->echo == true);
    CHECK(all.completion->logprobs == 2);
    CHECK(all.completion->suffix == "end");
    const Sampling& sampling = all.sampling;
    CHECK(sampling.frequency_penalty == -1);
    CHECK(sampling.logit_bias.text == R"({"5":-100})");
    CHECK(sampling.max_tokens == 0);
    CHECK(sampling.n == 2);
    CHECK(sampling.presence_penalty == 1.5);
    CHECK(sampling.seed == -7);
    CHECK(sampling.stop == std::vector<std::string>{"a", "b"});
    CHECK(sampling.temperature == 0.5);
    CHECK(sampling.top_k == 40);
    CHECK(sampling.top_p == 0.25);
    // The same as a chat, for providers that support only chats.
    CHECK(sampling.logprobs == true);
    CHECK(sampling.top_logprobs == 2);
    CHECK(all.include_usage);
    CHECK(!all.stream);
    CHECK(all.user == "u");
    CHECK(all.extra.text == R"({"min_p":0.1,"guided_json":{"a":[1]}})");
}

TEST_CASE("null in an optional field counts as absent") {
    const ChatRequest none =
        complete(
            asking(R"("prompt":"x","best_of":null,"echo":null,"frequency_penalty":null,"logit_bias":null,)"
                   R"("logprobs":null,"max_tokens":null,"max_completion_tokens":null,"messages":null,)"
                   R"("n":null,"presence_penalty":null,"seed":null,"stop":null,"stream":null,)"
                   R"("stream_options":null,"suffix":null,"temperature":null,"top_k":null,"top_p":null,)"
                   R"("user":null)"))
            .request;
    CHECK(!none.completion->best_of);
    CHECK(!none.completion->echo);
    CHECK(!none.completion->logprobs);
    CHECK(!none.sampling.logprobs);
    CHECK(!none.sampling.max_tokens);
    CHECK(none.extra.empty());
}

TEST_CASE("one text becomes a message, several texts and tokens stay unchanged") {
    auto one = [](const char* prompt) { return complete(asking(std::string("\"prompt\":") + prompt)); };
    for (const char* prompt : {R"("hi")", R"(["hi"])"}) {
        const ParsedCompletion parsed = one(prompt);
        CHECK(last_user_text(parsed.request) == "hi");
        CHECK(parsed.request.completion->prompts.empty());
        CHECK(parsed.prompts == 1);
    }
    CHECK(text_of(one(R"("")").request.messages.at(0)) == "");
    struct {
        const char* prompt;
        std::size_t prompts;
    } const rows[] = {{R"(["a", "b\n"])", 2}, {"[1,2,3]", 1}, {"[[1,2],[3]]", 2}, {"[[7]]", 1}, {"[0]", 1}};
    for (const auto& row : rows) {
        CAPTURE(row.prompt);
        const ParsedCompletion parsed = one(row.prompt);
        CHECK(parsed.request.messages.empty());
        CHECK(parsed.request.completion->prompts.text == row.prompt);
        CHECK(parsed.prompts == row.prompts);
    }
    const ParsedCompletion last = complete(asking(R"("prompt":["a","b"],"prompt":"c")"));
    CHECK(last_user_text(last.request) == "c");
    CHECK(last.request.completion->prompts.empty());
    CHECK(complete(asking(R"("prompt":"c","prompt":[1])")).request.messages.empty());
}

TEST_CASE("invalid fields are refused with a message and a path") {
    const std::string expected = "a string, an array of strings, or tokens in one array or several";
    refused(R"("n":1)", "prompt", "is required: " + expected);
    refused(R"("prompt":null)", "prompt", "is required: " + expected);
    refused(R"("prompt":7)", "prompt", "must be " + expected + "; got 7");
    refused(R"("prompt":{})", "prompt", "must be " + expected + "; got an object");
    refused(R"("prompt":[])", "prompt", "must not be empty");
    refused(R"("prompt":[true])", "prompt[0]", "must be a string, a token or an array of tokens; got true");
    refused(R"("prompt":[null])", "prompt[0]", "must be a string, a token or an array of tokens; got null");
    refused(R"("prompt":["a",1])", "prompt[1]", "must be a string; got 1");
    refused(R"("prompt":[1,"a"])", "prompt[1]", "must be a token's number; got a string");
    refused(R"("prompt":[1.5])", "prompt[0]", "must be a token's number; got 1.5");
    refused(R"("prompt":[1,-1])", "prompt[1]", "must be a token's number; got -1");
    refused(R"("prompt":[[1],[]])", "prompt[1]", "must not be empty");
    refused(R"("prompt":[[1],[2,"a"]])", "prompt[1][1]", "must be a token's number; got a string");
    refused(R"("prompt":[[1],"a"])", "prompt[1]", "must be an array of tokens; got a string");
    refused(R"("prompt":["a","b","c"])", "prompt", "must have at most 2 prompts", {.inputs = 2});
    refused(R"("prompt":"a","best_of":0)", "best_of", "must be an integer between 1 and 128; got 0");
    refused(R"("prompt":"a","best_of":2,"n":3)", "best_of", "must be at least n, which is 3");
    refused(R"("prompt":"a","best_of":2,"stream":true)", "best_of", "cannot be greater than n in a stream");
    refused(R"("prompt":"a","echo":1)", "echo", "must be true or false; got 1");
    refused(R"("prompt":"a","logprobs":6)", "logprobs", "must be an integer between 0 and 5; got 6");
    refused(R"("prompt":"a","logprobs":true)", "logprobs", "must be an integer between 0 and 5; got true");
    refused(R"("prompt":"a","max_tokens":-1)", "max_tokens",
            "must be an integer between 0 and 2147483647; got -1");
    refused(R"("prompt":"a","suffix":["a"])", "suffix", "must be a string; got an array");
    refused(R"("prompt":"a","stop":[1])", "stop[0]", "must be a string; got 1");
    refused(R"("prompt":"a","messages":[])", "messages",
            "belong to chat/completions; send the text to continue in prompt");
    std::string prompts = R"("prompt":["0")";
    for (int i = 1; i < 10; ++i) prompts += ",\"x\"";
    refused(prompts + "],\"n\":103", "n", "asks for too many texts: prompts times n must be at most 1024");
    std::string body = R"({"prompt":"a"})";
    CHECK(parse_completion(body, Bounds{}).error().param == "model");
    for (std::string wrong : {"", "[]", "{", R"({"prompt":"a)"}) CHECK(!parse_completion(wrong, Bounds{}));
}
