// SPDX-License-Identifier: Apache-2.0
// Tools and items of a client of the Responses API that an upstream of another API does not have.
#include "plugins/common/upstream/hosted_tools.hpp"

#include "plugins/common/upstream/custom_tool.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::upstream;

namespace {

const OtherPart search{"web_search_call", {R"({"type":"web_search_call"})"}};

ChatRequest request(std::vector<Tool> tools) {
    ChatRequest made{.model = "m", .protocol = "responses"};
    made.messages = {{.role = Role::user, .parts = {search, Text{"q"}}},
                     {.role = Role::assistant, .parts = {search}},
                     {.role = Role::assistant, .parts = {Text{"A"}, search}}};
    made.tools = std::move(tools);
    made.tool_choice.mode = ToolChoice::Mode::automatic;
    made.parallel_tool_calls = true;
    return made;
}

Tool hosted(const std::string& type) { return {.type = type, .json = {"{\"type\":\"" + type + "\"}"}}; }

}  // namespace

TEST_CASE("hosted tools and items are left out, and so is a message that had only them") {
    ChatRequest made = request({hosted("web_search"), {.name = "f"}});
    CHECK(has_hosted(made));
    CHECK(leave_out_hosted(made) ==
          std::vector<std::string>{"tools of type web_search", "items of type web_search_call"});
    CHECK_FALSE(has_hosted(made));
    REQUIRE(made.messages.size() == 2);
    CHECK(made.messages[0].parts.size() == 1);
    CHECK(text_of(made.messages[1]) == "A");
    REQUIRE(made.tools.size() == 1);
    CHECK(made.tool_choice.mode == ToolChoice::Mode::automatic);
    const auto copy = without_custom_tools(request({hosted("web_search")}));
    REQUIRE(copy);
    CHECK(copy->messages.size() == 2);
}

TEST_CASE("without another tool, neither a choice nor a rule for parallel calls is left") {
    ChatRequest made = request({hosted("web_search")});
    leave_out_hosted(made);
    CHECK(made.tools.empty());
    CHECK(made.tool_choice.mode == ToolChoice::Mode::unset);
    CHECK_FALSE(made.parallel_tool_calls);
}

TEST_CASE("a client of another protocol is not changed") {
    ChatRequest made = request({hosted("web_search")});
    made.protocol = "anthropic";
    CHECK_FALSE(has_hosted(made));
    CHECK(leave_out_hosted(made).empty());
    CHECK(made.tools.size() == 1);
    CHECK(check_hosted(made));
    CHECK_FALSE(without_custom_tools(made));
}

TEST_CASE("a hosted tool that the answer needs is refused by its place") {
    for (const char* type : {"file_search", "code_interpreter", "mcp", "computer", "computer_use_preview"}) {
        const auto ok = check_hosted(request({{.name = "f"}, hosted(type)}));
        REQUIRE_FALSE(ok);
        CHECK(ok.error().kind == ErrorKind::unsupported);
        CHECK(ok.error().param == "tools[1].type");
        CHECK(ok.error().message ==
              "tools[1].type is a tool that OpenAI runs itself: remove it, or use a function");
    }
    ChatRequest items = request({});
    items.messages = {{.role = Role::assistant, .parts = {search}}};
    REQUIRE_FALSE(check_hosted(items));
    CHECK(check_hosted(items).error().param == "input");
    ChatRequest required = request({hosted("web_search")});
    CHECK(check_hosted(required));
    required.tool_choice.mode = ToolChoice::Mode::required;
    REQUIRE_FALSE(check_hosted(required));
    CHECK(check_hosted(required).error().param == "tool_choice");
    required.tools.push_back({.name = "f"});
    CHECK(check_hosted(required));
}
