// SPDX-License-Identifier: Apache-2.0
// Custom tools as functions: what is sent, and how a response's calls become custom again.
#include "plugins/common/upstream/custom_tool.hpp"

#include "tests/json.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::upstream;
using gatehouse::test::Json;

namespace {

struct Kept final : EventSink {
    std::vector<Event> list;
    void emit(Event event) override { list.push_back(std::move(event)); }
};

Tool custom(std::string name, std::string description = {}, std::string format = {}) {
    Tool tool;
    tool.type = "custom";
    tool.name = std::move(name);
    tool.description = std::move(description);
    tool.format.text = std::move(format);
    return tool;
}

ChatRequest with(std::vector<Tool> tools) {
    ChatRequest request;
    request.tools = std::move(tools);
    return request;
}

std::string described(std::string description, std::string format) {
    return without_custom_tools(with({custom("t", std::move(description), std::move(format))}))
        ->tools[0]
        .description;
}

/// The text of arguments that arrive in these pieces.
std::string text_of_pieces(std::initializer_list<std::string_view> pieces, bool cut = false) {
    CustomToolInput input;
    std::string text;
    for (std::string_view piece : pieces) text += input.feed(piece);
    return text + input.end(cut);
}

/// The same in one piece.  Checks that it is the same with every cut, and byte by byte.
std::string text_of(std::string_view arguments, bool cut = false) {
    const std::string text = text_of_pieces({arguments}, cut);
    int wrong = 0;
    for (std::size_t at = 0; at <= arguments.size(); ++at)
        wrong += text_of_pieces({arguments.substr(0, at), arguments.substr(at)}, cut) != text;
    CustomToolInput input;
    std::string bytes;
    for (std::size_t i = 0; i < arguments.size(); ++i) bytes += input.feed(arguments.substr(i, 1));
    bytes += input.end(cut);
    CHECK(wrong == 0);
    CHECK(bytes == text);
    return text;
}

/// The call deltas that a sink emits for `deltas` and the end of the choice.
std::vector<ToolCallDelta> raised(const ChatRequest& request, std::vector<ToolCallDelta> deltas,
                                  Finish finish = {FinishReason::tool_calls}) {
    Kept kept;
    CustomToolCalls calls(request);
    CustomToolSink sink(calls, kept);
    for (ToolCallDelta& delta : deltas) sink.emit(std::move(delta));
    sink.emit(finish);
    REQUIRE(std::holds_alternative<Finish>(kept.list.back()));
    std::vector<ToolCallDelta> out;
    for (Event& event : kept.list)
        if (auto* delta = std::get_if<ToolCallDelta>(&event)) out.push_back(std::move(*delta));
    return out;
}

}  // namespace

TEST_CASE("a request without custom tools is not copied") {
    Tool function;
    function.name = "f";
    CHECK(!without_custom_tools(with({function})));
    CHECK(!without_custom_tools({}));
}

TEST_CASE("a custom tool becomes a function with one string, and the choice of it that of a function") {
    Tool function;
    function.name = "f";
    function.description = "as it is";
    ChatRequest request = with({function, custom("patch", "Edits files.")});
    request.tool_choice = {.mode = ToolChoice::Mode::named, .name = "patch", .custom = true};
    const auto made = without_custom_tools(request);
    REQUIRE(made);
    CHECK(made->tools[0].description == "as it is");
    CHECK(made->tools[0].parameters.empty());
    CHECK(made->tools[1].type == "function");
    CHECK(made->tools[1].name == "patch");
    CHECK(made->tools[1].description ==
          "Edits files.\n\nThe input of this tool is free text: give it as the string \"input\".");
    CHECK(made->tools[1].parameters.text ==
          R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})");
    CHECK(made->tool_choice.name == "patch");
    CHECK(!made->tool_choice.custom);
    CHECK(request.tools[1].type == "custom");
}

