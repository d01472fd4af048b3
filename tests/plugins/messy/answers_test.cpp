// SPDX-License-Identifier: Apache-2.0
// Contents of answers: arguments that are not JSON, calls without ids and
// numbers, characters that are cut into two events, and encodings.
#include "tests/plugins/messy/wires.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

/// `text` as it stands in a JSON string.
std::string spelled(const std::string& text) {
    const std::string quoted = Json(text).dump();
    return quoted.substr(1, quoted.size() - 2);
}

/// `text` as the arguments of a call in the format of `wire`.
std::string arguments(const Wire& wire, const std::string& text) {
    return wire.arguments_are_text() ? spelled(text) : Json(text).dump();
}

const std::string smile = "\xF0\x9F\x98\x80", lost = "\xEF\xBF\xBD";

}  // namespace

TEST_CASE("arguments that are not JSON reach the client as they are, streaming and non-streaming") {
    for (const Wire* wire : wires()) {
        if (!wire->chats()) continue;
        for (const char* said : {R"({"city": "A"}<|call|>)", R"({"a": 1,})",  // the cases
                                 R"({'a': 1})", "plain text", R"({"a": 1} {"b": 2})", "[1, 2", R"({"a": "b)",
                                 "```json\n{}\n```", R"({"a": NaN})", "null", R"({"a": tru})"}) {
            CAPTURE(std::string(wire->name()));
            CAPTURE(said);
            const std::string expected = std::string(" | f:") + said + " | tool_calls";
            CHECK(whole(*wire, wire->whole_call("c", arguments(*wire, said))) == expected);
            CHECK(streamed(*wire, wire->frame(wire->whole_call("c", arguments(*wire, said)))) == expected);
            const std::string end = wire->finish("tool_calls") + wire->usage() + wire->stop();
            CHECK(streamed(*wire, wire->call(0, "c", arguments(*wire, said)) + end) == expected + " | 3+2");
            if (wire->more(0, "x").empty()) continue;
            const std::string text = said;
            CHECK(streamed(*wire, wire->call(0, "c", spelled(text.substr(0, 3))) +
                                      wire->more(0, spelled(text.substr(3))) + end) == expected + " | 3+2");
        }
    }
}

TEST_CASE("a stream that is cut inside the arguments of a call is an error") {
    for (const Wire* wire : wires()) {
        CAPTURE(std::string(wire->name()));
        if (!wire->chats()) continue;
        const std::string begun = wire->call(0, "c", arguments(*wire, R"({"a":)"));
        CHECK(streamed(*wire, begun).starts_with("error 502"));
        CHECK(streamed(*wire, wire->text("a") + begun).starts_with("error 502"));
        CHECK(streamed(*wire, wire->text("a")).starts_with("error 502"));
        // A limit that has cut them is not an error.
        CHECK(streamed(*wire, begun + wire->finish("max_tokens") + wire->stop()) == R"( | f:{"a": | length)");
    }
}

TEST_CASE("calls without ids, with one id for all, or between each other stay apart") {
    for (const Wire* wire : wires()) {
        CAPTURE(std::string(wire->name()));
        if (!wire->chats()) continue;
        const std::string none = "{}";
        const std::string other = wire->arguments_are_text() ? R"({\"x\":1})" : R"({"x":1})";
        const std::string end = wire->finish("tool_calls") + wire->stop();
        for (const char* second : {"d", "c", ""}) {
            CAPTURE(second);
            CHECK(streamed(*wire, wire->call(0, "c", none) + wire->call(1, second, other) + end) ==
                  R"( | f:{} | f:{"x":1} | tool_calls)");
        }
        CHECK(streamed(*wire, wire->call(0, "", none) + wire->text("a") + end) == "a | f:{} | tool_calls");
    }
}

