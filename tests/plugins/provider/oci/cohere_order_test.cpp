// SPDX-License-Identifier: Apache-2.0
// Orders of messages that clients send, and the resulting COHERE and COHEREV2
// requests.
#include "plugins/common/upstream/conversation.hpp"
#include "plugins/provider/oci/text.hpp"

#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

Tool tool() {
    Tool tool;
    tool.name = "f";
    return tool;
}

ChatRequest with(const char* model, std::vector<Message> messages, bool tools) {
    ChatRequest request = ask(model);
    request.messages = std::move(messages);
    if (tools) request.tools = {tool()};
    return request;
}

std::string shown(const Json& results) {
    std::string line;
    for (const Json& one : results) {
        CHECK(one.at("outputs").size() == 1);
        line += " " + one.at("call").at("name").get<std::string>() + one["call"].at("parameters").dump() +
                "=" + one["outputs"][0].at("output").get<std::string>();
    }
    return line;
}

/// One short line for each entry: the preamble, the history, then the message to
/// answer.
Lines cohere(std::vector<Message> messages, bool tools = true) {
    Bench bench;
    const Json chat = chat_sent(bench.provider, with("cohere.command-a-03-2025", std::move(messages), tools));
    Lines out;
    if (chat.contains("preambleOverride"))
        out.push_back("PREAMBLE " + chat["preambleOverride"].get<std::string>());
    const Json history = chat.value("chatHistory", Json::array());
    if (chat.contains("chatHistory")) CHECK(!history.empty());
    for (std::size_t i = 0; i < history.size(); ++i) {
        const Json& entry = history[i];
        std::string line = entry.at("role");
        if (line == "TOOL") {
            line += shown(entry.at("toolResults"));
            // Checks the service's rules.
            REQUIRE(i + 1 < history.size());
            CHECK(history[i + 1]["role"] == "CHATBOT");
        } else {
            CHECK(!entry.at("message").get<std::string>().empty());
            line += " " + entry["message"].get<std::string>();
        }
        if (entry.contains("toolCalls")) {
            line += " [";
            for (const Json& call : entry["toolCalls"])
                line += call.at("name").get<std::string>() + call.at("parameters").dump();
            line += "]";
        }
        out.push_back(line);
    }
    const std::string message = chat.at("message");
    if (chat.contains("toolResults")) {
        CHECK(message.empty());
        CHECK(chat.contains("tools"));
        out.push_back("RESULTS" + shown(chat["toolResults"]));
    } else {
        CHECK(!message.empty());
        out.push_back("> " + message);
    }
    return out;
}

/// The messages of COHEREV2.
Lines v2(std::vector<Message> messages, const Options& given = options()) {
    Bench bench(given);
    Lines out;
    const Json chat =
        chat_sent(bench.provider, with("cohere.command-a-reasoning", std::move(messages), true));
    for (const Json& message : chat.at("messages")) {
        std::string line = message.at("role");
        if (message.contains("toolCallId")) line += " " + message["toolCallId"].get<std::string>() + "=";
        CHECK(!message.at("content").empty());
        if (!line.ends_with('=')) line += " ";
        for (const Json& part : message["content"]) {
            const std::string text = part.at(part.at("type") == "THINKING" ? "thinking" : "text");
            CHECK(!text.empty());
            line += (part["type"] == "THINKING" ? "(" + text + ")" : text);
        }
        if (message.contains("toolPlan")) line += " {" + message["toolPlan"].get<std::string>() + "}";
        if (message.contains("toolCalls")) {
            line += " [";
            for (const Json& call : message["toolCalls"]) {
                CHECK(call.at("type") == "FUNCTION");
                line +=
                    call.at("id").get<std::string>() + call.at("function").at("arguments").get<std::string>();
            }
            line += "]";
        }
        out.push_back(line);
    }
    return out;
}

Message user(std::string text) { return message(Role::user, std::move(text)); }
Message assistant(std::string text) { return message(Role::assistant, std::move(text)); }
Message instruction(std::string text) { return message(Role::system, std::move(text)); }
Message nothing() {
    Message message;
    message.role = Role::assistant;
    return message;
}

}  // namespace

TEST_CASE("COHERE: the last user message is the message, all before it the history") {
    CHECK(cohere({user("a")}) == Lines{"> a"});
    CHECK(cohere({instruction("s"), user("a"), assistant("b"), user("c")}) ==
          Lines{"PREAMBLE s", "USER a", "CHATBOT b", "> c"});
    CHECK(cohere({user("a"), user("b")}) == Lines{"USER a", "> b"});
}

