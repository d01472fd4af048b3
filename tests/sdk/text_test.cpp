// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/call_id.hpp>
#include <gatehouse/text.hpp>

#include <doctest/doctest.h>

#include <set>

using namespace gatehouse;

TEST_CASE("a text of an upstream becomes one line of valid UTF-8") {
    CHECK(one_line("  a\r\n\tb \x7f c\n") == "a b c");
    CHECK(one_line("\xff\x01 x") == "\xEF\xBF\xBD x");
    CHECK(one_line("") == "");
    CHECK(one_line(" \n ") == "");
    CHECK(one_line("\xC3\xBC\xC3\xBC", 3) == "\xC3\xBC");
    CHECK(one_line(std::string(150, 'a') + " b", 150).size() == 150);
}

TEST_CASE("words that look like credentials are left out") {
    CHECK(one_line("key sk-abcdef123456.") == "key [redacted]");
    CHECK(one_line("Bearer abc def") == "Bearer [redacted] def");
    CHECK(one_line("signature=\"AbC\"") == "signature=\"[redacted]\"");
    CHECK(one_line(std::string(5000, 'x')) == "[redacted]");
    CHECK(one_line("skin and eyJ") == "skin and eyJ");
}

TEST_CASE("texts are trimmed, lowered, shortened and quoted") {
    CHECK(trimmed(" \ta b\r\n") == "a b");
    CHECK(trimmed(" \t") == "");
    CHECK(trimmed("--a-", "-") == "a");
    CHECK(lower_case("AbZ\xC3\x9C") == "abz\xC3\x9C");
    CHECK(beginning("a\xC3\xBC", 2) == "a");
    CHECK(beginning("abc", 3) == "abc");
    CHECK(in_quotes("a\"b\\\n") == "\"a\\\"b\\\\ \"");
}

TEST_CASE("ids of calls are distinct, and have only letters and digits") {
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i) ids.insert(make_call_id());
    CHECK(ids.size() == 1000);
    for (const std::string& id : ids) {
        CHECK(id.size() == 29);
        CHECK(id.starts_with("call_"));
        for (const char c : id.substr(5)) CHECK(detail::is_alphanumeric(c));
    }
    CHECK(make_call_id("x-").starts_with("x-"));
}