TEST_CASE("a character that two events share is joined, in each text of an answer") {
    for (const Wire* wire : wires()) {
        CAPTURE(std::string(wire->name()));
        const std::string end = wire->finish("stop") + wire->stop();
        auto text = [&](const char* first, const char* second) {
            return streamed(*wire, wire->text(first) + wire->text(second) + end);
        };
        CHECK(text(R"(a\ud83d)", R"(\ude00b)") == "a" + smile + "b | stop");
        // Further inputs: other letters, alone, as bytes, and cut inside the bytes.
        CHECK(text(R"(\uD83D)", R"(\uDE00)") == smile + " | stop");
        CHECK(text("a\xED\xA0\xBD", "\xED\xB8\x80") == "a" + smile + " | stop");
        CHECK(text("a\xF0\x9F", "\x98\x80") == "a" + smile + " | stop");
        CHECK(text("\xE2\x82", "\xAC!") == "\xE2\x82\xAC! | stop");
        CHECK(text("gr\xC3", "\xBC\xC3\x9F") == "gr\xC3\xBC\xC3\x9F | stop");
        CHECK(text(R"(\ud83d\ude00\ud83d)", R"(\ude00)") == smile + smile + " | stop");
        // The other half does not come.
        CHECK(text(R"(a\ud83d)", "b") == "a" + lost + "b | stop");
        CHECK(text("a", R"(\ude00b)") == "a" + lost + "b | stop");
        CHECK(streamed(*wire, wire->text(R"(a\ud83d)") + end) == "a" + lost + " | stop");
        // The end comes with the other half, or between both.
        CHECK(streamed(*wire, wire->text(R"(\ud83d)") + wire->finish("stop") + wire->text(R"(\ude00)") +
                                  wire->stop()) == smile + " | stop");
        CHECK(whole(*wire, wire->whole(R"(a\ud83d\ude00)", "stop")) == "a" + smile + " | stop");
        CHECK(whole(*wire, wire->whole(R"(a\ud83d)", "stop")) == "a" + lost + " | stop");
        CHECK(whole(*wire, wire->whole("a\xff", "stop")) == "a" + lost + " | stop");

        const std::string high = R"(\ud83d)", low = R"(\ude00)";
        if (!wire->reasoning("x").empty()) {
            CHECK(streamed(*wire, wire->reasoning(high) + wire->reasoning(low) + end) ==
                  " | thinks " + smile + " | stop");
            CHECK(streamed(*wire, wire->reasoning(high) + wire->text(high) + wire->reasoning(low) +
                                      wire->text(low) + end) == smile + " | thinks " + smile + " | stop");
        }
        if (!wire->refusal("x").empty())
            CHECK(streamed(*wire, wire->refusal(high) + wire->refusal(low) + end) ==
                  " | refuses " + smile + " | stop");
        if (!wire->chats() || wire->more(0, "x").empty()) continue;
        CHECK(streamed(*wire, wire->call(0, "c", R"([\")" + high) + wire->more(0, low + R"(\"])") + end) ==
              " | f:[\"" + smile + "\"] | tool_calls");
    }
}

TEST_CASE("byte order marks, line ends, blanks and null characters do not lose an answer") {
    for (const Wire* wire : wires()) {
        CAPTURE(std::string(wire->name()));
        const std::string body = wire->text("a") + wire->text("b") + wire->finish("stop") + wire->stop();
        CHECK(streamed(*wire, "\xEF\xBB\xBF" + body) == "ab | stop");
        std::string crlf;
        for (const char c : body) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
        CHECK(streamed(*wire, crlf) == "ab | stop");
        CHECK(streamed(*wire, "\n\n" + body + "\n\n") == "ab | stop");
        CHECK(streamed(*wire, wire->text(R"(a\u0000b)") + wire->finish("stop") + wire->stop()) ==
              std::string("a\0b | stop", 10));
        const std::string document = wire->whole("a", "stop");
        CHECK(whole(*wire, "\xEF\xBB\xBF" + document) == "a | stop");
        CHECK(whole(*wire, "\r\n " + document + "\r\n") == "a | stop");
        CHECK(whole(*wire, Json::parse(document).dump(4)) == "a | stop");
        CHECK(streamed(*wire, Json::parse(document).dump(2)) == "a | stop");
    }
}
