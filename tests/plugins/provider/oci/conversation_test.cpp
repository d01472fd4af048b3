// SPDX-License-Identifier: Apache-2.0
// Orders of messages that clients send, and the resulting requests to OCI.
#include "plugins/common/upstream/conversation.hpp"
#include "plugins/provider/oci/text.hpp"

#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

/// The messages as sent, one short line each: "USER hi", "ASSISTANT text [a b]", "TOOL a=result".
Lines order(std::vector<Message> messages, const std::string& model = "meta.llama-3.3-70b-instruct") {
    Bench bench;
    ChatRequest request = ask(model);
    request.messages = std::move(messages);
    Lines out;
    const Json chat = chat_sent(bench.provider, request);
    for (const Json& message : chat.at("messages")) {
        std::string line = message.at("role");
        if (message.contains("toolCallId")) line += " " + message["toolCallId"].get<std::string>() + "=";
        if (message.contains("content")) {
            CHECK(!message["content"].empty());
            if (!line.ends_with('=')) line += " ";
            for (const Json& part : message["content"]) line += part.at("text");
        }
        if (message.contains("toolCalls")) {
            line += " [";
            for (const Json& call : message["toolCalls"])
                line += (line.ends_with('[') ? "" : " ") + call.at("id").get<std::string>();
            line += "]";
        }
        out.push_back(line);
    }
    return out;
}

Message user(std::string text) { return message(Role::user, std::move(text)); }
Message assistant(std::string text) { return message(Role::assistant, std::move(text)); }

}  // namespace

TEST_CASE("a valid order is not changed: two users in a row, a user after the result, system in the middle") {
    CHECK(order({message(Role::system, "s"), user("a"), user("b"), calls({{"x", "f", "{}"}}),
                 result("x", "42"), user("c"), message(Role::system, "t"), assistant("d")}) ==
          Lines{"SYSTEM s", "USER a", "USER b", "ASSISTANT [x]", "TOOL x=42", "USER c", "SYSTEM t",
                "ASSISTANT d"});
}

TEST_CASE("results are moved directly behind their calls, in the order of the calls") {
    CHECK(order({user("a"), calls({{"x", "f", ""}, {"y", "g", ""}}), result("y", "2"), user("hurry"),
                 result("x", "1"), user("b")}) ==
          Lines{"USER a", "ASSISTANT [x y]", "TOOL x=1", "TOOL y=2", "USER hurry", "USER b"});
}

TEST_CASE("a result without a call becomes a user's text") {
    CHECK(order({user("a"), result("lost", "42"), user("b")}) ==
          Lines{"USER a", "USER Result of the tool call lost:42", "USER b"});
    CHECK(order({calls({{"x", "f", ""}}), result("x", "1"), result("lost", "2"), result("x", "again")}) ==
          Lines{"ASSISTANT [x]", "TOOL x=1", "USER Result of the tool call lost:2",
                "USER Result of the tool call x:again"});
}

TEST_CASE("a call without a result gets the result (no result)") {
    CHECK(order({calls({{"x", "f", ""}, {"y", "g", ""}}), result("y", "2"), user("b")}) ==
          Lines{"ASSISTANT [x y]", "TOOL x=(no result)", "TOOL y=2", "USER b"});
}

TEST_CASE("results whose ids lost their punctuation, or were changed, find their calls") {
    CHECK(order({calls({{"call_1", "f", ""}, {"call_2", "g", ""}}), result("call2", "b"),
                 result("call1", "a")}) ==
          Lines{"ASSISTANT [call_1 call_2]", "TOOL call_1=a", "TOOL call_2=b"});
    CHECK(order({calls({{"x", "f", ""}, {"y", "g", ""}}), result("1", "a"), result("2", "b")}) ==
          Lines{"ASSISTANT [x y]", "TOOL x=a", "TOOL y=b"});
    CHECK(order({calls({{"", "f", ""}, {"", "g", ""}}), result("", "a"), result("", "b")}) ==
          Lines{"ASSISTANT [call_0_0 call_0_1]", "TOOL call_0_0=a", "TOOL call_0_1=b"});
}

TEST_CASE("ids that restart each turn are not confused") {
    CHECK(order({calls({{"call_0", "f", ""}}), result("call_0", "a"), assistant("then"),
                 calls({{"call_0", "f", ""}}), result("call_0", "b")}) ==
          Lines{"ASSISTANT [call_0]", "TOOL call_0=a", "ASSISTANT then", "ASSISTANT [call_0]",
                "TOOL call_0=b"});
    CHECK(order({calls({{"a", "f", ""}, {"a", "f", ""}}), result("a", "1"), result("a", "2")}) ==
          Lines{"ASSISTANT [a a]", "TOOL a=1", "TOOL a=2"});
}

TEST_CASE("Google's models get one call a turn, directly followed by its result") {
    Message both = calls({{"x", "f", ""}, {"y", "g", ""}});
    both.parts.push_back(Text{"let me see"});
    CHECK(order({user("a"), both, result("y", "2"), result("x", "1"), user("b")}, "google.gemini-2.5-pro") ==
          Lines{"USER a", "ASSISTANT let me see [x]", "TOOL x=1", "ASSISTANT . [y]", "TOOL y=2", "USER b"});
}

TEST_CASE("a long hostile history is ordered quickly") {
    std::vector<ToolCall> many;
    std::vector<Message> messages(1);
    for (int i = 0; i < 20'000; ++i) {
        many.push_back({"id" + std::to_string(i), "f", ""});
        messages.push_back(result("id" + std::to_string(19'999 - i), "r"));
    }
    messages[0] = calls(many);
    const auto start = std::chrono::steady_clock::now();
    CHECK(arrange(messages, false).size() == 20'001);
    CHECK(arrange(messages, true).size() == 40'000);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::minutes(5));
}