TEST_CASE("COHERE: system and developer messages at any position are the preamble") {
    CHECK(cohere({instruction("s"), user("a"), message(Role::developer, "d"), user("b"), instruction("")}) ==
          Lines{"PREAMBLE s\nd", "USER a", "> b"});
    CHECK(cohere({user("a"), calls({{"x", "f", "{}"}}), instruction("late"), result("x", "1")}) ==
          Lines{"PREAMBLE late", "USER a", "CHATBOT   [f{}]", "RESULTS f{}=1"});
    CHECK(cohere({instruction("only")}) == Lines{"PREAMBLE only", ">  "});
}

TEST_CASE("COHERE: results at the end are the results of this turn, earlier results are history") {
    CHECK(cohere({user("a"), calls({{"x", "f", R"({"n":1})"}, {"y", "g", ""}}), result("y", "2"),
                  result("x", "1")}) ==
          Lines{"USER a", "CHATBOT   [f{\"n\":1}g{}]", "RESULTS f{\"n\":1}=1 g{}=2"});
    CHECK(cohere({user("a"), calls({{"x", "f", "{}"}}), result("x", "1"), assistant("b"), user("c"),
                  calls({{"x", "g", "{}"}}), result("x", "2")}) == Lines{"USER a", "CHATBOT   [f{}]",
                                                                         "TOOL f{}=1", "CHATBOT b", "USER c",
                                                                         "CHATBOT   [g{}]", "RESULTS g{}=2"});
    // Two rounds of calls without a word between.
    CHECK(cohere({user("a"), calls({{"x", "f", "{}"}}), result("x", "1"), calls({{"y", "g", "{}"}}),
                  result("y", "2")}) ==
          Lines{"USER a", "CHATBOT   [f{}]", "TOOL f{}=1", "CHATBOT   [g{}]", "RESULTS g{}=2"});
}

TEST_CASE("COHERE: a user message after the results, as OpenClaw sends it, is the message to answer") {
    CHECK(cohere({user("a"), user("b"), calls({{"call_1", "f", "{}"}}), result("call1", "42"), user("c")}) ==
          Lines{"USER a", "USER b", "CHATBOT   [f{}]", "TOOL f{}=42", "CHATBOT  ", "> c"});
}

TEST_CASE("COHERE: calls without results and results without calls are repaired") {
    CHECK(cohere({user("a"), calls({{"x", "f", "{}"}, {"y", "g", "{}"}}), result("y", "2")}) ==
          Lines{"USER a", "CHATBOT   [f{}g{}]", "RESULTS f{}=(no result) g{}=2"});
    CHECK(cohere({user("a"), calls({{"x", "f", "{}"}}), user("b")}) ==
          Lines{"USER a", "CHATBOT   [f{}]", "TOOL f{}=(no result)", "CHATBOT  ", "> b"});
    CHECK(cohere({user("a"), calls({{"x", "f", "{}"}})}) ==
          Lines{"USER a", "CHATBOT   [f{}]", "RESULTS f{}=(no result)"});
    CHECK(cohere({user("a"), result("lost", "42"), user("b")}) ==
          Lines{"USER a", "USER Result of the tool call lost:\n42", "> b"});
    CHECK(cohere({user("a"), result("lost", "42")}) ==
          Lines{"USER a", "> Result of the tool call lost:\n42"});
    CHECK(
        cohere({user("a"), calls({{"x", "f", "{}"}}), result("x", "1"), result("lost", "2")}) ==
        Lines{"USER a", "CHATBOT   [f{}]", "TOOL f{}=1", "CHATBOT  ", "> Result of the tool call lost:\n2"});
}

TEST_CASE("COHERE: results are history if the request has no tools") {
    const std::vector<Message> turn = {user("a"), calls({{"x", "f", "{}"}}), result("x", "1")};
    CHECK(cohere(turn, false) == Lines{"USER a", "CHATBOT   [f{}]", "TOOL f{}=1", "CHATBOT  ", ">  "});
    Bench bench;
    ChatRequest request = with("cohere.command-r-08-2024", turn, true);
    request.tool_choice.mode = ToolChoice::Mode::none;
    const Json chat = chat_sent(bench.provider, request);
    CHECK(!chat.contains("toolResults"));
    CHECK(!chat.contains("tools"));
    CHECK(chat["message"] == " ");
}

