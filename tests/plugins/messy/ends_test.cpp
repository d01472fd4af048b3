// SPDX-License-Identifier: Apache-2.0
// The ends of a stream: what follows a finish reason, messages that repeat the answer, connections that
// stay open, and the words of vendors for a bad end.
#include "tests/plugins/messy/wires.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

TEST_CASE("text behind a finish reason, a usage or both is read, and the finish comes once, at the end") {
    for (const Wire* wire : wires()) {
        CAPTURE(std::string(wire->name()));
        auto a = [&](const char* said) { return wire->text(said); };
        const std::string finish = wire->finish("stop"), usage = wire->usage(), stop = wire->stop();
        // The case: a finish reason and a usage in each event.
        std::string each;
        for (const char* said : {"a", "b", "c"}) each += wire->text_and_finish(said, "stop") + usage;
        CHECK(streamed(*wire, each + stop) == "abc | stop | 3+2");
        CHECK(streamed(*wire, each) == "abc | stop | 3+2");
        // Further inputs.
        CHECK(streamed(*wire, a("a") + finish + a("b") + stop) == "ab | stop");
        CHECK(streamed(*wire, a("a") + finish + usage + a("b") + a("c") + usage + stop) ==
              "abc | stop | 3+2");
        CHECK(streamed(*wire, usage + a("a") + finish + a("b") + finish) == "ab | stop | 3+2");
        CHECK(streamed(*wire, a("a") + finish + finish + usage + usage + stop) == "a | stop | 3+2");
        CHECK(streamed(*wire, a("one ") + a("two ") + wire->text_and_finish("three", "stop") + stop) ==
              "one two three | stop");
        CHECK(streamed(*wire, a("a") + finish + a("b") + wire->finish("length") + stop) == "ab | length");
        CHECK(streamed(*wire, a("a") + wire->finish("length") + a("b") + finish + stop) == "ab | length");
    }
}

TEST_CASE("reasoning, refusals and tool calls behind a finish reason are read") {
    for (const Wire* wire : wires()) {
        CAPTURE(std::string(wire->name()));
        const std::string begin = wire->text("a") + wire->finish("stop"), stop = wire->stop();
        if (const std::string more = wire->reasoning("hm"); !more.empty())
            CHECK(streamed(*wire, begin + more + stop) == "a | thinks hm | stop");
        if (const std::string more = wire->refusal("no"); !more.empty())
            CHECK(streamed(*wire, begin + more + stop) == "a | refuses no | stop");
        if (!wire->chats()) continue;
        const char* const empty = wire->arguments_are_text() ? R"({\"x\":1})" : R"({"x":1})";
        const std::string call = wire->call(0, "c", empty);
        CHECK(streamed(*wire, begin + call + stop) == R"(a | f:{"x":1} | tool_calls)");
        CHECK(streamed(*wire, begin + wire->usage() + call + wire->finish("stop") + stop) ==
              R"(a | f:{"x":1} | tool_calls | 3+2)");
        if (const std::string more = wire->more(0, R"(1})"); !more.empty())
            CHECK(streamed(*wire, begin + wire->call(0, "c", R"({\"x\":)") + wire->finish("tool_calls") +
                                      more + stop) == R"(a | f:{"x":1} | tool_calls)");
    }
}

TEST_CASE("a message behind the pieces of an answer adds only what is new") {
    for (const Wire* wire : wires()) {
        CAPTURE(std::string(wire->name()));
        const std::string pieces = wire->text("Hello") + wire->text(" you");
        const std::string again = wire->repeated("Hello you", "stop");
        if (again.empty()) continue;
        CHECK(streamed(*wire, pieces + again + wire->usage() + wire->stop()) == "Hello you | stop | 3+2");
        CHECK(streamed(*wire, pieces + again) == "Hello you | stop");
        CHECK(streamed(*wire, pieces + wire->usage() + again) == "Hello you | stop | 3+2");
        CHECK(streamed(*wire, pieces + wire->repeated("Hello you!", "length") + wire->stop()) ==
              "Hello you! | length");
        CHECK(streamed(*wire, again + wire->stop()) == "Hello you | stop");
    }
}

TEST_CASE("a message behind a finish reason repeats the answer, where the format tells it from a piece") {
    for (const Wire* wire : wires()) {
        CAPTURE(std::string(wire->name()));
        if (wire->name() == std::string_view("ollama") || !wire->chats()) continue;
        const std::string pieces = wire->text("Hello") + wire->text(" you") + wire->finish("stop");
        CHECK(streamed(*wire, pieces + wire->repeated("Hello you", "stop")) == "Hello you | stop");
        CHECK(streamed(*wire, pieces + wire->usage() + wire->repeated("Hello you", "stop")) ==
              "Hello you | stop | 3+2");
    }
}

