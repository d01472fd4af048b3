// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/json/json.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;

namespace {
std::string why_not(std::string text) {
    auto document = json::Document::parse(text);
    return document ? "" : document.error().message;
}
}  // namespace

TEST_CASE("what is no JSON is refused whole, wherever the mistake stands") {
    for (std::string text :
         {"", "{", "{\"a\":1", "{\"a\":}", "[1,]", "{\"a\":1}}", "{\"a\":1} {}", "nul", "NaN", "{a:1}",
          "{\"a\":01}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\n\"}", "{'a':1}",
          "{\"a\":1e999}", "{\"deep\":{\"b\":[1,2,{\"c\":tru}]}}"}) {
        CAPTURE(text);
        CHECK(why_not(text).starts_with("the body is not valid JSON: "));
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
        if (key == "s") seen += '=' + std::string(json::string(value).value_or("?"));
        if (key == "i") CHECK(json::integer(value) == 7);
        if (key == "f") {
            CHECK(!json::integer(value));
            CHECK(json::number(value) == 7.5);
        }
        if (key == "w") CHECK(json::integer(value) == 1000);
        if (key == "t") CHECK(!json::string(value));
        if (key == "n") CHECK(json::is_null(value));
        if (key == "o") CHECK(json::raw(value) == R"({"k" : [1, 2]})");
        return true;
    }));
    CHECK(seen == "s=aüifwtnos=last");
}

TEST_CASE("a top that is no object says so") {
    for (std::string text : {"[]", "1", "\"a\"", "null"}) {
        auto document = json::Document::parse(text);
        REQUIRE(document);
        CHECK(!document->object());
    }
}
