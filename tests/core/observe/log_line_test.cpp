// SPDX-License-Identifier: Apache-2.0
// No value can end its line, leave its quotes or look like another field.
#include "core/observe/log_line.hpp"
#include "tests/json.hpp"

#include <doctest/doctest.h>

using namespace gatehouse::core;
using gatehouse::test::Json;

namespace {

std::string text(std::string_view value, std::size_t max = Line::max_value_bytes) {
    return Line(Line::Format::text, "i", "m").field("k", value, max).content();
}

Json json(std::string_view value, std::size_t max = Line::max_value_bytes) {
    const std::string content = Line(Line::Format::json, "i", "m").field("k", value, max).content();
    return Json::parse("{" + content + "}");
}

}  // namespace

TEST_CASE("plain values stay as they are") {
    CHECK(text("abc") == "i m k=abc");
    CHECK(text("/v1/chat/completions") == "i m k=/v1/chat/completions");
    CHECK(text("oci/openai.gpt-4.1") == "i m k=oci/openai.gpt-4.1");
}

TEST_CASE("values that could be misread are quoted") {
    CHECK(text("") == "i m k=\"\"");
    CHECK(text("a b") == "i m k=\"a b\"");
    CHECK(text("a=b") == "i m k=\"a=b\"");
    CHECK(text("say \"hi\"") == "i m k=\"say \\\"hi\\\"\"");
    CHECK(text("a\\b") == "i m k=\"a\\\\b\"");
    CHECK(text("größe") == "i m k=\"größe\"");
}

TEST_CASE("control characters and what acts like them come out as escapes") {
    CHECK(text("a\r\nb\tc") == "i m k=\"a\\r\\nb\\tc\"");
    CHECK(text(std::string_view("\0\x1b[31m\x7f", 7)) == "i m k=\"\\x00\\x1b[31m\\x7f\"");
    CHECK(text("a\xC2\x85"
               "b") == "i m k=\"a\\x85b\"");  // next line, U+0085
    CHECK(text("a\xE2\x80\xA8"
               "b") == "i m k=\"a\\u2028b\"");  // line separator
    CHECK(text("a\xE2\x80\xAE"
               "b") == "i m k=\"a\\u202eb\"");                     // right-to-left override
    CHECK(text("a\xFF\xC0\xAF") == "i m k=\"a\\xff\\xc0\\xaf\"");  // no UTF-8
    CHECK(text("a\xED\xA0\x80") == "i m k=\"a\\xed\\xa0\\x80\"");  // a surrogate
}

TEST_CASE("the message and the instance cannot break the line either") {
    CHECK(Line(Line::Format::text, "a\nb", "c\nd\x1b").content() == "a\\nb c\\nd\\x1b");
}

TEST_CASE("names of fields hold letters, digits and a few signs only") {
    CHECK(Line(Line::Format::text, "i", "m").field("a b=\"\n", "v").content() == "i m a_b___=v");
    CHECK(Line(Line::Format::json, "i", "m").field("a\"b", "v").content() ==
          "\"instance\":\"i\",\"message\":\"m\",\"a_b\":\"v\"");
}

TEST_CASE("a long value is cut between two characters") {
    CHECK(text("abcdef", 3) == "i m k=abc...");
    CHECK(text("abc", 3) == "i m k=abc");
    CHECK(text("aäb", 2) == "i m k=a...");
    CHECK(json("aäb", 3)["k"] == "aä...");
    CHECK(text(std::string(1'000'000, 'x')).size() < 5000);
    CHECK(text(std::string(100, '\x80'), 50).size() < 250);  // nothing but tails of sequences
}

TEST_CASE("JSON lines are valid JSON for any value") {
    for (std::string_view value : {"", "a\"b\\", "a\r\nb",
                                   "a\xE2\x80\xA8"
                                   "b",
                                   "gr\xC3\xB6\xC3\x9F"
                                   "e",
                                   "\x1b[31m"}) {
        CAPTURE(value);
        const auto parsed = json(value);
        CHECK(parsed["instance"] == "i");
        CHECK(parsed["message"] == "m");
        CHECK(parsed.size() == 3);
    }
    CHECK(json("a\"b\r\n")["k"] == "a\"b\r\n");
    CHECK(json("a\xE2\x80\xA8"
               "b")["k"] == "a\\u2028b");
    CHECK(json("a\xFF"
               "b")["k"] ==
          "a\xEF\xBF\xBD"
          "b");
}

TEST_CASE("numbers and flags are never quoted") {
    CHECK(Line(Line::Format::text, "i", "m").number("n", -5).flag("f", true).content() == "i m n=-5 f=true");
    CHECK(Line(Line::Format::json, "i", "m").number("n", 7).flag("f", false).content() ==
          "\"instance\":\"i\",\"message\":\"m\",\"n\":7,\"f\":false");
}
