// SPDX-License-Identifier: Apache-2.0
#include "tests/json.hpp"

#include <gatehouse/json_text.hpp>
#include <gatehouse/json_writer.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using gatehouse::test::Json;

namespace {
std::string written(const JsonString& text) {
    std::string out;
    JsonWriter(out).value(text);
    return out;
}
}  // namespace

TEST_CASE("a text received as JSON is written unchanged, byte for byte") {
    const std::string spelling = R"(a\u00fc\/\n\"ü\ud83d\ude00)";
    const JsonString text = JsonString::spelled(spelling, true);
    CHECK(!text.empty());
    CHECK(written(text) == "\"" + spelling + "\"");
    const JsonString copy = text;
    CHECK(text.str() == "aü/\n\"ü😀");
    CHECK(copy == text);
    CHECK(written(text) == R"("aü/\n\"ü😀")");  // the same text in another spelling
}

TEST_CASE("every accessor returns the decoded text") {
    auto text = [] { return JsonString::spelled(R"(say \"hi\")", true); };
    CHECK(text() == "say \"hi\"");
    CHECK(text() == std::string("say \"hi\""));
    CHECK(text() == JsonString("say \"hi\""));
    CHECK(text() != "say");
    CHECK(std::string_view(text()) == "say \"hi\"");
    const std::string said = text();
    CHECK(said == "say \"hi\"");
    CHECK(("I " + text().str()) == "I say \"hi\"");
}

TEST_CASE("a replaced text is escaped again") {
    JsonString text = JsonString::spelled("plain", false);
    CHECK(written(text) == "\"plain\"");
    text = "with \"quotes\" and \xFF";
    CHECK(written(text) == "\"with \\\"quotes\\\" and \xEF\xBF\xBD\"");
    text = std::string("again\n");
    CHECK(written(text) == "\"again\\n\"");
    text = {};
    CHECK(text.empty());
    CHECK(written(text) == "\"\"");
}

TEST_CASE("a long text shares its buffer, and outlives the other owners of it") {
    for (bool escapes : {false, true}) {
        const std::string inside = std::string(JsonString::worth_sharing, 'x') + (escapes ? "\\n" : "");
        auto whole = std::make_shared<const std::string>("{\"text\":\"" + inside + "\"}");
        const std::weak_ptr<const std::string> watch = whole;
        auto text = JsonString::spelled(std::string_view(*whole).substr(9, inside.size()), escapes, whole);
        auto copy = text;
        whole.reset();
        const auto moved = std::move(text);
        CHECK(!watch.expired());
        CHECK(written(moved) == "\"" + inside + "\"");
        CHECK(moved.json_size() == inside.size() + 2);
        CHECK(!moved.blank());
        CHECK(!watch.expired());  // str() has not been called
        CHECK(std::string_view(copy).substr(0, JsonString::worth_sharing) ==
              inside.substr(0, JsonString::worth_sharing));
        CHECK(moved.str() == (escapes ? std::string(JsonString::worth_sharing, 'x') + "\n" : inside));
        CHECK(written(moved) == "\"" + inside + "\"");
        copy = "other";
        CHECK(watch.expired());
    }
}

TEST_CASE("a text after another content is read as one text, without a copy of its shared bytes") {
    for (bool escapes : {false, true}) {
        const std::string inside = std::string(100, 'x') + (escapes ? "\\n" : "");
        const std::string said = "a\n\n" + std::string(100, 'x') + (escapes ? "\n" : "");
        const auto whole = std::make_shared<const std::string>(inside);
        const JsonString text = JsonString::spelled(*whole, escapes, whole).after(R"(\n)").after(R"(a\n)");
        CHECK(whole.use_count() == 2);
        CHECK(!text.empty());
        CHECK(written(text) == R"("a\n\n)" + inside + "\"");
        CHECK(text.json_size() == written(text).size());
        CHECK(whole.use_count() == 2);  // nothing has joined them
        CHECK(JsonString(text).spelling() == R"(a\n\n)" + inside);
        CHECK(JsonString(text).behind(5).str() == said.substr(3));
        CHECK(JsonString(text) == said);
        CHECK(text.str() == said);
        CHECK(text.str() == said);
        CHECK(whole.use_count() == 1);
    }
}

TEST_CASE("a text of any form is put after another content") {
    CHECK(JsonString("\"b\"").after(R"(a\n)").str() == "a\n\"b\"");
    CHECK(JsonString::spelled("b", false).after(R"(a\n)").str() == "a\nb");
    CHECK(JsonString::spelled(R"(\"b\")", true).after({}).str() == "\"b\"");
    CHECK(JsonString().after("a").str() == "a");
}

TEST_CASE("copies of JSON share one memory") {
    const auto whole = std::make_shared<const std::string>(R"({"schema":{"type":"object"}})");
    SharedJson json{{std::string_view(*whole).substr(10, 17), whole}};
    const SharedJson copy = json;
    CHECK(whole.use_count() == 3);
    CHECK(copy.text == R"({"type":"object"})");
    CHECK(copy.text.size() == 17);
    json.text = std::string("{}");
    CHECK(json.text == "{}");
    CHECK(SharedJson(json).text == "{}");
    json = {};
    CHECK(json.empty());
    CHECK(SharedJson{std::string()}.empty());
    CHECK(whole.use_count() == 2);
}

TEST_CASE("a text is blank in any spelling") {
    for (const char* spelling : {"", " \\n", "\\u0020\\t", "\\r"})
        CHECK(JsonString::spelled(spelling, true).blank());
    for (const char* spelling : {"x", " \\nx", "\\u0021", "{\\n", "\\\\n"})
        CHECK(!JsonString::spelled(spelling, true).blank());
    CHECK(JsonString(" \r\n\t").blank());
    CHECK(JsonString::spelled("  ", false).blank());
    CHECK(!JsonString("\\n").blank());
}

TEST_CASE("the estimated size in JSON is close to the real size") {
    const std::string plain(1'000, 'x');
    CHECK(JsonString::spelled(plain, false).json_size() == written(plain).size());
    CHECK(JsonString::spelled("\\n", true).json_size() == 4);
    CHECK(JsonString(plain).json_size() >= 1'002);
}

TEST_CASE("a text decodes every spelling of a JSON library") {
    std::string all;
    for (int c = 1; c < 0x800; c = c < 0x80 ? c + 1 : c + 37)
        all += Json::parse("\"\\u" +
                           std::string(c < 16    ? "000"
                                       : c < 256 ? "00"
                                                 : "0") +
                           [&] {
                               char digits[8];
                               return std::string(digits, std::to_chars(digits, digits + 8, c, 16).ptr);
                           }() +
                           "\"")
                   .get<std::string>();
    for (std::size_t padding = 0; padding < 70; ++padding)
        for (bool ascii : {false, true}) {
            const std::string said = std::string(padding, 'a') + all;
            const std::string json = Json(said).dump(-1, ' ', ascii);
            const JsonString text =
                JsonString::spelled(std::string_view(json).substr(1, json.size() - 2), true);
            REQUIRE(written(text) == json);
            REQUIRE(text == said);
        }
}
