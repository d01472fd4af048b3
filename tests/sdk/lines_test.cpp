// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/lines.hpp>

#include <doctest/doctest.h>

#include <vector>

using gatehouse::LineReader;

namespace {

using Lines = std::vector<std::string>;

/// The lines of `pieces`, with "(limit)" at the end if one exceeds the limit.
Lines read(const std::vector<std::string_view>& pieces, std::size_t limit = 1000) {
    LineReader reader(limit);
    Lines lines;
    auto keep = [&](std::string_view line) { lines.emplace_back(line); };
    for (std::string_view piece : pieces)
        if (!reader.feed(piece, keep)) {
            lines.push_back("(limit)");
            return lines;
        }
    reader.finish(keep);
    return lines;
}

/// The same for `text` in one piece, cut in two at every byte, and byte by byte.
void check(std::string_view text, const Lines& expected) {
    CAPTURE(text);
    CHECK(read({text}) == expected);
    for (std::size_t cut = 0; cut <= text.size(); ++cut)
        CHECK(read({text.substr(0, cut), "", text.substr(cut)}) == expected);
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < text.size(); ++i) bytes.push_back(text.substr(i, 1));
    CHECK(read(bytes) == expected);
}

}  // namespace

TEST_CASE("lines end in LF or CRLF, for every cut of the bytes") {
    check("{\"a\":1}\n{\"b\":2}\n", {"{\"a\":1}", "{\"b\":2}"});
    check("a\r\nb\r\n", {"a", "b"});
    check("a\rb\n", {"a\rb"});
}

TEST_CASE("a last line needs no LF, and blank lines are skipped") {
    check("a\nb", {"a", "b"});
    check("\n\r\n \t\na\n\n\n", {"a"});
    check("", {});
    check(" a \n", {" a "});
}

TEST_CASE("a line is bounded, with and without its end") {
    CHECK(read({"12345\n"}, 5) == Lines{"12345"});
    CHECK(read({"123456\n"}, 5) == Lines{"(limit)"});
    CHECK(read({"123", "456"}, 5) == Lines{"(limit)"});
    CHECK(read({"12345\n12345\n"}, 5) == Lines{"12345", "12345"});
}

TEST_CASE("finish delivers a line once") {
    LineReader reader;
    int count = 0;
    CHECK(reader.feed("a", [&](std::string_view) { ++count; }));
    reader.finish([&](std::string_view) { ++count; });
    reader.finish([&](std::string_view) { ++count; });
    CHECK(count == 1);
}
