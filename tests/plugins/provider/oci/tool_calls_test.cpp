// SPDX-License-Identifier: Apache-2.0
// The assembly of tool calls for each vendor and each kind of mistake, and the
// check of fragmented arguments.
#include "plugins/provider/oci/chat/tool_calls.hpp"

#include "plugins/common/upstream/json_check.hpp"
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

struct Piece {
    const char *id, *name, *arguments;
};

Lines assemble(const std::vector<Piece>& entries, FinishReason reason = FinishReason::tool_calls,
               bool whole = false) {
    testing::Events events;
    ToolCalls calls(0);
    for (const Piece& entry : entries) {
        auto ok = whole ? calls.add_whole({entry.id, entry.name, entry.arguments}, events)
                        : calls.add({entry.id, entry.name, entry.arguments}, events);
        if (!ok) return {"error: " + ok.error().message};
    }
    auto finish = calls.finish(reason, events);
    if (!finish) return {"error: " + finish.error().message};
    Lines out = lines(events.list);
    out.push_back(name(*finish));
    return out;
}

}  // namespace

TEST_CASE("a name with a new id, or a name without an id after a named call, begins a call") {
    CHECK(assemble({{"a", "f", "{}"}, {"b", "g", "{}"}}) ==
          Lines{"call 0 id=a name=f {}", "call 1 id=b name=g {}", "tool_calls"});
    CHECK(assemble({{"", "f", "{}"}, {"", "f", "{}"}}) ==
          Lines{"call 0 id=call_* name=f {}", "call 1 id=call_* name=f {}", "tool_calls"});
}

TEST_CASE("a complete call with the id of another one is a call of its own, unless it repeats that call") {
    CHECK(assemble({{"a", "f", "{}"}, {"a", "f", "{\"x\":1}"}}) ==
          Lines{"call 0 id=a name=f {}", "call 1 id=call_* name=f {\"x\":1}", "tool_calls"});
    CHECK(assemble({{"a", "f", "{}"}, {"a", "g", "{\"x\":1}"}, {"b", "h", "{}"}}) ==
          Lines{"call 0 id=a name=f {}", "call 1 id=call_* name=g {\"x\":1}", "call 2 id=b name=h {}",
                "tool_calls"});
    CHECK(assemble({{"a", "f", "{}"}, {"a", "f", "{}"}}) == Lines{"call 0 id=a name=f {}", "tool_calls"});
}

TEST_CASE("OpenAI's parallel calls come in sequence, with fragments that have no id and name") {
    CHECK(assemble({{"a", "f", ""}, {"", "", "{\"x\""}, {"", "", ":1}"}, {"b", "g", ""}, {"", "", "{}"}}) ==
          Lines{"call 0 id=a name=f ", "call 0 {\"x\"", "call 0 :1}", "call 1 id=b name=g ", "call 1 {}",
                "tool_calls"});
}

TEST_CASE("a known id continues its call, also with a repeated name, and the call stays current") {
    CHECK(assemble({{"a", "f", "["}, {"b", "g", "{"}, {"a", "f", "1"}, {"", "", "]"}, {"b", "", "}"}}) ==
          Lines{"call 0 id=a name=f [", "call 1 id=b name=g {", "call 0 1", "call 0 ]", "call 1 }",
                "tool_calls"});
}

TEST_CASE("an invented id per fragment continues the current call") {
    CHECK(assemble({{"a", "f", "{"}, {"z1", "", "\"x\":"}, {"z2", "", "1}"}}) ==
          Lines{"call 0 id=a name=f {", "call 0 \"x\":", "call 0 1}", "tool_calls"});
}

TEST_CASE("a call is buffered until its name arrives") {
    CHECK(assemble({{"", "", "{\"x\""}, {"", "", ":"}, {"", "f", "1}"}}) ==
          Lines{"call 0 id=call_* name=f {\"x\":1}", "tool_calls"});
    CHECK(assemble({{"a", "", "{"}, {"a", "f", "}"}}) == Lines{"call 0 id=a name=f {}", "tool_calls"});
    CHECK(assemble({{"", "", "{"}, {"a", "f", "}"}}) == Lines{"call 0 id=a name=f {}", "tool_calls"});
    CHECK(assemble({{"", "", ""}}, FinishReason::stop) == Lines{"stop"});
    CHECK(assemble({{"", "", "{}"}})[0] ==
          "error: the upstream sent the arguments of a tool call, but no name");
    CHECK(assemble({{"", "", "{}"}}, FinishReason::length) == Lines{"length"});
}

