// SPDX-License-Identifier: Apache-2.0
// Tools become functions for the upstream, and calls become those of the client's tools.
#include "tests/plugins/dialect/openai/responses/helper.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const std::string function = R"({"type":"function","name":"f","parameters":{"type":"object"}})";
const std::string space = R"({"type":"namespace","name":"mcp__x","description":"d","tools":[
  {"type":"function","name":"go","parameters":{}},{"type":"custom","name":"say"}]})";

ChatRequest with_tools(const std::string& tools, const std::string& members = "") {
    Gateway gateway;
    return gateway.chat(whole("\"tools\":[" + tools + "]" + (members.empty() ? "" : "," + members)));
}

std::string names(const ChatRequest& chat) {
    std::string all;
    for (const Tool& tool : chat.tools) all += (all.empty() ? "" : " ") + tool.name;
    return all;
}

/// The first item of a response to a call of the function `flat`.
Json called(const std::string& tools, const std::string& flat, const std::string& arguments) {
    Gateway gateway;
    Json item;
    for (const bool piecewise : {false, true}) {
        std::vector<Event> events = {ToolCallDelta{.id = "call_1", .name = flat}};
        if (!piecewise) events.push_back(ToolCallDelta{.arguments = arguments});
        for (const char c : arguments)
            if (piecewise) events.push_back(ToolCallDelta{.arguments = std::string(1, c)});
        events.push_back(Finish{FinishReason::tool_calls});
        const Grammar grammar(answered(gateway, streaming("\"tools\":[" + tools + "]"), events));
        CHECK(grammar.fault() == "");
        Json got = grammar.response()["output"][0];
        got.erase("id");
        if (!item.is_null()) CHECK(got == item);
        item = got;
    }
    return item;
}

void refused(const std::string& members, const std::string& param, ErrorKind kind = ErrorKind::unsupported) {
    Gateway gateway;
    const Error error = gateway.refusal(whole(members));
    CAPTURE(members);
    CHECK(error.param == param);
    CHECK(error.kind == kind);
}

/// The names of the tools that an upstream with chats gets.
std::string sent_names(const std::string& tools) {
    std::string all;
    const Json sent = Gateway().sent(whole("\"tools\":[" + tools + "]"));
    for (const Json& tool : sent["tools"])
        all += (all.empty() ? "" : " ") + tool["function"]["name"].get<std::string>();
    return all;
}

/// The provider of an upstream with chats refuses the request.
void refused_upstream(const std::string& members, const std::string& param) {
    Gateway gateway;
    const ChatRequest chat = gateway.chat(whole(members));
    const auto exchange = gateway.provider.chat(chat);
    CAPTURE(members);
    REQUIRE(!exchange);
    CHECK(exchange.error().param == param);
    CHECK(exchange.error().kind == ErrorKind::unsupported);
}

}  // namespace

TEST_CASE("a function is flat here, and its missing schema becomes an empty one") {
    const ChatRequest chat = with_tools(
        R"({"type":"function","name":"f","description":"d","parameters":null,"strict":null,"defer_loading":true})");
    REQUIRE(chat.tools.size() == 1);
    CHECK(chat.tools[0].type == "function");
    CHECK(chat.tools[0].description == "d");
    CHECK(chat.tools[0].parameters.text == R"({"type":"object","properties":{}})");
    CHECK(!chat.tools[0].strict);
    CHECK(chat.tools[0].inner_extra.empty());
}

TEST_CASE("a namespace is flattened, and its calls get their namespace back") {
    CHECK(names(with_tools(function + "," + space)) == "f mcp__x__go mcp__x__say");
    CHECK(
        called(space, "mcp__x__go", R"({"a":1})") ==
        Json::parse(
            R"({"type":"function_call","status":"completed","call_id":"call_1","name":"go","namespace":"mcp__x","arguments":"{\"a\":1}"})"));
    CHECK(
        called(space, "mcp__x__say", R"({"input":"hey \"you\"\n"})") ==
        Json::parse(
            R"({"type":"custom_tool_call","status":"completed","call_id":"call_1","name":"say","namespace":"mcp__x","input":"hey \"you\"\n"})"));
}

TEST_CASE("a flat name has at most 64 bytes and is unique") {
    const std::string a(70, 'a');
    const ChatRequest chat =
        with_tools(R"({"type":"namespace","name":")" + a +
                   R"(","tools":[{"type":"function","name":"x"},{"type":"function","name":"y"}]},
         {"type":"function","name":"s__t"},{"type":"namespace","name":"s","tools":[{"type":"function","name":"t"}]})");
    REQUIRE(chat.tools.size() == 4);
    CHECK(chat.tools[0].name.size() == 64);
    CHECK(chat.tools[0].name != chat.tools[1].name);
    CHECK(chat.tools[2].name == "s__t");
    CHECK(chat.tools[3].name == "s__t_2");
}

TEST_CASE("a custom tool becomes a function with one string") {
    const ChatRequest chat = with_tools(
        R"({"type":"custom","name":"p","description":"Edits.","format":{"type":"grammar","syntax":"lark","definition":"start: /.+/s"}})");
    REQUIRE(chat.tools.size() == 1);
    CHECK(chat.tools[0].type == "function");
    CHECK(chat.tools[0].format.empty());
    CHECK(std::string_view(chat.tools[0].parameters.text).find("\"input\"") != std::string::npos);
    CHECK(chat.tools[0].description.str().find("start: /.+/s") != std::string::npos);
    const std::string tool = R"({"type":"custom","name":"p"})";
    CHECK(called(tool, "p", R"({"input":"*** a \u00e9"})")["input"] == "*** a \u00e9");
    CHECK(called(tool, "p", "plain text")["input"] == "plain text");
    CHECK(called(tool, "p", "plain text")["status"] == "completed");
}

