// SPDX-License-Identifier: Apache-2.0
#include "tests/json.hpp"

#include <gatehouse/json_writer.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace gatehouse;
using gatehouse::test::Json;

namespace {
template <typename Write>
std::string written(Write&& write) {
    std::string out;
    JsonWriter json(out);
    write(json);
    return out;
}
std::string text(std::string_view bytes) {
    std::string out;
    append_json_string(out, bytes);
    return out;
}
const std::string replacement = "\xEF\xBF\xBD";
}  // namespace

TEST_CASE("the writer adds commas where JSON needs them") {
    CHECK(written([](JsonWriter& json) {
              json.begin_object().member("index", 0).key("delta").raw("{}").key("a").begin_array();
              json.value(1)
                  .value("two")
                  .null()
                  .begin_array()
                  .end_array()
                  .begin_object()
                  .end_object()
                  .end_array();
              json.key("o").begin_object().end_object().member("b", true).end_object();
          }) == R"({"index":0,"delta":{},"a":[1,"two",null,[],{}],"o":{},"b":true})");
}

TEST_CASE("a name of any length and with any character is escaped as a text is") {
    for (const std::string middle : {"", "a", "\"", "\\", "\x1F", "\n", "\x7F", "é", "\xC3"})
        for (std::size_t size = 0; size < 40; ++size)
            for (std::size_t at = 0; at <= size; ++at) {
                const std::string name = std::string(at, 'x') + middle + std::string(size - at, 'y');
                const std::string all =
                    written([&](JsonWriter& json) { json.begin_object().member(name, 1).member(name, 2); });
                REQUIRE(all == "{" + text(name) + ":1," + text(name) + ":2");
            }
}

TEST_CASE("a member without a value is omitted") {
    CHECK(written([](JsonWriter& json) {
              json.begin_object()
                  .member("a", std::optional<int>())
                  .member("b", std::optional<std::string>("x"));
              json.member("c", std::optional<bool>(false)).end_object();
          }) == R"({"b":"x","c":false})");
}

TEST_CASE("numbers are valid JSON and parse to the same value") {
    auto number = [](auto value) { return written([&](JsonWriter& json) { json.value(value); }); };
    CHECK(number(0) == "0");
    CHECK(number(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(number(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(number(0.5) == "0.5");
    CHECK(number(-8.4949343e-4f) == "-0.00084949343");
    for (double value : {0.1, 1e300, -5e-324, 1.0 / 3, 1e21, 123456789.0}) {
        const std::string out = number(value);
        CAPTURE(out);
        CHECK(Json::parse(out).get<double>() == value);
    }
    CHECK(number(std::nan("")) == "null");
    CHECK(number(-std::numeric_limits<double>::infinity()) == "null");
}

TEST_CASE("text, booleans and numbers are written by their type") {
    const char* literal = "x";
    const std::string string = "y";
    CHECK(written([&](JsonWriter& json) {
              json.begin_array()
                  .value(literal)
                  .value(string)
                  .value(std::string_view("z"))
                  .value(true)
                  .end_array();
          }) == R"(["x","y","z",true])");
}

TEST_CASE("characters that JSON reserves are escaped") {
    CHECK(text("a\"b\\c/\b\f\n\r\t") == R"("a\"b\\c/\u0008\u000c\n\r\t")");
    CHECK(text(std::string_view("\0\x1f\x7f", 3)) == "\"\\u0000\\u001f\x7f\"");
    CHECK(text("") == "\"\"");
    CHECK(written([](JsonWriter& json) { json.begin_object().member("a\"\n", 1).end_object(); }) ==
          R"({"a\"\n":1})");
}

TEST_CASE("UTF-8 passes, and each invalid byte becomes U+FFFD") {
    CHECK(text("Grüße 日本 🎉") == "\"Grüße 日本 🎉\"");
    CHECK(text("a\xFF"
               "b") == "\"a" + replacement + "b\"");
    CHECK(text("\xC3") == "\"" + replacement + "\"");                    // cut
    CHECK(text("\xE2\x82") == "\"" + replacement + replacement + "\"");  // cut
    CHECK(text("\xC0\x80") == "\"" + replacement + replacement + "\"");  // overlong
    CHECK(text("\xE0\x9F\xBF") == "\"" + replacement + replacement + replacement + "\"");
    CHECK(text("\xED\xA0\x80") == "\"" + replacement + replacement + replacement + "\"");  // a surrogate
    CHECK(text("\xF4\x90\x80\x80").size() == 2 + 4 * 3);                                   // beyond U+10FFFF
    CHECK(text("\xF0\x8F\xBF\xBF").size() == 2 + 4 * 3);
    CHECK(text("\xF4\x8F\xBF\xBF") == "\"\xF4\x8F\xBF\xBF\"");
}

TEST_CASE("any pair of bytes gives valid JSON") {
    for (int a = 0; a < 256; ++a)
        for (int b = 0; b < 256; ++b) {
            const char bytes[] = {static_cast<char>(a), static_cast<char>(b), 'x'};
            const std::string out = text(std::string_view(bytes, 3));
            if (!Json::accept(out)) FAIL_CHECK("bytes " << a << " " << b << " gave " << out);
        }
}

TEST_CASE("each byte is written correctly, alone and at every position of a text") {
    for (int value = 0; value < 256; ++value) {
        const std::string byte(1, static_cast<char>(value)), alone = text(byte);
        CHECK(Json::parse(alone).get<std::string>() == (value < 0x80 ? byte : replacement));
        const std::string inside = alone.substr(1, alone.size() - 2);
        for (std::size_t before = 0; before < 70; ++before)
            for (std::size_t after : {0, 1, 15, 16, 70}) {
                const std::string all =
                    text(std::string(before, 'a') + byte + byte + std::string(after, 'z'));
                if (all != "\"" + std::string(before, 'a') + inside + inside + std::string(after, 'z') + "\"")
                    FAIL_CHECK(before << " bytes before " << value << ", " << after << " after: " << all);
            }
    }
}

TEST_CASE("a multi-byte character is kept, and a truncated one replaced, at every block boundary") {
    for (const std::string sequence : {"\xC3\xBC", "\xE2\x86\x92", "\xF0\x9F\x8E\x89"})
        for (std::size_t before = 0; before < 70; ++before) {
            const std::string a(before, 'a');
            CHECK(text(a + sequence + "\"" + sequence + "\n") ==
                  "\"" + a + sequence + "\\\"" + sequence + "\\n\"");
            const std::string cut = sequence.substr(0, sequence.size() - 1);
            std::string instead;
            for (std::size_t i = 0; i < cut.size(); ++i) instead += replacement;
            CHECK(text(a + cut + "a" + cut) == "\"" + a + instead + "a" + instead + "\"");
        }
}

TEST_CASE("a long text with an escape for every byte is complete") {
    for (const auto& [byte, escaped] :
         {std::pair("\x01", "\\u0001"), {"\"", "\\\""}, {"\xFF", "\xEF\xBF\xBD"}}) {
        std::string bytes, expected;
        for (int i = 0; i < 5'000; ++i) bytes += byte, expected += escaped;
        CHECK(text(bytes) == "\"" + expected + "\"");
    }
}
