// SPDX-License-Identifier: Apache-2.0
// Compares the JSON reader of the plugins and the one of the SDK with simdjson's own parser.  All
// must accept the same texts and find the same values.
#include "plugins/common/json/json.hpp"

#include <gatehouse/json.hpp>

#include <doctest/doctest.h>

#include <random>

using namespace gatehouse;

namespace {

namespace dom = simdjson::dom;

/// `text` with the zero and the padding that readers require.
std::string roomy(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 64);
    out = text;
    return out;  // not `return out = text`, because a copy has no padding
}

bool same(const json::Value& mine, dom::element other);

bool same_object(const json::Object& mine, dom::object other) {
    auto at = other.begin();
    return json::for_each(mine,
                          [&](std::string_view key, json::Value& value) {
                              if (at == other.end() || at.key() != key || !same(value, at.value()))
                                  return false;
                              ++at;
                              return true;
                          }) &&
           at == other.end();
}

bool same_array(const json::Array& mine, dom::array other) {
    auto at = other.begin();
    return json::for_each(mine,
                          [&](json::Value& value, std::size_t) {
                              if (at == other.end() || !same(value, *at)) return false;
                              ++at;
                              return true;
                          }) &&
           at == other.end();
}

bool same(const json::Value& mine, dom::element other) {
    const std::string_view raw = json::raw(mine);
    if (raw.empty() || raw.front() <= ' ' || raw.back() <= ' ') return false;
    switch (other.type()) {
        case dom::element_type::OBJECT: {
            const auto found = json::object(mine);
            return found && raw.back() == '}' && same_object(*found, other.get_object());
        }
        case dom::element_type::ARRAY: {
            const auto found = json::array(mine);
            return found && raw.back() == ']' && same_array(*found, other.get_array());
        }
        case dom::element_type::STRING: {
            std::string text = "other";
            return json::take_string(mine, text) && text == other.get_string().value();
        }
        case dom::element_type::BOOL: return json::boolean(mine) == other.get_bool().value();
        case dom::element_type::NULL_VALUE: return json::is_null(mine);
        case dom::element_type::INT64:
            return json::integer(mine) == other.get_int64().value() &&
                   json::number(mine) == other.get_double().value();
        case dom::element_type::DOUBLE:
        case dom::element_type::UINT64: return json::number(mine) == other.get_double().value();
    }
    return false;
}

/// Whether the SDK's reader finds the same values as the plugins' reader.
bool same_in_sdk(const json::Value& mine, JsonValue other) {
    if (json::raw(mine) != other.raw()) return false;
    if (const auto list = json::array(mine)) {
        auto at = other.items().begin();
        return json::for_each(*list,
                              [&](json::Value& value, std::size_t) {
                                  const bool same =
                                      at != gatehouse::detail::JsonEnd() && same_in_sdk(value, *at);
                                  ++at;
                                  return same;
                              }) &&
               !(at != gatehouse::detail::JsonEnd());
    }
    if (const auto object = json::object(mine)) {
        auto at = other.members().begin();
        return json::for_each(*object,
                              [&](std::string_view key, json::Value& value) {
                                  const bool same = at != gatehouse::detail::JsonEnd() && (*at).key == key &&
                                                    same_in_sdk(value, (*at).value);
                                  ++at;
                                  return same;
                              }) &&
               !(at != gatehouse::detail::JsonEnd());
    }
    std::string text;
    const bool string = json::take_string(mine, text);
    return string == other.is(JsonType::string) && text == other.str() &&
           other.boolean() == json::boolean(mine) && other.number() == json::number(mine) &&
           other.integer() == json::integer(mine) && other.is(JsonType::null) == json::is_null(mine);
}

/// The difference between the three, or an empty text.
std::string difference(std::string text) {
    static dom::parser parser;
    text = roomy(text);
    auto theirs = parser.parse(text.data(), text.size(), false);
    const auto ours = json::Document::parse(text);
    if (bool(ours) == bool(theirs.error()))
        return ours ? "only ours takes it" : "only theirs takes it: " + ours.error().message;
    const auto third = read_json(std::string_view(text));
    if (bool(ours) != bool(third))
        return third ? "only the SDK takes it" : "the SDK refuses it: " + third.error().message;
    if (ours && !same_in_sdk(ours->top(), *third)) return "the SDK reads it differently";
    return !ours || same(ours->top(), theirs.value()) ? "" : "they read it differently";
}