TEST_CASE("a custom call that a limit cuts is incomplete") {
    Gateway gateway;
    const Grammar grammar(answered(gateway, streaming(R"("tools":[{"type":"custom","name":"p"}])"),
                                   {ToolCallDelta{.id = "c", .name = "p", .arguments = R"({"input":"*** Be)"},
                                    Finish{FinishReason::length}}));
    CHECK(grammar.fault() == "");
    CHECK(grammar.response()["output"][0]["input"] == "*** Be");
    CHECK(grammar.response()["output"][0]["status"] == "incomplete");
}

TEST_CASE("the search for tools becomes a function, and its call has an object") {
    const std::string search =
        R"({"type":"tool_search","execution":"client","description":"Finds.","parameters":{"type":"object"}})";
    CHECK(names(with_tools(search)) == "tool_search");
    CHECK(
        called(search, "tool_search", R"({"query":"x"})") ==
        Json::parse(
            R"({"type":"tool_search_call","status":"completed","call_id":"call_1","execution":"client","arguments":{"query":"x"}})"));
    CHECK(called(search, "tool_search", "")["arguments"] == Json::object());
    CHECK(sent_names(function + R"(,{"type":"tool_search","execution":"server"})") == "f");
}

TEST_CASE("tools in the input join the tools of the request") {
    Gateway gateway;
    const ChatRequest chat =
        gateway.chat(with_items(R"({"type":"additional_tools","role":"developer","tools":[)" + space +
                                    R"(]},{"role":"user","content":"x"},
           {"type":"tool_search_call","call_id":"s","execution":"client","arguments":{"query":"q"}},
           {"type":"tool_search_output","call_id":"s","execution":"client","tools":[{"type":"namespace","name":"n","tools":[{"type":"function","name":"t"}]}]},
           {"type":"function_call","call_id":"a","name":"t","namespace":"n","arguments":"{}"},
           {"type":"function_call_output","call_id":"a","output":"A"})",
                                "\"tools\":[" + function + "]"));
    CHECK(names(chat) == "f mcp__x__go mcp__x__say n__t");
    REQUIRE(chat.messages.size() == 5);
    CHECK(chat.messages[1].tool_calls[0].name == "tool_search");
    CHECK(chat.messages[1].tool_calls[0].arguments == R"({"query":"q"})");
    CHECK(text_of(chat.messages[2]) == "Found tools: n__t");
    CHECK(chat.messages[3].tool_calls[0].name == "n__t");
}

TEST_CASE("a tool that is there twice is offered once") {
    Gateway gateway;
    const ChatRequest chat = gateway.chat(with_items(
        R"({"type":"additional_tools","tools":[)" + function + R"(]},{"role":"user","content":"x"})",
        "\"tools\":[" + function + "]"));
    CHECK(names(chat) == "f");
}

TEST_CASE("an upstream with chats does not get tools that OpenAI runs, and refuses those the answer needs") {
    CHECK(
        sent_names(
            function +
            R"(,{"type":"web_search"},{"type":"image_generation"},{"type":"local_shell"},{"type":"new_one"})") ==
        "f");
    for (const char* type : {"file_search", "code_interpreter", "mcp", "computer", "computer_use_preview"})
        refused_upstream("\"tools\":[" + function + R"(,{"type":")" + type + "\"}]", "tools[1].type");
}

TEST_CASE("without a tool the upstream gets neither a choice nor a rule for parallel calls") {
    const Json sent = Gateway().sent(
        whole(R"("tools":[{"type":"web_search"}],"tool_choice":"auto","parallel_tool_calls":true)"));
    for (const char* member : {"tools", "tool_choice", "parallel_tool_calls"}) CHECK(!sent.contains(member));
}

TEST_CASE("the choice of a tool") {
    using Mode = ToolChoice::Mode;
    auto choice = [](const std::string& json) {
        return with_tools(function + "," + space, "\"tool_choice\":" + json).tool_choice;
    };
    CHECK(choice("\"auto\"").mode == Mode::automatic);
    CHECK(choice("\"none\"").mode == Mode::none);
    CHECK(choice("\"required\"").mode == Mode::required);
    CHECK(choice(R"({"type":"function","name":"f"})").name == "f");
    CHECK(choice(R"({"type":"custom","name":"say","namespace":"mcp__x"})").name == "mcp__x__say");
    CHECK(!choice(R"({"type":"custom","name":"say","namespace":"mcp__x"})").custom);
    const ChatRequest allowed = with_tools(
        function + "," + space,
        R"("tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"}]})");
    CHECK(names(allowed) == "f");
    CHECK(allowed.tool_choice.mode == Mode::required);
}

TEST_CASE("a choice of an unknown tool is refused") {
    const std::string tools = "\"tools\":[" + function + R"(,{"type":"web_search"}],"tool_choice":)";
    refused(tools + R"({"type":"function","name":"g"})", "tool_choice", ErrorKind::bad_request);
    refused_upstream(tools + R"({"type":"web_search"})", "tool_choice");
    refused(tools + R"({"type":"mcp","server_label":"x"})", "tool_choice");
    refused(tools + R"({"type":"allowed_tools","tools":[{"type":"function","name":"g"}]})", "tool_choice",
            ErrorKind::bad_request);
    refused_upstream(R"("tools":[{"type":"web_search"}],"tool_choice":"required")", "tool_choice");
    refused(R"("tool_choice":"required")", "tool_choice", ErrorKind::bad_request);
    refused(tools + "\"any\"", "tool_choice", ErrorKind::bad_request);
    refused(tools + "7", "tool_choice", ErrorKind::bad_request);
    refused(tools + "{}", "tool_choice.type", ErrorKind::bad_request);
}
