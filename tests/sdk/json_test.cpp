// SPDX-License-Identifier: Apache-2.0
// Its verdicts are compared with two other readers in tests/plugins/common/json_same_test.cpp.
#include <gatehouse/json.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace gatehouse;

namespace {

std::string why_not(const std::string& text, std::size_t max_depth = 200) {
    const auto value = read_json(text, max_depth);
    return value ? "" : value.error().message;
}

const std::string answer =
    R"( {"message": {"content":"a\u00fcb","calls":[{"name":"f","args":{"x":1.50}},{"name":"g"}]},)"
    R"( "n" : 7, "big":12345678901234567890, "no":null, "yes":true, "n":8, "k\u0065y":"\/", "":[] } )";

}  // namespace

TEST_CASE("a value is found by its path") {
    const auto top = read_json(answer);
    REQUIRE(top);
    const JsonValue message = (*top)["message"];
    CHECK(message["content"].str() ==
          "a\xC3\xBC"
          "b");
    CHECK(message["calls"][1]["name"].str() == "g");
    CHECK(message["calls"][0]["args"]["x"].number() == 1.5);
    CHECK((*top)["n"].integer() == 7);
    CHECK((*top)["yes"].boolean() == true);
    CHECK((*top)["key"].str() == "/");
    CHECK((*top)[""].is(JsonType::array));
    CHECK((*top)[""].empty());
    CHECK(top->size() == 8);
    CHECK(message["calls"].size() == 2);
}

TEST_CASE("a number keeps its spelling, and a string too") {
    const auto top = read_json(answer);
    REQUIRE(top);
    CHECK((*top)["message"]["calls"][0]["args"]["x"].raw() == "1.50");
    CHECK((*top)["big"].raw() == "12345678901234567890");
    CHECK(!(*top)["big"].integer());
    CHECK((*top)["message"]["calls"][0]["args"].raw() == R"({"x":1.50})");
    CHECK((*top)["message"]["content"].spelling() == R"(a\u00fcb)");
    std::string out;
    (*top)["message"]["content"].json_string().append_json_to(out);
    CHECK(out == R"("a\u00fcb")");
}

TEST_CASE("a value that is absent or has another type has no value") {
    const auto top = read_json(answer);
    REQUIRE(top);
    for (const JsonValue none :
         {(*top)["x"], (*top)["x"]["y"][3], (*top)["n"]["z"], (*top)["n"][0], (*top)["message"]["calls"][2],
          (*top)["message"]["calls"][-1], JsonValue()}) {
        CHECK(none.is(JsonType::absent));
        CHECK_FALSE(none);
        CHECK(none.raw().empty());
        CHECK(none.str().empty());
        CHECK(none.text().empty());
        CHECK(none.size() == 0);
        CHECK(!none.integer());
    }
    CHECK_FALSE((*top)["no"]);
    CHECK((*top)["no"].is(JsonType::null));
    CHECK((*top)["no"].text().empty());
    CHECK(!(*top)["n"].string());
    CHECK(!(*top)["n"].boolean());
    CHECK(!(*top)["yes"].number());
    CHECK((*top)["key"].string() == "/");
    CHECK((*top)["n"].text().text == "7");
}

TEST_CASE("members come in order with decoded keys, and a key twice") {
    const auto top = read_json(answer);
    REQUIRE(top);
    std::string keys;
    for (const auto& [key, value] : top->members())
        keys += std::string(key) + '=' + value.raw().front() + ' ';
    CHECK(keys == "message={ n=7 big=1 no=n yes=t n=8 key=\" =[ ");
    std::vector<std::string> names;
    for (const JsonValue call : (*top)["message"]["calls"].items()) names.push_back(call["name"].str());
    CHECK(names == std::vector<std::string>{"f", "g"});
}

TEST_CASE("a defect is named with its place, and the text is not quoted") {
    CHECK(why_not("") == "invalid JSON at byte 0: it is empty");
    CHECK(why_not(" ") == "invalid JSON at byte 1: it ends too early");
    CHECK(why_not("{\"a\":1") == "invalid JSON at byte 6: it ends too early");
    CHECK(why_not("{\"a\":}") == "invalid JSON at byte 5: a value is missing");
    CHECK(why_not("[1 2]") == "invalid JSON at byte 3: a comma is missing");
    CHECK(why_not("[1,]") == "invalid JSON at byte 3: a value is missing");
    CHECK(why_not("{\"a\" 1}") == "invalid JSON at byte 5: a colon is missing");
    CHECK(why_not("{a:1}") == "invalid JSON at byte 1: a key is missing");
    CHECK(why_not("{\"a\":1,}") == "invalid JSON at byte 7: a key is missing");
    CHECK(why_not("{} {}") == "invalid JSON at byte 3: a byte follows its end");
    CHECK(why_not("[tru]") == "invalid JSON at byte 1: a word is not true, false or null");
    CHECK(why_not("[01]") == "invalid JSON at byte 1: a number is malformed");
    CHECK(why_not("[18446744073709551616]") == "invalid JSON at byte 1: a number is too large");
    CHECK(why_not("[1e999]") == "invalid JSON at byte 1: a number is too large");
    CHECK(why_not("[\"abc]") == "invalid JSON at byte 1: a string is not closed");
    CHECK(why_not("[\"a\\x\"]") == "invalid JSON at byte 3: a string has a wrong escape sequence");
    CHECK(why_not("[\"\\ud800\"]") == "invalid JSON at byte 2: a string has a wrong escape sequence");
    CHECK(why_not("[\"a\xff\"]") == "invalid JSON at byte 3: it is not valid UTF-8");
    CHECK(why_not("[\"a\n\"]") ==
          "invalid JSON at byte 3: a string has a control character that is not escaped");
    const std::string long_text(200, 'a');
    CHECK(why_not("[\"" + long_text + "\n\"]") ==
          "invalid JSON at byte 202: a string has a control character that is not escaped");
}

TEST_CASE("the depth is bounded, and a deep text needs no deep stack") {
    auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
    CHECK(why_not(nested(200)).empty());
    CHECK(why_not(nested(201)) == "invalid JSON at byte 200: it is nested too deeply");
    CHECK(why_not("{\"a\":{}}", 1) == "invalid JSON at byte 5: it is nested too deeply");
    CHECK(why_not(nested(1'000'000)) == "invalid JSON at byte 200: it is nested too deeply");
    const std::string deep = nested(100'000);
    CHECK(why_not(deep, 100'000).empty());
    CHECK(JsonValue::unchecked(deep).size() == 1);
}

TEST_CASE("a text that is not checked is not read beyond its end") {
    for (const std::string text :
         {"", "\"", "\"\\", "{", "[", "{\"a", "{\"a\":", "[\"", "]", ":", "{]", "[}1", "\"a\\\""}) {
        CAPTURE(text);
        const std::vector<char> exact(text.begin(), text.end());
        const JsonValue value = JsonValue::unchecked({exact.data(), exact.size()});
        (void)value.str();
        CHECK(value.size() <= 2);
        CHECK(value["a"][0].str().empty());
    }
}

TEST_CASE("a million strings with escapes are read in linear time") {
    std::string text = "[";
    for (int i = 0; i < 100'000; ++i) text += R"("\"\\\"",)";
    text += "0]";
    REQUIRE(why_not(text).empty());
    CHECK(JsonValue::unchecked(text).size() == 100'001);
}
