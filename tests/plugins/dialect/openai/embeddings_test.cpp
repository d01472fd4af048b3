// SPDX-License-Identifier: Apache-2.0
// Embedding requests of real clients, refused requests, and the list of vectors in both
// encodings.
#include "plugins/dialect/openai/embeddings.hpp"

#include "plugins/dialect/openai/base64.hpp"
#include "tests/json.hpp"
#include "tests/plugins/dialect/openai/helper.hpp"

#include <cmath>
#include <cstring>
#include <limits>

using namespace gatehouse;
using namespace gatehouse::openai_dialect::testing;
using gatehouse::openai_dialect::append_base64;
using gatehouse::openai_dialect::Bounds;
using gatehouse::openai_dialect::embedding_formatter;
using gatehouse::openai_dialect::EmbeddingFacts;
using gatehouse::openai_dialect::parse_embeddings;
using gatehouse::openai_dialect::ParsedEmbeddings;
using gatehouse::test::Json;

namespace {

ParsedEmbeddings good(std::string body) {
    auto parsed = parse_embeddings(body, Bounds{});
    REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
    return *std::move(parsed);
}

/// "param: message", or "" if `body` is valid.
std::string wrong(std::string body, Bounds bounds = {}) {
    auto parsed = parse_embeddings(body, bounds);
    if (parsed) return "";
    CHECK(parsed.error().kind == ErrorKind::bad_request);
    return parsed.error().param + ": " + parsed.error().message;
}
std::string wrong_input(const std::string& input) { return wrong(R"({"model":"m","input":)" + input + "}"); }
std::string wrong_with(const std::string& members) {
    return wrong(R"({"model":"m","input":"a",)" + members + "}");
}

struct Written {
    int status;
    std::string body;
};

Written write(const EmbeddingFacts& facts, const std::vector<Event>& events) {
    const auto formatter = embedding_formatter(std::make_shared<const EmbeddingFacts>(facts));
    CHECK(!formatter->streams());
    Answer made = answer(*formatter, events);
    CHECK(made.head.headers.get("content-type") == "application/json");
    return {made.head.status, std::move(made.body)};
}

std::vector<float> decoded(const std::string& base64) {
    const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned bits = 0, count = 0;
    for (char c : base64) {
        if (c == '=') break;
        bits = bits << 6 | static_cast<unsigned>(letters.find(c));
        if (count += 6; count >= 8) bytes += static_cast<char>(bits >> (count -= 8) & 0xFF);
    }
    std::vector<float> out(bytes.size() / 4);
    if (!out.empty())
        std::memcpy(out.data(), bytes.data(), out.size() * 4);  // the tests run on little-endian machines
    return out;
}

}  // namespace

TEST_CASE("requests of the OpenAI SDK, LangChain and the AI SDK are accepted") {
    auto one = good(R"({"model":"text-embedding-3-small","input":"hello","encoding_format":"base64"})");
    CHECK(one.request.model == "text-embedding-3-small");
    CHECK(one.request.inputs == std::vector<std::string>{"hello"});
    CHECK(one.base64);
    CHECK(one.request.extra.empty());
    auto list = good(
        R"({"model":"m","input":["a","\u00e9","data:image/png;base64,iVBO"],"encoding_format":"float"})");
    CHECK(list.request.inputs == std::vector<std::string>{"a", "é", "data:image/png;base64,iVBO"});
    CHECK(!list.base64);
}

TEST_CASE("dimensions, input_type and truncate are handed on, user is not, unknown fields are kept") {
    auto parsed =
        good(R"({"model":"m","input":["a"],"dimensions":256,"input_type":"search_query","truncate":"start",)"
             R"("user":"u","late_chunking":true,"x":{"y":[1]}})");
    CHECK(parsed.request.dimensions == 256);
    CHECK(parsed.request.input_type == "search_query");
    CHECK(parsed.request.truncate == "start");
    CHECK(parsed.request.extra.text == R"({"late_chunking":true,"x":{"y":[1]}})");
}

