// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/text/text.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace gatehouse::common;

TEST_CASE("names are listed with commas") {
    CHECK(joined(std::vector<std::string>()) == "");
    CHECK(joined(std::vector<std::string>{"a"}) == "a");
    CHECK(joined(std::vector<std::string>{"a", "b", "c"}) == "a, b, c");
}

TEST_CASE("blanks are removed at both ends only") {
    CHECK(trimmed(" \t a b\r\n") == "a b");
    CHECK(trimmed(" \r\n") == "");
    CHECK(trimmed("") == "");
    CHECK(trimmed(" a\n", " \t") == "a\n");
}

TEST_CASE("a text is not cut within a character") {
    CHECK(beginning("aé€", 6) == "aé€");
    CHECK(beginning("aé€", 5) == "aé");
    CHECK(beginning("aé€", 3) == "aé");
    CHECK(beginning("aé€", 2) == "a");
    CHECK(beginning("é", 1) == "");
    CHECK(beginning("\x80\x80\x80", 2) == "");
    CHECK(characters("aé€") == 3);
    CHECK(characters("") == 0);
}
