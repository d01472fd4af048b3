// SPDX-License-Identifier: Apache-2.0
// Bodies that are cut, changed, huge or deep are read or refused.
#include "tests/plugins/dialect/mutations.hpp"
#include "tests/plugins/dialect/openai/helper.hpp"

using namespace gatehouse;
using namespace gatehouse::openai_dialect::testing;

namespace {

// A request with every field.
const std::string full = R"({"model":"m","messages":[{"role":"system","content":"s\u00e9\n"},
{"role":"user","name":"u","content":[{"type":"text","text":"t","x":1},{"type":"image_url","image_url":{"url":"data:,a","detail":"low"}},
{"type":"input_audio","input_audio":{"data":"A","format":"wav"}},{"type":"file","file":{"file_data":"d","filename":"f"}},{"type":"odd","v":[{}]}]},
{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},
{"role":"tool","tool_call_id":"c","content":"r"}],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":true}}],
"tool_choice":{"type":"function","function":{"name":"f"}},"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{},"strict":false}},
"temperature":1.5,"top_p":0.5,"n":2,"stop":["a"],"logit_bias":{"1":-1},"stream":true,"stream_options":{"include_usage":true},"metadata":{"k":"v"},"extra":{"y":[1,2]}})";

void check_is_well_behaved(const std::string& body) {
    auto parsed = read(body);
    if (parsed) return;
    CAPTURE(body);
    CHECK(parsed.error().kind == ErrorKind::bad_request);
    CHECK(!parsed.error().message.empty());
    CHECK(parsed.error().message.size() < 400);
}

}  // namespace

TEST_CASE("a request cut at any byte is refused") {
    REQUIRE(read(full));
    for (std::size_t size = 0; size < full.size(); ++size) {
        auto parsed = read(full.substr(0, size));
        CAPTURE(size);
        REQUIRE(!parsed);
        CHECK(parsed.error().kind == ErrorKind::bad_request);
        CHECK(parsed.error().message.starts_with("the body is not valid JSON: "));
    }
}

TEST_CASE("a request with any byte changed, lost or doubled is read or refused") {
    gatehouse::test::each_mutation(full, 5000, check_is_well_behaved);
}

TEST_CASE("any value of a field replaced by any other type is read or refused") {
    const char* values[] = {"null",
                            "true",
                            "-1",
                            "1e308",
                            "\"\"",
                            "\"\\ud83d\\ude00\"",
                            "[]",
                            "{}",
                            "[[]]",
                            "[{}]",
                            R"({"type":"x"})",
                            R"([{"type":"function","function":null}])"};
    std::vector<std::pair<std::size_t, std::size_t>> places;  // each member's value, found by brackets
    for (std::size_t at = 0; (at = full.find("\":", at)) != std::string::npos;) {
        const std::size_t begin = at += 2;
        if (full[begin - 3] == '\\') continue;  // inside of a string
        int depth = 0;
        bool quoted = false;
        for (std::size_t i = begin; i < full.size(); ++i) {
            const char c = full[i];
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && (c == '{' || c == '[')) {
                ++depth;
            } else if (!quoted && (c == '}' || c == ']' || c == ',')) {
                if (c != ',' && depth > 0) {
                    --depth;
                } else if (depth == 0) {
                    places.emplace_back(begin, i);
                    break;
                }
            }
        }
    }
    REQUIRE(places.size() > 60);
    for (const auto& [begin, end] : places)
        for (const char* value : values) {
            auto parsed = read(full.substr(0, begin) + value + full.substr(end));
            if (!parsed) CHECK(parsed.error().message.find("not valid JSON") == std::string::npos);
            check_is_well_behaved(full.substr(0, begin) + value + full.substr(end));
        }
}

TEST_CASE("an image of 4 MiB arrives byte by byte, and the next request is read") {
    std::string url = "data:image/png;base64,";
    while (url.size() < 4u << 20) url += "QUJD/+09";
    const std::string body =
        R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":")" +
        url + "\"}}]}]}";
    for (int round = 0; round < 2; ++round) {
        const ChatRequest chat = request(body);
        CHECK(std::get<Image>(chat.messages[0].parts[1]).url == url);
        CHECK(request(with("")).messages.size() == 1);
    }
    // The same with escapes, as some clients write slashes.
    std::string escaped;
    for (char c : url) escaped.append(c == '/' ? "\\/" : std::string(1, c));
    const ChatRequest chat =
        request(R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":")" +
                escaped + "\"}]}]}");
    CHECK(std::get<Image>(chat.messages[0].parts[0]).url == url);
}

TEST_CASE("nesting is bounded, also in what is not looked into") {
    auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
    CHECK(request(with("\"x\":" + nested(190))).extra.text.size() == 380 + 6);
    CHECK(refusal(with("\"x\":" + nested(250))).message ==
          "the body is not valid JSON: it is nested too deeply");
    CHECK(refusal(with("\"x\":" + nested(100'000))).message ==
          "the body is not valid JSON: it is nested too deeply");
    CHECK(refusal(std::string(100'000, '[')).message.starts_with("the body is not valid JSON: "));
    CHECK(refusal(std::string(100'000, '{')).message.starts_with("the body is not valid JSON: "));
}

TEST_CASE("many unknown members, all of one name or all different, cost no more than their bytes") {
    std::string same, different;
    for (int i = 0; i < 200'000; ++i) {
        same += ",\"k\":" + std::to_string(i);
        different += ",\"k" + std::to_string(i) + "\":1";
    }
    CHECK(request(with(same.substr(1))).extra.text == R"({"k":199999})");
    CHECK(request(with(different.substr(1))).extra.text.size() == different.size() + 1);
}

TEST_CASE("members whose names are one long escape are read twice without harm") {
    // The parser reads this object twice, for its type and for its content.
    std::string key;
    for (int i = 0; i < 20'000; ++i) key += "\\u00e9";
    const std::string part = "{\"" + key + "\":\"" + key + "\",\"type\":\"text\",\"text\":\"" + key + "\"}";
    const ChatRequest chat =
        request(R"({"model":"m","messages":[{"role":"user","content":[)" + part + "," + part + "]}]}");
    CHECK(std::get<Text>(chat.messages[0].parts[1]).text.str().size() == 40'000);
}
