// SPDX-License-Identifier: Apache-2.0
// The parser of the benchmark: messages and marks, for any cuts of the bytes.
#include "tools/benchmark/answer_plan.hpp"
#include "tools/benchmark/mark.hpp"
#include "tools/benchmark/message_reader.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace gatehouse::benchmark;

namespace {

/// Status, body and what came after the first message of `pieces`.
std::string read(MessageReader::Kind kind, const std::vector<std::string_view>& pieces) {
    MessageReader reader(kind);
    std::string body, rest;
    for (const std::string_view piece : pieces) {
        std::vector<std::string_view> slices;
        const std::size_t taken = reader.complete() ? 0 : reader.take(piece, slices);
        for (const std::string_view slice : slices) body += slice;
        rest += piece.substr(taken);
        if (reader.broken()) return "broken";
    }
    const char* state = reader.complete() ? " complete " : " open ";
    return std::to_string(reader.status()) + state + body + "|" + rest;
}

void check_cut_everywhere(std::string_view message, const std::string& expected) {
    for (std::size_t cut = 0; cut <= message.size(); ++cut) {
        CAPTURE(cut);
        CHECK(read(MessageReader::Kind::answer, {message.substr(0, cut), message.substr(cut)}) == expected);
    }
}

std::vector<std::int64_t> marks(std::string_view text, std::size_t cut) {
    std::vector<std::int64_t> found;
    MarkScanner scanner;
    for (const std::string_view piece : {text.substr(0, cut), text.substr(cut)})
        scanner.take(piece, [&](std::int64_t when) { found.push_back(when); });
    return found;
}

}  // namespace

TEST_CASE("an answer cut at any byte is the same answer") {
    check_cut_everywhere("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP", "200 complete hello|HTTP");
    check_cut_everywhere(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nx: "
        "y\r\n\r\nmore",
        "200 complete hello!|more");
    check_cut_everywhere("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", "204 complete |");
    check_cut_everywhere("HTTP/1.1 200 OK\r\n\r\nuntil the end", "200 open until the end|");
}

TEST_CASE("a request without a length has no body") {
    CHECK(read(MessageReader::Kind::request, {"GET / HTTP/1.1\r\n\r\nGET"}) == "0 complete |GET");
}

TEST_CASE("a broken message is called broken") {
    for (const char* text : {"HTTP/1.1 200 OK\r\ncontent-length: 5x\r\n\r\n",
                             "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n",
                             "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nz\r\n",
                             "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n"}) {
        CAPTURE(text);
        CHECK(read(MessageReader::Kind::answer, {text}) == "broken");
    }
    const std::string endless = "HTTP/1.1 200 OK\r\nx: " + std::string(100'000, 'x');
    CHECK(read(MessageReader::Kind::answer, {endless}) == "broken");
}

TEST_CASE("a mark cut at any byte is found once") {
    char mark[mark_size];
    write_mark(mark, 1234567890123456789);
    const std::string text = "a@b@@" + std::string(mark, mark_size) + "@12@" + std::string(mark, mark_size);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        CAPTURE(cut);
        CHECK(marks(text, cut) == std::vector<std::int64_t>(2, 1234567890123456789));
    }
}

TEST_CASE("the mock's answers are complete messages with as many marks as texts") {
    std::string error;
    const AnswerPlan plan = parse_plan("stream=1 writes=2 burst=3 text=40", error);
    REQUIRE(error == "");
    for (const AnswerBytes& bytes : {openai_answer(plan), oci_answer(plan)}) {
        CHECK(bytes.marks.size() == 3);
        CHECK(bytes.in_whole.size() == 1);
        CHECK(read(MessageReader::Kind::answer, {bytes.whole}).ends_with("}|"));
        const std::string streamed = bytes.opening + bytes.write + bytes.write + bytes.closing;
        CHECK(read(MessageReader::Kind::answer, {streamed}).ends_with("data: [DONE]\n\n|"));
    }
}

TEST_CASE("a plan that cannot be followed is refused") {
    const auto error_of = [](std::string_view words) {
        std::string error;
        parse_plan(words, error);
        return error;
    };
    CHECK(error_of("burst=0") == "not known, or too large: burst=0");
    CHECK(error_of("speed=9") == "not known, or too large: speed=9");
    CHECK(error_of("pace_us=-1") == "no number: pace_us=-1");
    CHECK(error_of("stream") == "no number: stream");
    CHECK(error_of("stream=1 writes=0") == "an endless stream needs a pace");
}
