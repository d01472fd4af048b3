// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/sse.hpp>

#include <doctest/doctest.h>

#include <vector>

using gatehouse::SseReader;

namespace {

using Events = std::vector<std::string>;  // "type|data"

/// The events of `pieces`, with "(limit)" at the end if one exceeds the limit.
Events read(const std::vector<std::string_view>& pieces, std::size_t limit = 1000) {
    SseReader reader(limit);
    Events events;
    auto keep = [&](std::string_view data) {
        events.push_back(std::string(reader.type()) + "|" + std::string(data));
    };
    for (std::string_view piece : pieces)
        if (!reader.feed(piece, keep)) {
            events.push_back("(limit)");
            return events;
        }
    reader.finish(keep);
    return events;
}

/// The same for `text` in one piece, cut in two at every byte, and byte by byte.
void check(std::string_view text, const Events& expected) {
    CAPTURE(text);
    CHECK(read({text}) == expected);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        CAPTURE(cut);
        CHECK(read({text.substr(0, cut), "", text.substr(cut)}) == expected);
    }
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < text.size(); ++i) bytes.push_back(text.substr(i, 1));
    CHECK(read(bytes) == expected);
}

}  // namespace

TEST_CASE("events end at empty lines, for every line end and every cut of the bytes") {
    check("data: a\n\ndata: b\n\n", {"|a", "|b"});
    check("data: a\r\n\r\ndata: b\r\n\r\n", {"|a", "|b"});
    check("data: a\r\rdata: b\r\r", {"|a", "|b"});
    check("data: a\r\n\ndata: b\n\r\n", {"|a", "|b"});
    check("\n\n\r\n\rdata: a\n\n\n\n", {"|a"});
}

TEST_CASE("one space after the colon is removed, others are kept") {
    check("data:a\n\n", {"|a"});
    check("data:  a \n\n", {"| a "});
    check("data: {\"x\": \"a:b\"}\n\n", {"|{\"x\": \"a:b\"}"});
}

TEST_CASE("data lines of one event are joined by a line feed") {
    check("data: a\ndata: b\n\n", {"|a\nb"});
    check("data\ndata\n\n", {"|\n"});
    check("data:\n\n", {"|"});
}

TEST_CASE("comments, other fields and events without data are skipped") {
    check(": hello\n\nid: 7\nretry: 10\n\ndata: a\nnonsense\n: x\n\n", {"|a"});
    check("event: ping\n\ndata: a\n\n", {"|a"});
    check("Data: a\n data: b\n\n", {});
}

TEST_CASE("a type applies to its own event only") {
    check("event: error\ndata: a\n\ndata: b\n\n", {"error|a", "|b"});
    check("data: a\nevent: late\n\n", {"late|a"});
}

TEST_CASE("an event at the end counts without its empty line, and without a line end") {
    check("data: a\n", {"|a"});
    check("data: a", {"|a"});
    check("data: a\r", {"|a"});
    check("data: a\n\ndata: b\nda", {"|a", "|b"});
    check("", {});
}

TEST_CASE("a byte order mark is skipped at the start only") {
    check(
        "\xEF\xBB\xBF"
        "data: a\n\n",
        {"|a"});
    check(
        "data: a\n\n\xEF\xBB\xBF"
        "data: b\n\n",
        {"|a"});
}

TEST_CASE("bytes of any kind pass through data") {
    const std::string odd("data: \0\xFF\t\x01\n\n", 12);
    check(odd, {"|" + std::string("\0\xFF\t\x01", 4)});
}

TEST_CASE("an event of the limit's size is accepted, a larger one is not") {
    const std::string fits = "data: " + std::string(94, 'x');
    CHECK(read({fits, "\n\n"}, 100) == Events{"|" + std::string(94, 'x')});
    CHECK(read({fits, "x\n\n"}, 100) == Events{"(limit)"});
    CHECK(read({fits + "x\n\n"}, 100) == Events{"(limit)"});
    CHECK(read({": " + std::string(99, 'x')}, 100) == Events{"(limit)"});
}

TEST_CASE("the limit applies to one event, not to the stream") {
    std::string stream;
    for (int i = 0; i < 100; ++i) stream += "data: " + std::string(50, 'x') + "\n\n";
    CHECK(read({stream}, 100).size() == 100);
}

TEST_CASE("many small lines of one event count together") {
    std::string event;
    for (int i = 0; i < 60; ++i) event += "data: x\n";
    CHECK(read({event, "\n"}, 100) == Events{"(limit)"});
    std::string empty_lines;
    for (int i = 0; i < 200; ++i) empty_lines += "data\n";
    CHECK(read({empty_lines, "\n"}, 100) == Events{"(limit)"});
}
