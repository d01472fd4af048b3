// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/json/json.hpp"
#include "plugins/common/json/surrogates.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace gatehouse;

namespace {
std::string why_not(std::string text) {
    auto document = json::Document::parse(text);
    return document ? "" : document.error().message;
}
}  // namespace

TEST_CASE("a text that is not JSON is refused, wherever the error is") {
    for (std::string text :
         {"", "{", "{\"a\":1", "{\"a\":}", "[1,]", "{\"a\":1}}", "{\"a\":1} {}", "nul", "NaN", "{a:1}",
          "{\"a\":01}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\n\"}", "{'a':1}",
          "{\"a\":1e999}", "{\"deep\":{\"b\":[1,2,{\"c\":tru}]}}"}) {
        CAPTURE(text);
        CHECK(why_not(text).starts_with("the body is not valid JSON: "));
    }
}

TEST_CASE("an integer of more than 64 bits may be left to the reader, without an error") {
    for (std::string text : {R"({"a":-123456789012345678901234567890,"b":"1e400\"-"})",
                             R"([[18446744073709551616 ,1],"\\",12345678901234567890123])"}) {
        CAPTURE(text);
        std::optional<Error> huge;
        CHECK(json::Document::parse(text, 200, &huge));
        CHECK(!huge);
        CHECK(why_not(text) == "the body is not valid JSON: a number is malformed or too large");
    }
}

TEST_CASE("a number that is too large, and nothing else wrong, may be left to the reader") {
    for (std::string text : {R"({"a":1e400})", R"({"a":-1e400,"b":"1e400\"-"})",
                             R"([[0.5E+999 ,1],"\\",12345678901234567890123])"}) {
        CAPTURE(text);
        std::optional<Error> huge;
        CHECK(json::Document::parse(text, 200, &huge));
        REQUIRE(huge);
        CHECK(huge->message == "the body is not valid JSON: a number is malformed or too large");
        CHECK(why_not(text) == huge->message);
    }
    for (std::string text :
         {R"({"a":1e400)", R"({"a":1e400,})", R"({"a":01e400})", R"({"a":1e400,"b":1.})", R"({"a":1e400-})",
          R"({"a":1e400,"b":+1})", R"({"a":-,"b":1e400})", R"({"a":1e400 1})", "1e400\"", R"(["1e400)"}) {
        CAPTURE(text);
        std::optional<Error> huge;
        CHECK_FALSE(json::Document::parse(text, 200, &huge));
    }
}