TEST_CASE("null stands for a field that was not sent") {
    auto parsed = good(
        R"({"model":"m","input":["a"],"dimensions":null,"input_type":null,"encoding_format":null,"user":null})");
    CHECK(!parsed.request.dimensions);
    CHECK(parsed.request.input_type.empty());
    CHECK(!parsed.base64);
}

TEST_CASE("arrays of token ids are read, one for each input") {
    const auto tokens = [](const std::string& input) {
        std::vector<std::string> texts;
        const auto parsed = good(R"({"model":"m","input":)" + input + "}");
        CHECK(parsed.request.inputs.empty());
        CHECK(input_count(parsed.request) == parsed.request.tokens.size());
        for (const JsonText& one : parsed.request.tokens) texts.push_back(one.text);
        return texts;
    };
    CHECK(tokens("[1,2,3]") == std::vector<std::string>{"[1,2,3]"});
    CHECK(tokens("[ 7 ]") == std::vector<std::string>{"[ 7 ]"});
    CHECK(tokens("[[1,2],[100257]]") == std::vector<std::string>{"[1,2]", "[100257]"});
}

TEST_CASE("token ids that are not numbers, or mixed with texts, are refused with their path") {
    CHECK(wrong_input("[1,\"a\"]").starts_with("input[1]: "));
    CHECK(wrong_input("[1,2.5]").starts_with("input[1]: "));
    CHECK(wrong_input("[-1]").starts_with("input[0]: "));
    CHECK(wrong_input("[1,null]").starts_with("input[1]: "));
    CHECK(wrong_input("[[1],[]]") == "input[1]: input[1] must not be an empty array");
    CHECK(wrong_input("[[1],[true]]").starts_with("input[1][0]: "));
    CHECK(wrong_input(R"(["a",7])") == "input[1]: input[1] must be a string or an array of token ids; got 7");
    CHECK(wrong_input(R"(["a",[7]])").starts_with("input[1]: "));
    CHECK(wrong_input(R"([[7],"a"])").starts_with("input[1]: "));
}

TEST_CASE("an input that is not a text is refused with its path") {
    const std::string expected = "a string, an array of token ids, or a non-empty array of either";
    CHECK(wrong_input(R"("")") == "input: input must not be an empty string");
    CHECK(wrong_input(R"(["a",""])") == "input[1]: input[1] must not be an empty string");
    CHECK(wrong_input("[]") == "input: input is required: " + expected);
    CHECK(wrong_input("null") == "input: input is required: " + expected);
    CHECK(wrong(R"({"model":"m"})") == "input: input is required: " + expected);
    CHECK(wrong_input("7") == "input: input must be " + expected + "; got 7");
    CHECK(wrong_input("{}") == "input: input must be " + expected + "; got an object");
    CHECK(wrong_input(R"(["a",{"text":"b"}])") ==
          "input[1]: input[1] must be a string or an array of token ids; got an object");
    CHECK(wrong_input(R"(["a",null])") ==
          "input[1]: input[1] must be a string or an array of token ids; got null");
}

TEST_CASE("2048 inputs are taken, one more is not") {
    auto list = [](int count) {
        Json body = {{"model", "m"}, {"input", Json::array()}};
        for (int i = 0; i < count; ++i) body["input"].push_back("t");
        return body.dump();
    };
    CHECK(good(list(2048)).request.inputs.size() == 2048);
    CHECK(wrong(list(2049)) == "input: input must have at most 2048 inputs");
    Bounds bounds;
    bounds.inputs = 2;
    CHECK(wrong(list(3), bounds) == "input: input must have at most 2 inputs");
}

