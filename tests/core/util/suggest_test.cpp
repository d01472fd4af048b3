// SPDX-License-Identifier: Apache-2.0
// Suggestions for misspelled words.
#include "core/util/suggest.hpp"

#include <doctest/doctest.h>

using namespace gatehouse::core;

TEST_CASE("a typing mistake finds the word that was meant") {
    const std::vector<std::string> names = {"listen", "workers", "header_timeout_ms", "use"};
    CHECK(nearest("lisen", names) == "listen");
    CHECK(nearest("lsiten", names) == "listen");
    CHECK(nearest("Listen", names) == "listen");
    CHECK(nearest("worker", names) == "workers");
    CHECK(nearest("head-timeout-ms", names) == "header_timeout_ms");
    CHECK(nearest("header_timeout", names) == "header_timeout_ms");
    CHECK(nearest("usee", names) == "use");
}

TEST_CASE("a word that is like none finds none") {
    const std::vector<std::string> names = {"listen", "workers", "use", "a"};
    CHECK(nearest("colour", names) == "");
    CHECK(nearest("xyz", names) == "");
    CHECK(nearest("b", names) == "");
    CHECK(nearest("", names) == "");
    CHECK(nearest(std::string(100'000, 'a'), names) == "");
    CHECK(nearest("x", {}) == "");
}

TEST_CASE("the nearest of several near words is taken, the first of equals") {
    CHECK(nearest("timeout_msx", {"timeout_m", "timeout_ms"}) == "timeout_ms");
    CHECK(nearest("bat", {"cat", "rat"}) == "cat");
}

TEST_CASE("names are written as TOML wants them") {
    CHECK(as_key("gpt-5") == "gpt-5");
    CHECK(as_key("gpt-4.1") == "\"gpt-4.1\"");
    CHECK(as_key("") == "\"\"");
    CHECK(is_plain_name("team-1_a"));
    CHECK_FALSE(is_plain_name("a/b"));
    CHECK_FALSE(is_plain_name("ä"));
    CHECK_FALSE(is_plain_name(""));
    CHECK_FALSE(is_plain_name(std::string(65, 'a')));
}