TEST_CASE("nesting is bounded") {
    auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
    CHECK(why_not(nested(199)) == "");
    CHECK(why_not(nested(201)) == "the body is not valid JSON: it is nested too deeply");
    CHECK(why_not(nested(100'000)) == "the body is not valid JSON: it is nested too deeply");
}

TEST_CASE("values are read with their types, raw text and order") {
    std::string text =
        R"( {"s":"a\u00fc","i":7,"f":7.5,"w":1e3,"t":true,"n":null,"o": {"k" : [1, 2]} ,"s":"last"} )";
    auto document = json::Document::parse(text);
    REQUIRE(document);
    auto top = document->object();
    REQUIRE(top);
    std::string seen;
    CHECK(json::for_each(*top, [&](std::string_view key, json::Value& value) {
        seen += key;
        if (key == "s") {
            std::string text;
            CHECK(json::take_string(value, text));
            seen += '=' + text;
        }
        if (key == "i") CHECK(json::integer(value) == 7);
        if (key == "f") {
            CHECK(!json::integer(value));
            CHECK(json::number(value) == 7.5);
        }
        if (key == "w") CHECK(json::integer(value) == 1000);
        if (key == "t") CHECK(json::boolean(value) == true);
        if (key == "n") CHECK(json::is_null(value));
        if (key == "o") CHECK(json::raw(value) == R"({"k" : [1, 2]})");
        return true;
    }));
    CHECK(seen == "s=aüifwtnos=last");
}

TEST_CASE("a top that is not an object is reported") {
    for (std::string text : {"[]", "1", "\"a\"", "null"}) {
        auto document = json::Document::parse(text);
        REQUIRE(document);
        CHECK(!document->object());
    }
}

TEST_CASE("a large text that is moved about and read leaves the next one readable") {
    std::string large = "{\"a\":\"" + std::string(3 << 20, 'x') + "\",\"b\":[1,2,3]}";
    for (int round = 0; round < 3; ++round) {
        auto parsed = json::Document::parse(large);
        REQUIRE(parsed);
        json::Document document = *std::move(parsed);
        auto top = document.object();
        REQUIRE(top);
        std::string text;
        CHECK(json::for_each(*top, [&](std::string_view key, json::Value& value) {
            if (key == "a") return json::take_string(value, text);
            return json::raw(value) == "[1,2,3]";
        }));
        CHECK(text.size() == 3u << 20);
        std::string small = "{}";
        CHECK(why_not("{}") == "");
    }
}

TEST_CASE("strings are taken as what they mean, with every escape") {
    const std::string expected("q\"b\\s/\b\f\n\r\tA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\0.", 23);
    std::string text =
        "[\"q\\\"b\\\\s\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\uD83D\\ude00\\u0000.\" , \"plain\" ,\"\"]";
    std::string wrapped = "{\"v\":" + text + "}";
    auto each = [&](auto&& read) {
        auto document = json::Document::parse(wrapped);
        REQUIRE(document);
        auto top = document->object();
        std::vector<std::string> found;
        CHECK(json::for_each(*top, [&](std::string_view, json::Value& value) {
            auto list = json::array(value);
            return json::for_each(*list, [&](json::Value& item, std::size_t) {
                found.push_back(read(item));
                return true;
            });
        }));
        return found;
    };
    const std::vector<std::string> all = {expected, "plain", ""};
    CHECK(each([](json::Value& value) {
              std::string out = "before";
              CHECK(json::take_string(value, out));
              return out;
          }) == all);
}

TEST_CASE("an object can be looked through twice and then taken as it stands") {
    std::string text = R"({"o": { "a" : [1], "ty\u0070e":"x" } ,"e":{ },"l":[ 1 , 2 ],"n":5})";
    auto document = json::Document::parse(text);
    REQUIRE(document);
    auto top = document->object();
    CHECK(json::for_each(*top, [&](std::string_view key, json::Value& value) {
        std::string keys;
        auto note = [&](std::string_view name, json::Value&) {
            keys += name;
            return true;
        };
        if (key == "o") {
            auto object = json::object(value);
            REQUIRE(object);
            CHECK(json::for_each(*object, note));
            CHECK(json::for_each(*object, note));
            CHECK(keys == "atypeatype");
            CHECK(json::raw(*object) == R"({ "a" : [1], "ty\u0070e":"x" })");
        } else if (key == "e") {
            auto object = json::object(value);
            REQUIRE(object);
            CHECK(json::for_each(*object, note));
            CHECK(json::for_each(*object, note));
            CHECK(keys == "");
            CHECK(json::raw(*object) == "{ }");
        } else if (key == "l") {
            auto array = json::array(value);
            REQUIRE(array);
            CHECK(json::for_each(*array, [](json::Value&, std::size_t) { return true; }));
            CHECK(json::raw(*array) == "[ 1 , 2 ]");
        } else {
            CHECK(!json::object(value));
            CHECK(!json::array(value));
            std::string out = "kept";
            CHECK(!json::take_string(value, out));
            CHECK(out == "kept");
            CHECK(json::integer(value) == 5);
            CHECK(json::raw(value) == "5");
        }
        return true;
    }));
}

TEST_CASE("lone halves of surrogate pairs are refused, whole pairs are not") {
    for (std::string text : {R"(["\ud800"])", R"(["\udc00"])", R"(["\ud800\u0041"])", R"(["\ud800\ud800"])",
                             R"({"\udc00":1})"}) {
        CAPTURE(text);
        CHECK(why_not(text) == "the body is not valid JSON: a string has a wrong escape sequence");
    }
    CHECK(why_not(R"(["\ud83d\ude00"])") == "");
}

TEST_CASE("halves of surrogate pairs are mended in place, and nothing else") {
    for (const auto& [text, mended] : std::vector<std::pair<std::string, std::string>>{
             {R"("\ud800")", R"("\ufffd")"},
             {R"("\udfff\ud800")", R"("\ufffd\ufffd")"},
             {R"("\uDBFF\uDFFF\uDBFF")", R"("\uDBFF\uDFFF\ufffd")"},
             {R"("\ud83d\u0041")", R"("\ufffd\u0041")"},
             {R"({"\udc00":"\\\udc00"})", R"({"\ufffd":"\\\ufffd"})"}}) {
        std::string json = text;
        CHECK(json::mend_surrogates(json));
        CHECK(json == mended);
        CHECK(why_not(json) == "");
    }
    for (const std::string text : {R"("\ud83d\ude00")", R"("\\ud83d")", R"("\u00e9\n")", R"("\ud8")",
                                   R"("\u")", R"(\)", R"()", R"("a")"}) {
        std::string json = text;
        CHECK(!json::mend_surrogates(json));
        CHECK(json == text);
    }
}