TEST_CASE("other fields of a wrong type or value are refused by name") {
    CHECK(wrong(R"({"input":"a"})") == "model: model is required: the name of a model");
    CHECK(
        wrong_with(R"("encoding_format":"int4")") ==
        "encoding_format: encoding_format must be one of float, base64, int8, uint8, binary, ubinary; got \"int4\"");
    CHECK(wrong_with(R"("encoding_format":1)") == "encoding_format: encoding_format must be a string; got 1");
    CHECK(wrong_with(R"("dimensions":0)") ==
          "dimensions: dimensions must be an integer between 1 and 65536; got 0");
    CHECK(wrong_with(R"("dimensions":1.5)") ==
          "dimensions: dimensions must be an integer between 1 and 65536; got 1.5");
    CHECK(wrong_with(R"("input_type":[])") == "input_type: input_type must be a string; got an array");
    CHECK(wrong_with(R"("truncate":true)") == "truncate: truncate must be a string; got true");
    CHECK(wrong_with(R"("user":1)") == "user: user must be a string; got 1");
    CHECK(wrong("[]") == ": the body must be a JSON object; got an array");
    CHECK(wrong("{").starts_with(": the body is not valid JSON"));
}

TEST_CASE("a request that is cut anywhere is refused") {
    const std::string body =
        R"({"model":"m","input":["a","\u00e9"],"dimensions":2,"encoding_format":"base64"})";
    CHECK(wrong(body) == "");
    for (std::size_t size = 0; size < body.size(); ++size) CHECK(wrong(body.substr(0, size)) != "");
}

TEST_CASE("vectors are written in order, with the shortest numbers that are read back the same") {
    const Written made = write({"text-embedding-3-small", 2, false},
                               {Embedding{0, {0.009473139f, -0.00084949343f, 1.0f, 0.1f, -0.0f}},
                                Embedding{1, {3.4028235e38f, 1.17549435e-38f, 1e-45f}}, Usage{16, 0, 16}});
    CHECK(made.status == 200);
    CHECK(made.body ==
          R"({"object":"list","data":[)"
          R"({"object":"embedding","index":0,"embedding":[0.009473139,-0.00084949343,1,0.1,-0]},)"
          R"({"object":"embedding","index":1,"embedding":[3.4028235e+38,1.1754944e-38,1e-45]}],)"
          R"("model":"text-embedding-3-small","usage":{"prompt_tokens":16,"total_tokens":16}})");
    CHECK(Json::parse(made.body).is_object());
}

TEST_CASE("base64 is that of little-endian float32, with padding as needed") {
    CHECK(base64_size(4) == 8);
    for (const auto& [vector, text] :
         std::vector<std::pair<std::vector<float>, std::string>>{{{}, ""},
                                                                 {{1.0f}, "AACAPw=="},
                                                                 {{1.0f, -2.5f}, "AACAPwAAIMA="},
                                                                 {{0.1f, 0.2f, 0.3f}, "zczMPc3MTD6amZk+"}}) {
        std::string out = "x";
        append_base64(out, vector);
        CHECK(out == "x" + text);
        CHECK(decoded(text) == vector);
    }
    const Written made = write({"m", 1, true}, {Embedding{0, {1.0f, -2.5f}}, Usage{1, 0, 1}});
    CHECK(Json::parse(made.body)["data"][0] ==
          Json{{"object", "embedding"}, {"index", 0}, {"embedding", "AACAPwAAIMA="}});
}

TEST_CASE("vectors that come out of order, or twice, are put in order once") {
    const Written made =
        write({"m", 3, false}, {Embedding{2, {2}}, Embedding{0, {0.5}}, Embedding{0, {9}}, Embedding{1, {1}},
                                Embedding{2, {9}}, Embedding{3, {9}}, Embedding{-1, {9}}, Usage{3, 0, 3}});
    const Json body = Json::parse(made.body);
    CHECK(
        body["data"].dump() ==
        R"([{"embedding":[0.5],"index":0,"object":"embedding"},{"embedding":[1],"index":1,"object":"embedding"},)"
        R"({"embedding":[2],"index":2,"object":"embedding"}])");
}

