// SPDX-License-Identifier: Apache-2.0
// The parts of a connection: ReadBuffer, WriteQueue, Timers, and the head of a response.
#include "core/net/server/read_buffer.hpp"
#include "core/net/server/response_writer.hpp"
#include "core/net/server/write_queue.hpp"
#include "core/net/timers.hpp"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <array>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace std::chrono_literals;

TEST_CASE("unparsed input is kept, in order") {
    ReadBuffer input;
    {
        std::string first = "abcdef";
        input.give(first);
        input.consume(2);
        CHECK(input.view() == "cdef");
        input.keep();
    }
    input.give("gh");
    input.consume(3);
    input.keep();
    CHECK(input.view() == "fgh");
    input.consume(3);
    CHECK(input.empty());
    input.keep();
    input.give("ij");
    CHECK(input.view() == "ij");
    input.clear();
    CHECK(input.empty());
}

namespace {
struct Pair {
    Pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0); }
    ~Pair() {
        for (int fd : ends) ::close(fd);
    }
    std::string read() {
        std::string all(1 << 20, 0);
        const ssize_t count = ::recv(ends[1], all.data(), all.size(), 0);
        all.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return all;
    }
    std::array<int, 2> ends{};
};
}  // namespace

TEST_CASE("output of every size arrives in order through a socket that is full most of the time") {
    Pair pair;
    WriteQueue output;
    std::string expected, seen;
    for (std::size_t i = 0; i < 300; ++i) {
        std::string piece(i % 7 == 0 ? 70'000 : i * 13 % 900, static_cast<char>('a' + i % 26));
        expected += piece;
        if (i % 3 == 0)
            output.take(piece);
        else
            output.append(piece.substr(0, piece.size() / 2), piece.substr(piece.size() / 2));
        if (i % 5 == 0) {
            CHECK(output.send(pair.ends[0]) != WriteQueue::Sent::failed);
            seen += pair.read();
        }
        REQUIRE(output.size() + seen.size() <= expected.size());
    }
    while (!output.empty()) {
        CHECK(output.send(pair.ends[0]) != WriteQueue::Sent::failed);
        seen += pair.read();
    }
    while (true) {
        const std::string more = pair.read();
        if (more.empty()) break;
        seen += more;
    }
    CHECK(seen == expected);
}

TEST_CASE("the memory of sent bytes is used for the next ones") {
    Pair pair;
    WriteQueue output;
    output.append(std::string(1'000, 'x'));
    CHECK(output.send(pair.ends[0]) == WriteQueue::Sent::all);
    const std::string spare = WriteQueue::spare();
    CHECK(spare.empty());
    CHECK(spare.capacity() >= 1'000);
}

TEST_CASE("output to a closed socket fails and does not kill") {
    Pair pair;
    ::shutdown(pair.ends[1], SHUT_RDWR);
    WriteQueue output;
    output.append("x");
    CHECK(output.send(pair.ends[0]) == WriteQueue::Sent::failed);
}

TEST_CASE("timers fire in the order of their deadlines, and not when cancelled") {
    Timers timers;
    const auto start = Timers::Clock::now();
    std::string fired;
    timers.set(start + 3ms, [&] { fired += '3'; });
    const auto second = timers.set(start + 2ms, [&] { fired += '2'; });
    timers.set(start + 1ms, [&] { fired += '1'; });
    timers.cancel(second);
    timers.cancel(second);
    timers.cancel(0);
    CHECK(timers.next() == start + 1ms);
    CHECK(!timers.take_due(start));
    while (auto task = timers.take_due(start + 10ms)) task();
    CHECK(fired == "13");
    CHECK(!timers.next());
    timers.cancel(second);  // its slot may serve another timer by now
    const auto reused = timers.set(start, [&] { fired += 'x'; });
    timers.cancel(second);
    CHECK(reused != second);
    while (auto task = timers.take_due(start)) task();
    CHECK(fired == "13x");
}

TEST_CASE("cancelled timers never fire, and do not delay other timers") {
    Timers timers;
    const auto start = Timers::Clock::now();
    for (int i = 0; i < 100'000; ++i) timers.cancel(timers.set(start + std::chrono::seconds(i % 100), [] {}));
    CHECK(!timers.next());
    bool fired = false;
    timers.set(start, [&] { fired = true; });
    timers.take_due(start)();
    CHECK(fired);
}

TEST_CASE("a head is written with the connection's framing") {
    std::string out;
    write_head(out, {200, {{"content-type", "a/b"}, {"Content-Length", "9"}, {"connection", "x"}}},
               {false, true, false, 3}, "DATE");
    CHECK(out ==
          "HTTP/1.1 200 OK\r\ndate: DATE\r\ncontent-type: a/b\r\ncontent-length: 3\r\nconnection: "
          "close\r\n\r\n");
    out.clear();
    write_head(out, {429, {}}, {false, false, true, {}}, "DATE");
    CHECK(out == "HTTP/1.1 429 Too Many Requests\r\ndate: DATE\r\ntransfer-encoding: chunked\r\n\r\n");
    out.clear();
    write_head(out, {200, {}}, {true, false, false, 0}, "DATE");
    CHECK(out == "HTTP/1.1 200 OK\r\ndate: DATE\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n");
}

TEST_CASE("a value cannot break out of its line, and an invalid header name is omitted") {
    std::string out;
    write_head(out,
               {200, {{"x", std::string("a\r\nb: c\0\x7f\td", 11)}, {"y z", "1"}, {"", "1"}, {"q:", "1"}}},
               {}, "DATE");
    CHECK(out == "HTTP/1.1 200 OK\r\ndate: DATE\r\nx: a  b: c  \td\r\n\r\n");
}

TEST_CASE("an invalid status becomes 500") {
    for (int status : {0, -1, 100, 199, 600, 1000}) {
        std::string out;
        write_head(out, {status, {}}, {}, "DATE");
        CHECK(out.starts_with("HTTP/1.1 500 "));
    }
}

TEST_CASE("the date has the form of RFC 9110") {
    DateCache cache;
    const std::string date(cache.get());
    CHECK(date.size() == 29);
    CHECK(date.ends_with(" GMT"));
    CHECK(date[3] == ',');
}