const char* const samples[] = {
    R"( {"model":"gpt-5","messages":[ {"role":"user" , "content":"a \"b\" \\ \n \u00e9 \ud83d\ude00 ü→🎉"}],"n":1.0,"t":true} )",
    R"([0,-1,12.5e3,1E-2,-0,-0.0,9223372036854775807,-9223372036854775808,18446744073709551615,1e308,5e-324,1e-999])",
    R"([[],{},[[]],[{}],{"a":[]},{"":""},{"a":{"b":{"c":[1,[2,[3]]]}}},null,false,true,"",[null]])",
    R"({"a":"0123456789012345678901234567890123456789012345678901234567890123\"456789","b\u0062":"\/\b\f\n\r\t\\"})",
    R"("a string")",
    "-12",
    "null ",
    "[1e400]",
    "[123456789012345678901]",
    "{\"a\":1}x"};

}  // namespace

TEST_CASE("texts with a few wrong bytes are taken and read as by simdjson's own parser") {
    const std::string_view bytes = "{}[]\",:\\/ \n\t-+.eE0129tfnrulabdx\x01\x00\x1f\x80\xc3\xbc\xed\xa0";
    std::mt19937 random(1);
    auto any = [&](std::size_t below) {
        return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
    };
    for (const std::string sample : samples) {
        CHECK(difference(sample) == "");
        for (int round = 0; round < 4'000; ++round) {
            std::string text = sample;
            for (std::size_t changes = 1 + any(3); changes; --changes) {
                const std::size_t at = any(text.size());
                switch (any(4)) {
                    case 0: text.erase(at, 1 + any(3)); break;
                    case 1: text.insert(at, 1, bytes[any(bytes.size())]); break;
                    case 2: text.resize(at + 1); break;
                    default: text[at] = bytes[any(bytes.size())];
                }
                if (text.empty()) text = " ";
            }
            if (const std::string wrong = difference(text); !wrong.empty()) FAIL_CHECK(wrong << ": " << text);
        }
    }
}

TEST_CASE("an escape is found at every place of a string, and so is a wrong one") {
    for (std::size_t before = 0; before < 140; ++before)
        for (const char* escape : {"\\n", "\\\\", "\\\"", "\\u0041", "\\ud83d\\ude00", "\\x", "\\u00g0",
                                   "\\u12", "\\ud800", "\\udc00\\ud800", "\\ud800\\n"})
            for (std::size_t after : {0, 1, 3, 62, 63, 64, 65}) {
                const std::string text =
                    "[\"" + std::string(before, 'a') + escape + std::string(after, 'z') + escape + "\"]";
                if (const std::string wrong = difference(text); !wrong.empty())
                    FAIL_CHECK(wrong << ": " << text);
            }
}

TEST_CASE("a long string has its escape found behind many bytes without one") {
    for (std::size_t before : {1'000, 1'023, 1'024, 5'000, 100'001}) {
        const std::string text = "[\"" + std::string(before, 'a');
        CHECK(difference(text + "\"]") == "");
        CHECK(difference(text + "\\t\"]") == "");
        CHECK(difference(text + "\\q\"]") == "");
    }
}

TEST_CASE("any two bytes behind a backslash are judged as by simdjson's own parser") {
    for (int first = 0; first < 256; ++first)
        for (const char* second : {"", "0000", "\\", "x"}) {
            const std::string text = std::string("[\"\\") + static_cast<char>(first) + second + "\"]";
            if (const std::string wrong = difference(text); !wrong.empty()) FAIL_CHECK(wrong << ": " << text);
        }
}

TEST_CASE("numbers near what a double can hold are judged by their size") {
    const std::string zeros(400, '0');
    for (const std::string text :
         {"1.7976931348623157e308", "1.7976931348623159e308", "-1e309", "0e9999999999999999999999", "0.1e309",
          "1e-9999999999999999999999", "1e+9999999999999999999999", "2e-324", "1e18446744073709551616",
          "9223372036854775808", "-9223372036854775809", "18446744073709551616", "100000000000000000000.5"})
        CHECK(difference("[" + text + "]") == "");
    CHECK(difference("[0." + zeros + "1]") == "");
    CHECK(difference("[0." + zeros + "1e800]") == "");
    CHECK(difference("[1" + zeros + ".0]") == "");
    CHECK(difference("[1" + zeros + "e-200]") == "");
    CHECK(difference("[1" + zeros + "]") == "");
}