TEST_CASE("usage is always there") {
    CHECK(Json::parse(write({"m", 1, false}, {Embedding{0, {1}}}).body)["usage"] ==
          Json{{"prompt_tokens", 0}, {"total_tokens", 0}});
    CHECK(Json::parse(write({"m", 1, false}, {Embedding{0, {1}}, Usage{7, 0, 0}}).body)["usage"] ==
          Json{{"prompt_tokens", 7}, {"total_tokens", 7}});
}

TEST_CASE("a response with a missing or invalid vector fails the request") {
    const Written missing = write({"m", 3, false}, {Embedding{0, {1}}, Embedding{2, {1}}, Usage{1, 0, 1}});
    CHECK(missing.status == 502);
    CHECK(Json::parse(missing.body)["error"]["message"] ==
          "The upstream's response has embeddings for 2 of 3 inputs.");
    for (float number : {std::numeric_limits<float>::infinity(), std::nanf("")}) {
        const Written broken = write({"m", 1, false}, {Embedding{0, {1, number}}});
        CHECK(broken.status == 502);
        CHECK(Json::parse(broken.body)["error"]["message"] ==
              "The upstream's response has an embedding that is not a vector.");
    }
    CHECK(write({"m", 1, false}, {Embedding{0, {}}}).status == 502);
}

TEST_CASE("an error of the upstream is written as OpenAI's envelope") {
    const auto formatter =
        embedding_formatter(std::make_shared<const EmbeddingFacts>(EmbeddingFacts{"m", 1, false}));
    std::string out;
    formatter->event(Embedding{0, {1}}, out);
    CHECK(out.empty());
    formatter->error({ErrorKind::rate_limited, "too many"}, out);
    CHECK(formatter->head().status == 429);
    CHECK(Json::parse(out)["error"]["message"] == "Too many.");
}

TEST_CASE("96 vectors of 1536 numbers are read back bit by bit, from both encodings") {
    std::vector<Event> events;
    std::vector<std::vector<float>> vectors;
    std::uint32_t state = 1;
    for (int i = 0; i < 96; ++i) {
        std::vector<float> vector(1536);
        for (float& number : vector) {
            state = state * 1664525 + 1013904223;
            number = (static_cast<float>(state >> 8) / 8388608.0f - 1.0f) / 16.0f;
        }
        vectors.push_back(vector);
        events.push_back(Embedding{i, std::move(vector)});
    }
    const Json numbers = Json::parse(write({"m", 96, false}, events).body)["data"];
    const Json texts = Json::parse(write({"m", 96, true}, events).body)["data"];
    REQUIRE(numbers.size() == 96);
    REQUIRE(texts.size() == 96);
    for (std::size_t i = 0; i < 96; ++i) {
        CHECK(numbers[i]["embedding"].get<std::vector<float>>() == vectors[i]);
        CHECK(decoded(texts[i]["embedding"]) == vectors[i]);
    }
}

TEST_CASE("the dialect answers at the path of embeddings") {
    gatehouse::testing::FakeHost host;
    openai_dialect::OpenAi dialect({}, host);
    auto parsed =
        dialect.parse({.method = "POST", .path = "/v1/embeddings"}, R"({"model":"m","input":["a","b"]})");
    REQUIRE(parsed);
    CHECK(std::get<EmbeddingRequest>(parsed->operation).inputs.size() == 2);
    Answer made = answer(*parsed->formatter(), {Embedding{0, {1}}, Embedding{1, {2}}, Usage{2, 0, 2}});
    CHECK(Json::parse(made.body)["model"] == "m");
    auto refused =
        dialect.parse({.method = "POST", .path = "/v1/embeddings"}, R"({"model":"m","input":[true]})");
    REQUIRE(!refused);
    CHECK(refused.error().param == "input[0]");
    const http::RequestHead text{
        .method = "POST", .path = "/v1/embeddings", .headers = {{"content-type", "text/plain"}}};
    auto wrong_type = dialect.parse(text, "{}");
    REQUIRE(!wrong_type);
    CHECK(wrong_type.error().status == 415);
}
