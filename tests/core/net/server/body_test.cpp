// SPDX-License-Identifier: Apache-2.0
#include "core/net/server/body.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

/// Feeds the pieces one after another; the remaining bytes of the last go to `rest`.
Result<bool> feed(BodyReader& reader, const std::vector<std::string_view>& pieces, std::string& rest) {
    Result<bool> complete = false;
    for (std::string_view piece : pieces) {
        if (complete && *complete) {
            rest += piece;
            continue;
        }
        complete = reader.feed(piece);
        if (!complete) return complete;
        rest += piece;
    }
    return complete;
}

Result<bool> feed_chunked(std::string_view bytes, std::size_t limit = 1000) {
    BodyReader reader;
    reader.start_chunked(limit);
    std::string rest;
    return feed(reader, {bytes}, rest);
}

}  // namespace

TEST_CASE("a chunked body split at any two bytes is the same body") {
    const std::string wire =
        "5;name=\"v\"\r\nhello\r\n1 ;x\r\n \r\n006\r\nworld!\r\n0;last\r\nTrailer: x\r\nAuthorization: "
        "y\r\n\r\n";
    const std::string next = "GET /";
    const std::string all = wire + next;
    const std::string_view view = all;
    for (std::size_t a = 0; a <= all.size(); ++a) {
        for (std::size_t b = a; b <= all.size(); ++b) {
            BodyReader reader;
            reader.start_chunked(12);
            std::string rest;
            auto complete = feed(reader, {view.substr(0, a), view.substr(a, b - a), view.substr(b)}, rest);
            REQUIRE(complete);
            REQUIRE(*complete);
            REQUIRE(reader.take() == "hello world!");
            REQUIRE(rest == next);
        }
    }
}

TEST_CASE("a body with a length reads exactly this number of bytes") {
    BodyReader reader;
    reader.start_length(5);
    std::string rest;
    auto complete = feed(reader, {"he", "", "lloGET"}, rest);
    REQUIRE(complete);
    CHECK(*complete);
    const std::string body = reader.take();
    CHECK(body == "hello");
    CHECK(body.capacity() >= body.size() + 64);
    CHECK(rest == "GET");
}

TEST_CASE("a body can be received in place") {
    BodyReader reader;
    reader.start_length(100'000);
    std::string expected;
    while (true) {
        const BodyReader::Room room = reader.room(30'000);
        REQUIRE(room.size <= 30'000);
        const std::size_t count = room.size / 2 + 1;
        std::memset(room.data, static_cast<int>('a' + expected.size() % 7), count);
        expected.append(room.data, count);
        if (reader.received(count)) break;
    }
    CHECK(reader.size() == 100'000);
    CHECK(reader.take() == expected);
}

TEST_CASE("memory for an announced length is not reserved before the bytes arrive") {
    BodyReader reader;
    reader.start_length(1ull << 40);
    const BodyReader::Room room = reader.room(65'536);
    CHECK(room.size == 65'536);
    reader.received(10);
    std::string body = reader.take();
    CHECK(body.size() == 10);
    CHECK(body.capacity() < 1 << 20);
}

TEST_CASE("a chunk larger than the limit is rejected before it arrives") {
    CHECK(feed_chunked("3e9\r\n").error().kind == ErrorKind::too_large);
    CHECK(feed_chunked("fffffffffffffffe\r\n").error().kind == ErrorKind::too_large);
    CHECK(feed_chunked("5\r\nhello\r\n3e4\r\n").error().kind == ErrorKind::too_large);
    CHECK(feed_chunked("3e8\r\n"));
}

TEST_CASE("malformed chunked bodies are rejected") {
    for (const char* wire : {"x\r\n",
                             "\r\n",
                             "-1\r\n",
                             "+1\r\n",
                             "0x1\r\n",
                             " 1\r\n",
                             "1 \r\n",
                             "1 2\r\n",
                             "1\n",
                             "1\r1",
                             "1;a\n",
                             "1;a\x01\r\n",
                             "11111111111111111\r\n",
                             "1\r\nab\r\n",
                             "1\r\na\n",
                             "1\r\na\rb",
                             "0\r\n\n",
                             "0\r\n\rx",
                             "0\r\n: x\r\n\r\n",
                             "0\r\nno colon\r\n\r\n",
                             "0\r\n folded: x\r\n\r\n",
                             "0\r\nname : x\r\n\r\n",
                             "0\r\na: b\nc: d\r\n\r\n",
                             "0\r\na: b\rc\r\n\r\n",
                             "1,\r\n",
                             "1\t\r\n",
                             "g\r\n"}) {
        auto complete = feed_chunked(wire);
        CHECK_MESSAGE((!complete && complete.error().kind == ErrorKind::bad_request), wire);
    }
}

TEST_CASE("endless extensions and trailers are rejected") {
    CHECK(!feed_chunked("1;" + std::string(20'000, 'x')));
    CHECK(!feed_chunked("0\r\nA: " + std::string(20'000, 'x')));
    std::string many;
    for (int i = 0; i < 10'000; ++i) many += "1;x=y\r\na\r\n";
    CHECK(!feed_chunked(many, 1 << 20));
}