TEST_CASE("the description ends with the grammar") {
    const std::string free = "The input of this tool is free text: give it as the string \"input\".";
    CHECK(described("", "") == free);
    CHECK(described("", R"({"type":"text"})") == free);
    const char* const lark = R"({"type":"grammar","grammar":{"syntax":"lark","definition":"start: \"a\"+"}})";
    CHECK(described("D", lark) ==
          "D\n\n" + free + " It must match this grammar in the syntax of lark:\nstart: \"a\"+");
    CHECK(described("", R"({"type":"grammar","syntax":"regex","definition":"a+"})") ==
          free + " It must match this regular expression:\na+");
    CHECK(described("", R"({"type":"grammar","definition":"x"})") ==
          free + " It must match this grammar:\nx");
    CHECK(described("", R"({"type":"new"})") == free + R"( It must have this format: {"type":"new"})");
}

TEST_CASE("a custom call in the history is wrapped, and other calls are not") {
    ChatRequest request;
    Message message;
    message.role = Role::assistant;
    message.tool_calls = {{"1", "f", R"({"a":1})"},
                          {"2", "patch", std::string("*** Begin \"x\"\n\\ \xF0\x9F\x98\x80"), true},
                          {"3", "patch", JsonString::spelled(R"(a\u0041\n)", true), true},
                          {"4", "patch", "", true}};
    request.messages = {message};
    const auto made = without_custom_tools(request);
    REQUIRE(made);
    const auto& calls = made->messages[0].tool_calls;
    CHECK(calls[0].arguments == R"({"a":1})");
    CHECK(Json::parse(calls[1].arguments.str()) == Json{{"input", "*** Begin \"x\"\n\\ \xF0\x9F\x98\x80"}});
    CHECK(Json::parse(calls[2].arguments.str()) == Json{{"input", "aA\n"}});
    CHECK(calls[3].arguments == R"({"input":""})");
    for (const ToolCall& call : calls) CHECK(!call.custom);
    CHECK(calls[1].id == "2");
    for (std::size_t i = 1; i < 4; ++i)
        CHECK(text_of(calls[i].arguments.str()) == message.tool_calls[i].arguments.str());
}

TEST_CASE("the string is unwrapped, with blanks, escapes and surrogate pairs, cut anywhere") {
    CHECK(text_of(R"({"input":"abc"})") == "abc");
    CHECK(text_of(" {\n\t\"input\" :\r \"a b\" } \n") == "a b");
    CHECK(text_of(R"({"input":""})").empty());
    CHECK(text_of(R"({"input":"\"\\\/\b\f\n\r\t"})") == "\"\\/\b\f\n\r\t");
    CHECK(text_of(R"({"input":"\u0041\u00e9\u20AC\ud83d\ude00!"})") ==
          "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80!");
    CHECK(text_of("{\"input\":\"\xC3\xA9\xF0\x9F\x98\x80\"}") == "\xC3\xA9\xF0\x9F\x98\x80");
    CHECK(text_of(R"({"input":"{\"input\":\"x\"}"})") == R"({"input":"x"})");
}

TEST_CASE("half a surrogate pair becomes U+FFFD") {
    const std::string mark = "\xEF\xBF\xBD";
    CHECK(text_of(R"({"input":"\ud83d"})") == mark);
    CHECK(text_of(R"({"input":"\ud83dx"})") == mark + "x");
    CHECK(text_of(R"({"input":"\ud83d\n"})") == mark + "\n");
    CHECK(text_of(R"({"input":"\ude00\ud83d"})") == mark + mark);
    CHECK(text_of(R"({"input":"\ud83d\ud83d\ude00"})") == mark + "\xF0\x9F\x98\x80");
    CHECK(text_of(R"({"input":"\ud83d\u0041"})") == mark + "A");
}