TEST_CASE("missing arguments become an empty object") {
    CHECK(assemble({{"a", "f", ""}, {"b", "g", " \n"}}) ==
          Lines{"call 0 id=a name=f ", "call 1 id=b name=g  \n", "call 0 {}", "call 1 {}", "tool_calls"});
}

TEST_CASE("the finish reason is tool_calls if there was a call, otherwise stop") {
    for (FinishReason reason :
         {FinishReason::stop, FinishReason::length, FinishReason::tool_calls, FinishReason::content_filter})
        CHECK(assemble({{"a", "f", "{\"x\":[1,2]}"}}, reason).back() == "tool_calls");
    CHECK(assemble({}, FinishReason::tool_calls) == Lines{"stop"});
    CHECK(assemble({}, FinishReason::length) == Lines{"length"});
}

TEST_CASE("a call that the limit cut keeps the finish reason; other invalid arguments are a call") {
    CHECK(assemble({{"a", "f", "{\"x\":"}}, FinishReason::length) ==
          Lines{"call 0 id=a name=f {\"x\":", "length"});
    CHECK(assemble({{"a", "f", "{\"x\":"}}, FinishReason::content_filter).back() == "content_filter");
    CHECK(assemble({{"a", "f", ""}}, FinishReason::length) ==
          Lines{"call 0 id=a name=f ", "call 0 {}", "length"});
    for (const char* broken : {"{\"x\":", "{}{}", "{'x':1}", "{\"x\":1,}", "not json"}) {
        CAPTURE(broken);
        const Lines call{std::string("call 0 id=a name=f ") + broken, "tool_calls"};
        CHECK(assemble({{"a", "f", broken}}) == call);
        CHECK(assemble({{"a", "f", broken}}, FinishReason::stop) == call);
        CHECK(assemble({{"a", "f", broken}}, FinishReason::tool_calls, true) == call);
        CHECK(assemble({{"a", "f", broken}}, FinishReason::length).back() == "length");
    }
}

TEST_CASE("in a non-streaming response each entry with a name is a call with its own id") {
    CHECK(assemble({{"a", "f", "{}"}, {"a", "f", "{}"}, {"", "g", ""}}, FinishReason::stop, true) ==
          Lines{"call 0 id=a name=f {}", "call 1 id=call_* name=f {}", "call 2 id=call_* name=g ",
                "call 2 {}", "tool_calls"});
}

TEST_CASE("the number of calls is bounded") {
    std::vector<Piece> many(2000, Piece{"", "f", "{}"});
    CHECK(assemble(many) == Lines{"error: the model made more than 1024 tool calls in one answer"});
}

TEST_CASE("generated ids are call_ and 24 letters and digits, all different") {
    std::vector<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        seen.push_back(make_call_id());
        CHECK(shown_id(seen.back()) == "call_*");
    }
    std::sort(seen.begin(), seen.end());
    CHECK(std::unique(seen.begin(), seen.end()) == seen.end());
}

TEST_CASE("the check of fragments agrees with a parser wherever the text is split") {
    const std::string texts[] = {
        "{}",
        "[]",
        "{\"a\":1}",
        "{\"a\" : [1, 2.5e-3, -0, \"x\\n\\u00fc\", true, false, null, {\"b\":{}}]}",
        "0",
        "-1",
        "1.5",
        "1e9",
        "\"s\"",
        " null ",
        "123456789012345678901234567890",
        "[[[[]]]]",
        "\"\\\"\"",
        "",
        " ",
        "{",
        "}",
        "[1,]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "01",
        "-",
        "1.",
        "1e",
        "1e+",
        ".5",
        "+1",
        "tru",
        "truee",
        "nul",
        "\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\n\"",
        "{}{}",
        "{} x",
        "[1 2]",
        "{\"a\":1 \"b\":2}",
        "{,}",
        "[,]",
        "'a'",
        "{]",
        "[}",
        "NaN",
        "\"a\" \"b\"",
        "1 2",
        "--1",
        "1.2.3",
        "{\"a\":1}}",
        "\x01",
    };
    for (const std::string& text : texts) {
        CAPTURE(text);
        const bool valid = Json::accept(text);
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            upstream::JsonCheck check;
            check.feed(std::string_view(text).substr(0, cut));
            check.feed(std::string_view(text).substr(cut));
            CHECK(check.complete() == valid);
        }
    }
    upstream::JsonCheck blank;
    blank.feed(" \n\t");
    CHECK(blank.blank());
    blank.feed("1");
    CHECK(!blank.blank());
    upstream::JsonCheck wrong;
    wrong.feed("]");
    CHECK(!wrong.blank());
    upstream::JsonCheck deep;
    deep.feed(std::string(100'000, '['));
    deep.feed(std::string(100'000, ']'));
    CHECK(!deep.complete());
}