TEST_CASE("COHERE: empty turns are dropped, and a conversation that ends with an assistant gets a question") {
    CHECK(cohere({user("a"), nothing(), assistant(""), user("")}) == Lines{"USER a", ">  "});
    CHECK(cohere({user(""), assistant("b"), user("c")}) == Lines{"USER  ", "CHATBOT b", "> c"});
    CHECK(cohere({user("a"), assistant("b")}) == Lines{"USER a", "CHATBOT b", ">  "});
    CHECK(cohere({assistant("b")}) == Lines{"CHATBOT b", ">  "});
    CHECK(cohere({nothing()}) == Lines{">  "});
    Message refusing = nothing();
    refusing.refusal = "I will not";
    CHECK(cohere({user("a"), refusing, user("b")}) == Lines{"USER a", "CHATBOT I will not", "> b"});
    CHECK(cohere({}) == Lines{">  "});
}

TEST_CASE("COHERE: parameters are an object for any arguments") {
    const std::pair<const char*, const char*> table[] = {{"", "{}"},
                                                         {"  ", "{}"},
                                                         {"{ \"a\": 1 }", "{\"a\":1}"},
                                                         {"[1]", "{\"value\":[1]}"},
                                                         {"7", "{\"value\":7}"},
                                                         {"null", "{\"value\":null}"},
                                                         {"{\"a\":", "{\"value\":\"{\\\"a\\\":\"}"},
                                                         {"{} {}", "{\"value\":\"{} {}\"}"},
                                                         {"rm -rf", "{\"value\":\"rm -rf\"}"}};
    for (const auto& [arguments, parameters] : table)
        CHECK(cohere({user("a"), calls({{"x", "f", arguments}}), result("x", "1")}).back() ==
              "RESULTS f" + std::string(parameters) + "=1");
}

TEST_CASE("COHEREV2: orders that clients send are repaired") {
    CHECK(v2({instruction("s"), user("a"), user("b"), calls({{"call_1", "f", ""}}), result("call1", "42"),
              user("c"), message(Role::developer, "d"), user("e")}) ==
          Lines{"SYSTEM s", "USER a", "USER b", "ASSISTANT   [call_1{}]", "TOOL call_1=42", "USER c",
                "SYSTEM d", "USER e"});
    CHECK(v2({user("a"), calls({{"x", "f", "{}"}, {"y", "g", "{}"}}), result("y", "2"), user("hurry"),
              result("x", "")}) ==
          Lines{"USER a", "ASSISTANT   [x{}y{}]", "TOOL x= ", "TOOL y=2", "USER hurry"});
    CHECK(v2({user("a"), calls({{"x", "f", "{}"}}), user("b")}) ==
          Lines{"USER a", "ASSISTANT   [x{}]", "TOOL x=(no result)", "USER b"});
    CHECK(v2({user("a"), calls({{"x", "f", "{}"}})}) ==
          Lines{"USER a", "ASSISTANT   [x{}]", "TOOL x=(no result)"});
    CHECK(v2({user("a"), result("lost", "42")}) == Lines{"USER a", "USER Result of the tool call lost:42"});
    CHECK(v2({user("a"), nothing(), user("")}) == Lines{"USER a", "ASSISTANT  ", "USER  "});
    CHECK(v2({user("a"), assistant("b")}) == Lines{"USER a", "ASSISTANT b", "USER  "});
    CHECK(v2({instruction("s")}) == Lines{"SYSTEM s", "USER  "});
    CHECK(v2({user("a"), calls({{"x", "f", "{\"a\":"}}), result("x", "1")})[1] ==
          R"(ASSISTANT   [x{"value":"{\"a\":"}])");
}

TEST_CASE("COHEREV2: plans and thoughts are sent back if the key enables it") {
    Message called = calls({{"x", "f", "{}"}});
    called.reasoning = "plan";
    Message said = assistant("b");
    said.reasoning = "thought";
    const std::vector<Message> messages = {user("a"), called, result("x", "1"), said, user("c")};
    CHECK(v2(messages) == Lines{"USER a", "ASSISTANT   [x{}]", "TOOL x=1", "ASSISTANT b", "USER c"});
    Options given = options();
    given.models["cohere.*"].send_reasoning = true;
    given.models["cohere.*"].empty_text = ".";
    CHECK(v2(messages, given) ==
          Lines{"USER a", "ASSISTANT . {plan} [x{}]", "TOOL x=1", "ASSISTANT (thought)b", "USER c"});
}
