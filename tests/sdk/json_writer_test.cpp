// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/json_writer.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

using namespace gatehouse;

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

TEST_CASE("commas stand where they belong") {
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

TEST_CASE("a member without a value is left out") {
    CHECK(written([](JsonWriter& json) {
              json.begin_object()
                  .member("a", std::optional<int>())
                  .member("b", std::optional<std::string>("x"));
              json.member("c", std::optional<bool>(false)).end_object();
          }) == R"({"b":"x","c":false})");
}

TEST_CASE("numbers are JSON and come back as they were") {
    auto number = [](auto value) { return written([&](JsonWriter& json) { json.value(value); }); };
    CHECK(number(0) == "0");
    CHECK(number(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(number(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(number(0.5) == "0.5");
    CHECK(number(-8.4949343e-4f) == "-0.00084949343");
    for (double value : {0.1, 1e300, -5e-324, 1.0 / 3, 1e21, 123456789.0}) {
        const std::string out = number(value);
        CAPTURE(out);
        CHECK(nlohmann::json::parse(out).get<double>() == value);
    }
    CHECK(number(std::nan("")) == "null");
    CHECK(number(-std::numeric_limits<double>::infinity()) == "null");
}

TEST_CASE("text is told from truth and from numbers") {
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

TEST_CASE("what JSON reserves is escaped") {
    CHECK(text("a\"b\\c/\b\f\n\r\t") == R"("a\"b\\c/\u0008\u000c\n\r\t")");
    CHECK(text(std::string_view("\0\x1f\x7f", 3)) == "\"\\u0000\\u001f\x7f\"");
    CHECK(text("") == "\"\"");
    CHECK(written([](JsonWriter& json) { json.begin_object().member("a\"\n", 1).end_object(); }) ==
          R"({"a\"\n":1})");
}

TEST_CASE("UTF-8 passes, and what is none becomes U+FFFD byte by byte") {
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
            if (!nlohmann::json::accept(out)) FAIL_CHECK("bytes " << a << " " << b << " gave " << out);
        }
}

TEST_CASE("a byte that must be changed is found at every place of a text of every length") {
    const std::pair<std::string, std::string> bytes[] = {
        {"\"", "\\\""},        {"\\", "\\\\"},   {"\n", "\\n"}, {"\x1f", "\\u001f"}, {"\xC3\xBC", "\xC3\xBC"},
        {"\xFF", replacement}, {"\x7f", "\x7f"}, {" ", " "},    {"!", "!"}};
    for (const auto& [byte, escaped] : bytes)
        for (std::size_t length = 0; length < 34; ++length)
            for (std::size_t at = 0; at <= length; ++at) {
                const std::string before(at, 'a'), after(length - at, 'z');
                CHECK(text(before + byte + byte + after) == "\"" + before + escaped + escaped + after + "\"");
            }
}
