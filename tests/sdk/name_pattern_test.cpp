// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/name_pattern.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace gatehouse;

TEST_CASE("a pattern is a name, or a prefix with one star at its end") {
    for (const char* good : {"gpt-5", "gpt-*", "*", "a", "a/b*"}) CHECK(is_name_pattern(good));
    for (const char* bad : {"", "*a", "a*b", "a**", "**", "*a*"}) CHECK_FALSE(is_name_pattern(bad));
}

TEST_CASE("a complete name matches itself only") {
    CHECK(matches_pattern("gpt-5", "gpt-5"));
    for (const char* other : {"", "gpt-", "gpt-5x", "xgpt-5", "GPT-5", "gpt-5*"})
        CHECK_FALSE(matches_pattern("gpt-5", other));
}

TEST_CASE("a prefix matches each name that begins with it, and itself") {
    for (const char* name : {"gpt-", "gpt-5", "gpt-*"}) CHECK(matches_pattern("gpt-*", name));
    for (const char* other : {"", "gpt", "Gpt-5", "x-gpt-5"}) CHECK_FALSE(matches_pattern("gpt-*", other));
    for (const char* any : {"", "a", "*"}) CHECK(matches_pattern("*", any));
}

TEST_CASE("the star is not part of the prefix") {
    CHECK(prefix_of("gpt-*") == "gpt-");
    CHECK(prefix_of("*") == "");
    CHECK(prefix_of("gpt-5") == "gpt-5");
    CHECK(prefix_of("") == "");
}

TEST_CASE("a name matches a list if it matches one pattern of the list") {
    const std::vector<std::string> patterns = {"hello", "openai/*"};
    CHECK(matches_any_pattern(patterns, "hello"));
    CHECK(matches_any_pattern(patterns, "openai/gpt-5"));
    CHECK_FALSE(matches_any_pattern(patterns, "hello2"));
    CHECK_FALSE(matches_any_pattern(std::vector<std::string>(), "hello"));
}

TEST_CASE("a complete name precedes a prefix, and a longer prefix a shorter one") {
    std::vector<std::string> patterns = {"*", "gpt-5", "gpt-*", "a", "gpt-5-*"};
    std::ranges::stable_sort(patterns, is_more_specific);
    CHECK(patterns == std::vector<std::string>{"gpt-5", "a", "gpt-5-*", "gpt-*", "*"});
}
