// SPDX-License-Identifier: Apache-2.0
// Compares the prefix expression with the definition of a prefix.
#include "plugins/hook/redact/prefix.hpp"
#include "plugins/hook/redact/pattern.hpp"

#include <doctest/doctest.h>
#include <re2/re2.h>

#include <random>
#include <stdexcept>
#include <string>
#include <vector>

using namespace gatehouse::redact;

namespace {

bool is_prefix(const std::string& regex, const std::string& text) {
    const re2::RE2 expression("(?:" + prefixes_of(regex) + ")\\z");
    REQUIRE_MESSAGE(expression.ok(), regex, " gave ", prefixes_of(regex));
    return re2::RE2::FullMatch(text, expression);
}

}  // namespace

TEST_CASE("the prefix expression matches each beginning of a match and no other text") {
    struct Case {
        std::string regex, match;
        std::vector<std::string> others;
    };
    const std::vector<Case> cases = {
        {"abc", "abc", {"b", "ac", "abcd", "bc"}},
        {"a|bc", "bc", {"c", "ab"}},
        {"(a|b)*c", "abbac", {"d", "acb"}},
        {"a{3}", "aaa", {"aaaa", "b"}},
        {"a{2,}b", "aaaab", {"ba", "aabb"}},
        {"(?:ab){1,2}c?", "ababc", {"abac", "ababab"}},
        {"x(?P<name>yz)+", "xyzyz", {"yz", "xz"}},
        {"(?i)KEY", "kEy", {"kk"}},
        {"a(?i)b|c", "aB", {"AB"}},
        {"a(?i:b)c", "aBc", {"aBC"}},
        {"(?i)a|b", "B", {"c"}},
        {"[]a]+", "]a]", {"b"}},
        {"[^]a]b", "xb", {"]b"}},
        {"[[:digit:]-]{2}", "1-", {"a"}},
        {"[\\]\\-x]y", "-y", {"yy"}},
        {"\\x41\\x{1F600}", "A\U0001F600", {"B"}},
        {"\\pL\\p{Greek}", "x\u03b1", {"1"}},
        {"\\Qa.b\\E+", "a.bbb", {"axb"}},
        {"\\Q(x|\\E|y", "(x|", {"x"}},
        {"a\\.b\\\\c", "a.b\\c", {"axb"}},
        {"\\d+\\s\\w", "12 x", {"1a"}},
        {"a{,2}b", "a{,2}b", {"aab"}},
        {"a{x", "a{x", {"aa"}},
        {"(?s)a.b", "a\nb", {"b"}},
        {"\u00fc\u4e16+", "\u00fc\u4e16\u4e16", {"\u4e16"}},
        {"a*?b+?c??", "aabbc", {"c"}},
        {"(((a)(b))c)", "abc", {"bc"}},
        {"\\bab\\b", "ab", {"b"}},
        {"\\101b", "Ab", {"b"}},
        {"(?-i)a", "a", {"A"}},
        {"()a", "a", {"b"}},
        {"a||b", "b", {"c"}},
    };
    for (const Case& one : cases) {
        const std::string regex = without_quotes(one.regex), &match = one.match;
        CAPTURE(regex);
        REQUIRE(re2::RE2::FullMatch(match, regex));
        for (std::size_t size = 0; size <= match.size(); ++size) {
            if (size < match.size() && (static_cast<unsigned char>(match[size]) & 0xC0) == 0x80) continue;
            CAPTURE(match.substr(0, size));
            CHECK(is_prefix(regex, match.substr(0, size)));
        }
        for (const std::string& other : one.others) {
            CAPTURE(other);
            CHECK_FALSE(is_prefix(regex, other));
        }
    }
}

TEST_CASE("the prefix expression matches each beginning of a random expression's matches") {
    std::mt19937 random(7);
    auto piece = [&](auto&& self, int depth) -> std::string {
        const auto kind = random() % (depth > 3 ? 4 : 9);
        if (kind < 3) return std::string(1, static_cast<char>('a' + random() % 3));
        if (kind == 3) return random() % 2 ? "[ab]" : ".";
        if (kind == 4) return "(?:" + self(self, depth + 1) + "|" + self(self, depth + 1) + ")";
        if (kind == 5)
            return "(" + self(self, depth + 1) + ")" +
                   std::vector<std::string>{"*", "+", "?", "{2}", "{1,3}", "{2,}"}[random() % 6];
        if (kind == 6) return "(?i:" + self(self, depth + 1) + ")";
        return self(self, depth + 1) + self(self, depth + 1);
    };
    for (int round = 0; round < 300; ++round) {
        const std::string regex = piece(piece, 0);
        CAPTURE(regex);
        const re2::RE2 whole(regex), prefix("(?:" + prefixes_of(regex) + ")\\z");
        REQUIRE(prefix.ok());
        // All texts of up to six letters: beginnings of a match, and other texts.
        std::vector<std::string> texts = {""};
        for (std::size_t i = 0; i < texts.size(); ++i)
            if (texts[i].size() < 6)
                for (const char c : {'a', 'b', 'c'}) texts.push_back(texts[i] + c);
        for (const std::string& text : texts)
            if (re2::RE2::FullMatch(text, whole))
                for (std::size_t size = 0; size <= text.size(); ++size)
                    REQUIRE(re2::RE2::FullMatch(text.substr(0, size), prefix));
    }
}

TEST_CASE("an unusable expression is reported") {
    auto wrong = [](const std::string& regex) -> std::string {
        try {
            RegexPattern pattern(regex);
        } catch (const std::invalid_argument& failure) {
            return failure.what();
        }
        return "";
    };
    CHECK(wrong("a*") == "it matches the empty text");
    CHECK(wrong("(") == "missing ): (");
    CHECK(wrong("a\\C") == "\\C stands for half characters, which cannot be masked");
    CHECK(wrong("(?=a)") == "invalid perl operator: (?=");
    CHECK(wrong(std::string(2000, 'a')) == "");
    CHECK(wrong("(?:[a-z]{1000}\\pL){1000}") == "invalid repetition size: {1000}");
    CHECK(wrong("x{1000}") == "");
}