TEST_CASE("a string that is not quite JSON is read as far as it goes") {
    CHECK(text_of("{\"input\":\"a\nb\tc\"}") == "a\nb\tc");
    CHECK(text_of(R"({"input":"\q \u12 \u12"})") == R"(\q \u12 \u12)");
    CHECK(text_of(R"({"input":"\ud83\n"})") == "\\ud83\n");
    CHECK(text_of(R"({"input":"a","more":1})") == "a");
    CHECK(text_of(R"({"input":"a)") == "a");
    CHECK(text_of(R"({"input":"a\)", true) == "a");
    CHECK(text_of(R"({"input":"a\ud83d)", true) == "a");
}

TEST_CASE("arguments of another form are the text") {
    for (const char* other :
         {"*** Begin Patch", R"("abc")", "{", "[1]", R"({"inputs":"a"})", R"({"in put":"a"})",
          R"({"input":1})", R"({"input":null})", R"({"patch":"a"})", R"({"inp)", R"({} and more)", "{ }x",
          R"({"input":{"a":1}})", "\xF0\x9F\x98\x80", "{\xC3\xA9}", "null"}) {
        CAPTURE(other);
        CHECK(text_of(other) == other);
    }
    CHECK(text_of("").empty());
    CHECK(text_of("{}").empty());
    CHECK(text_of(" { } ").empty());
}

TEST_CASE("the limit can cut arguments before their text begins") {
    for (const char* begun : {"", "{", R"({"inp)", R"({"input":)", R"({"input":")"}) {
        CAPTURE(begun);
        CHECK(text_of(begun, true).empty());
    }
    CHECK(text_of("abc", true) == "abc");
}

TEST_CASE("a call of a custom tool becomes one, and calls of functions pass") {
    const ChatRequest request = with({custom("patch")});
    std::vector<ToolCallDelta> deltas = {
        {.index = 0, .id = "a", .name = "patch", .arguments = R"({"in)"},
        {.index = 0, .arguments = R"(put": "x)"},
        {.index = 1, .id = "b", .name = "f", .arguments = R"({"input":"y"})"},
        {.index = 0, .arguments = R"(y\u00)"},
        {.index = 0, .arguments = R"(41"})"},
        {.index = 0, .arguments = "\n", .extra = {R"({"k":1})"}},
    };
    const auto out = raised(request, deltas);
    REQUIRE(out.size() == 6);
    CHECK(out[0].id == "a");
    CHECK(out[0].name == "patch");
    CHECK(out[0].arguments.empty());
    CHECK(out[1].arguments == "x");
    CHECK(out[2].arguments == R"({"input":"y"})");
    CHECK(!out[2].custom);
    CHECK(out[3].arguments == "y");
    CHECK(out[4].arguments == "A");
    CHECK(out[5].extra.text == R"({"k":1})");
    for (const std::size_t i : {0, 1, 3, 4, 5}) CHECK(out[i].custom);
}

TEST_CASE("text that was kept back comes before the finish of its choice") {
    const ChatRequest request = with({custom("patch")});
    std::vector<ToolCallDelta> deltas = {
        {.index = 0, .id = "a", .name = "patch", .arguments = R"({"a)", .choice = 1},
        {.index = 1, .id = "b", .name = "patch", .arguments = R"({"in)", .choice = 1},
        {.index = 0, .id = "c", .name = "patch", .arguments = R"({"in)"},
    };
    const auto whole = raised(request, deltas, {FinishReason::tool_calls, 1});
    REQUIRE(whole.size() == 4);
    CHECK(whole[0].arguments == R"({"a)");
    CHECK(whole[3].index == 1);
    CHECK(whole[3].choice == 1);
    CHECK(whole[3].custom);
    CHECK(whole[3].arguments == R"({"in)");
    CHECK(raised(request, deltas, {FinishReason::length, 1}).size() == 3);
}

TEST_CASE("a call that is custom already is not read again, and other events pass") {
    const auto out =
        raised(with({custom("patch")}),
               {{.index = 0, .id = "a", .name = "patch", .arguments = R"({"input":"x"})", .custom = true}});
    REQUIRE(out.size() == 1);
    CHECK(out[0].arguments == R"({"input":"x"})");
    Kept kept;
    CustomToolCalls calls(with({custom("patch")}));
    CustomToolSink(calls, kept).emit(TextDelta{R"({"input":"x"})"});
    REQUIRE(kept.list.size() == 1);
    CHECK(std::get<TextDelta>(kept.list[0]).text == R"({"input":"x"})");
}