TEST_CASE("a message behind the pieces of a call repeats it") {
    for (const Wire* wire : wires()) {
        CAPTURE(std::string(wire->name()));
        if (!wire->chats()) continue;
        const char* const arguments = wire->arguments_are_text() ? R"({\"x\":1})" : R"({"x":1})";
        const std::string again = wire->frame(wire->whole_call("c", arguments));
        CHECK(streamed(*wire, wire->call(0, "c", arguments) + again) == R"( | f:{"x":1} | tool_calls)");
        CHECK(streamed(*wire, wire->call(0, "c", arguments) + again + wire->stop()) ==
              R"( | f:{"x":1} | tool_calls)");
        CHECK(streamed(*wire, again) == R"( | f:{"x":1} | tool_calls)");
        if (const std::string more = wire->more(0, "1}"); !more.empty()) {
            CHECK(streamed(*wire, wire->call(0, "c", R"({\"x\":)") + more + again) ==
                  R"( | f:{"x":1} | tool_calls)");
            CHECK(streamed(*wire, wire->call(0, "c", R"({\"x\":)") + more + wire->finish("stop") + again) ==
                  R"( | f:{"x":1} | tool_calls)");
        }
    }
}

TEST_CASE("a stream is complete after a silence behind its finish, and not before it") {
    for (const Wire* wire : wires()) {
        CAPTURE(std::string(wire->name()));
        const std::string text = wire->text("a"), finish = wire->finish("stop"), usage = wire->usage();
        const bool counts_late = wire->name() != std::string_view("ollama");
        CHECK(silences(*wire, text + finish + usage) == 1);
        CHECK(silences(*wire, text + finish) == 1);
        CHECK(silences(*wire, text) == 0);
        if (counts_late) CHECK(silences(*wire, text + usage) == 0);
        CHECK(silences(*wire, "") == 0);
        // More may follow text that came with a finish or behind it.
        CHECK(silences(*wire, text + finish + wire->text("b")) == 10);
        CHECK(silences(*wire, wire->text_and_finish("a", "length") + wire->text_and_finish("b", "stop")) ==
              10);
        if (wire->chats()) {
            const char* const none = wire->arguments_are_text() ? R"({})" : "{}";
            CHECK(silences(*wire, wire->call(0, "c", none) + wire->finish("tool_calls")) == 1);
            CHECK(silences(*wire, wire->call(0, "c", none)) == 0);
        }
    }
}

TEST_CASE("a vendor's word for a bad end is not a good end, streaming and non-streaming") {
    struct Row {
        const char* word;
        const char* end;
    };
    for (const Wire* wire : wires())
        for (const Row& row : std::initializer_list<Row>{
                 // The case's words.
                 {"sensitive", "a | content_filter"},
                 {"model_context_window_exceeded", "a | length"},
                 {"network_error", nullptr},
                 // Further words.
                 {"SAFETY", "a | content_filter"},
                 {"content_filtered", "a | content_filter"},
                 {"guardrail_intervened", "a | content_filter"},
                 {"FinishReason.PROHIBITED_CONTENT", "a | content_filter"},
                 {"refusal", "a | content_filter"},
                 {"ERROR_TOXIC", "a | content_filter"},
                 {"MAX_TOKENS", "a | length"},
                 {"maxOutputTokens", "a | length"},
                 {"model_length", "a | length"},
                 {"insufficient_system_resource", nullptr},
                 {"MALFORMED_FUNCTION_CALL", nullptr},
                 {"cancelled", nullptr},
                 {"ERROR", nullptr},
                 {"timeout", nullptr},
                 {"a word of tomorrow", "a | stop"},
                 {"end_turn", "a | stop"},
                 {"COMPLETE", "a | stop"},
             }) {
            CAPTURE(std::string(wire->name()));
            CAPTURE(row.word);
            const std::string found =
                streamed(*wire, wire->text("a") + wire->finish(row.word) + wire->stop());
            const std::string body = whole(*wire, wire->whole("a", row.word));
            if (row.end) {
                CHECK(found == row.end);
                CHECK(body == row.end);
            } else {
                CHECK(found.starts_with("error 502: the model failed"));
                CHECK(body == found);
            }
        }
}
