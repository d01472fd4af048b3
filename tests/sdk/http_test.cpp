// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/http.hpp>

#include <doctest/doctest.h>

using namespace gatehouse::http;

TEST_CASE("names compare without the case of ASCII letters only") {
    CHECK(equal_ignoring_case("Content-Type", "cONTENT-tYPE"));
    CHECK(equal_ignoring_case("", ""));
    CHECK(!equal_ignoring_case("a", "ab"));
    CHECK(!equal_ignoring_case("[", "{"));  // 32 apart, but not letters
    CHECK(!equal_ignoring_case("@", "`"));
    CHECK(!equal_ignoring_case("\xC4", "\xE4"));
}

TEST_CASE("fields keep their order, and get returns the first field of a name") {
    Headers headers{{"B", "1"}, {"a", "2"}};
    headers.add("b", "3");
    CHECK(headers.get("b") == "1");
    CHECK(headers.get("A") == "2");
    CHECK(headers.get("c") == "");
    CHECK(headers.has("B"));
    CHECK(!headers.has("c"));
    std::string all;
    for (const auto& [name, value] : headers) all += name + value;
    CHECK(all == "B1a2b3");
}

TEST_CASE("set leaves one field of the name, remove leaves no field") {
    Headers headers{{"X", "1"}, {"y", "2"}, {"x", "3"}};
    headers.set("x", "4");
    CHECK(headers.size() == 2);
    CHECK(headers.get("X") == "4");
    headers.remove("X");
    CHECK(!headers.has("x"));
    CHECK(headers.get("y") == "2");
    headers.remove("nothing");
    CHECK(headers.size() == 1);
}

TEST_CASE("a name may be a view of a removed field") {
    const std::string long_name = "x-a-name-that-is-longer-than-any-small-string";
    Headers headers{{long_name, "1"}, {"other-field-which-is-quite-long-as-well", "2"}, {long_name, "3"}};
    headers.set(headers.begin()->first, "4");
    CHECK(headers.size() == 2);
    CHECK(headers.get(long_name) == "4");
    headers.remove(headers.begin()->first);
    headers.remove(headers.begin()->first);
    CHECK(headers.size() == 0);
}
