// SPDX-License-Identifier: Apache-2.0
// Items of the input become messages.
#include "tests/plugins/dialect/openai/responses/helper.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const std::string user = R"({"role":"user","content":"Hi."})";
const std::string call_a = R"({"type":"function_call","call_id":"a","name":"f","arguments":"{}"})";
const std::string call_b = R"({"type":"function_call","call_id":"b","name":"g","arguments":""})";
const std::string result_a = R"({"type":"function_call_output","call_id":"a","output":"A"})";
const std::string result_b = R"({"type":"function_call_output","call_id":"b","output":"B"})";
const std::string said =
    R"({"role":"assistant","content":[{"type":"output_text","text":"Well.","annotations":[]}]})";

/// Role, texts and calls of each message: "assistant Well. [a b]".
std::string brief(const ChatRequest& chat) {
    const char* words[] = {"system", "developer", "user", "assistant", "tool"};
    std::string all;
    for (const Message& message : chat.messages) {
        all += (all.empty() ? "" : "; ") + std::string(words[static_cast<int>(message.role)]);
        for (const Part& part : message.parts) {
            if (const auto* text = std::get_if<Text>(&part)) all += " " + text->text.str();
            if (const auto* thought = std::get_if<Thought>(&part)) all += " (" + thought->text.str() + ")";
            if (const auto* refusal = std::get_if<Refusal>(&part)) all += " !" + refusal->text;
            if (const auto* ref = std::get_if<ToolCallRef>(&part)) all += " #" + std::to_string(ref->index);
            if (std::holds_alternative<Image>(part)) all += " image";
        }
        std::string calls;
        for (const ToolCall& call : message.tool_calls) calls += (calls.empty() ? "" : " ") + call.id;
        if (!calls.empty()) all += " [" + calls + "]";
        if (!message.tool_call_id.empty()) all += " =" + message.tool_call_id;
    }
    return all;
}

std::string of(const std::string& items, const std::string& members = "") {
    Gateway gateway;
    return brief(gateway.chat(with_items(items, members)));
}

}  // namespace

TEST_CASE("neighbouring items of the assistant are one message") {
    CHECK(of(user + "," + call_a + "," + call_b + "," + result_a + "," + result_b) ==
          "user Hi.; assistant [a b]; tool A =a; tool B =b");
    CHECK(of(user + R"(,{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}]},)" + said + "," +
             call_a + "," + result_a) == "user Hi.; assistant (hm) Well. [a]; tool A =a");
    CHECK(of(said + "," + said + "," + user) == "assistant Well. Well.; user Hi.");
    CHECK(of(call_a + "," + result_a + "," + call_b + "," + result_b) ==
          "assistant [a]; tool A =a; assistant [b]; tool B =b");
}

TEST_CASE("a result follows the message with its call, whatever is between them") {
    CHECK(of(call_a + "," + said + "," + result_a) == "assistant #0 Well. [a]; tool A =a");
    CHECK(of(call_a + "," + user + "," + result_a) == "assistant [a]; tool A =a; user Hi.");
    CHECK(of(call_a + "," + call_b + "," + result_b + "," + said + "," + result_a) ==
          "assistant [a b]; tool B =b; tool A =a; assistant Well.");
}

TEST_CASE("a call without a result gets one") {
    CHECK(of(call_a + "," + call_b + "," + result_b + "," + user) ==
          "assistant [a b]; tool B =b; tool (no result) =a; user Hi.");
}

TEST_CASE("a result without a call is refused") {
    Gateway gateway;
    const Error error = gateway.refusal(with_items(user + "," + result_a));
    CHECK(status_of(error) == 400);
    CHECK(error.param == "input");
    CHECK(error.code == "");
    CHECK(error.message == "no tool call found for the call output with call_id \"a\"");
}

TEST_CASE("instructions are the first message") {
    CHECK(of(user, R"("instructions":"Terse.")") == "system Terse.; user Hi.");
    CHECK(of(R"({"role":"developer","content":"D."},{"role":"system","content":"S."},)" + user) ==
          "developer D.; system S.; user Hi.");
}

TEST_CASE("a message may lack its type, and its content may be a string") {
    CHECK(of(R"({"type":"message","role":"user","content":"a"})") == "user a");
    CHECK(of(R"({"role":"assistant","content":"a"},)" + user) == "assistant a; user Hi.");
    CHECK(
        of(R"({"role":"assistant","content":[{"type":"input_text","text":"a"},{"type":"refusal","refusal":"b"}]},)" +
           user) == "assistant a !b; user Hi.");
    CHECK(
        of(R"({"type":null,"id":null,"status":null,"role":"user","content":[{"type":"text","text":"a"}]})") ==
        "user a");
}

TEST_CASE("a string is a message of the user") {
    Gateway gateway;
    CHECK(brief(gateway.chat(whole())) == "user Hi.");
}

TEST_CASE("the output of a call may be parts, and an upstream with chats gets texts joined by lines") {
    auto output = [](const std::string& parts) {
        return of(call_a + R"(,{"type":"function_call_output","call_id":"a","output":)" + parts + "}");
    };
    CHECK(output(R"([{"type":"input_text","text":"a"},{"type":"input_text","text":"b"}])") ==
          "assistant [a]; tool a b =a");
    const std::string texts = R"([{"type":"input_text","text":"a"},{"type":"input_text","text":"b"}])";
    const std::string items =
        call_a + R"(,{"type":"function_call_output","call_id":"a","output":)" + texts + "}";
    CHECK(Gateway().sent(with_items(items))["messages"][1]["content"] == "a\nb");
    CHECK(Gateway("responses").sent(with_items(items))["input"][1]["output"] == Json::parse(texts));
    CHECK(
        output(
            R"([{"type":"input_text","text":"a"},{"type":"input_image","image_url":"data:image/png;base64,AA"}])") ==
        "assistant [a]; tool a image =a");
    CHECK(output("[]") == "assistant [a]; tool =a");
    CHECK(output("null") == "assistant [a]; tool =a");
}

TEST_CASE("a thought of any shape is taken, and never becomes text") {
    Gateway gateway;
    for (const char* members :
         {"", R"(,"summary":[])", R"(,"summary":null,"content":null,"encrypted_content":null)",
          R"(,"summary":[{"type":"summary_text","text":""}])", R"(,"encrypted_content":"gw1.%%%")",
          R"(,"encrypted_content":"gw1.bm90IEpTT04")"}) {
        const ChatRequest chat = gateway.chat(with_items(user + R"(,{"type":"reasoning","id":"rs_1")" +
                                                         members + "}," + call_a + "," + result_a));
        CHECK(brief(chat) == "user Hi.; assistant [a]; tool A =a");
    }
    // For upstreams of this API only.
    const Json foreign = gateway.sent(with_items(
        user + R"(,{"type":"reasoning","encrypted_content":"gAAAA-foreign"},)" + call_a + "," + result_a));
    CHECK(foreign.dump().find("gAAAA") == std::string::npos);
    CHECK(foreign["messages"].size() == 3);
    const Json sent = gateway.sent(
        with_items(user + R"(,{"type":"reasoning","content":[{"type":"reasoning_text","text":"hm"}]},)" +
                   said + "," + user));
    CHECK(sent["messages"][1]["content"] == "Well.");
    CHECK(sent["messages"][1]["reasoning_content"] == "hm");
}

TEST_CASE("a reference to a thought is left out, another one is not found") {
    CHECK(of(user + R"(,{"type":"item_reference","id":"rs_1"},)" + user) == "user Hi.; user Hi.");
    CHECK(of(user + R"(,{"id":"rs_1"},)" + user) == "user Hi.; user Hi.");
    Gateway gateway;
    const Error error = gateway.refusal(with_items(R"({"type":"item_reference","id":"msg_1"})"));
    CHECK(status_of(error) == 404);
    CHECK(error.param == "input");
}

TEST_CASE("items of tools that OpenAI runs are left out with a line in the log") {
    Gateway gateway;
    const ChatRequest chat = gateway.chat(
        with_items(user + R"(,{"type":"web_search_call","id":"ws_1"},{"type":"mcp_call","name":"x"})"));
    REQUIRE(gateway.host.logged.size() == 1);
    CHECK(gateway.host.logged[0] == "items have a place in this API only types=web_search_call, mcp_call");
    auto exchange = gateway.provider.chat(chat);
    REQUIRE(exchange);
    CHECK(Json::parse((*(*exchange)->request())->body)["messages"].size() == 1);
}

TEST_CASE("a long id of a call is shortened in the same way for its result") {
    const std::string id(100, 'x');
    Gateway gateway;
    const ChatRequest chat = gateway.chat(
        with_items(R"({"type":"function_call","call_id":")" + id +
                   R"(","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":")" + id +
                   R"(","output":"A"})"));
    CHECK(chat.messages[0].tool_calls[0].id.size() == 64);
    CHECK(chat.messages[1].tool_call_id == chat.messages[0].tool_calls[0].id);
}

TEST_CASE("parts of each kind become those of a chat") {
    Gateway gateway;
    const ChatRequest chat = gateway.chat(with_items(
        R"({"role":"user","content":[{"type":"input_text","text":"t","prompt_cache_breakpoint":{}},
           {"type":"input_image","image_url":"https://x/a.png","detail":"original"},
           {"type":"input_file","file_data":"data:application/pdf;base64,AA","filename":"a.pdf"},
           {"type":"input_file","file_url":"https://x/a.pdf"},{"type":"input_file","file_id":"file_1"},
           {"type":"input_audio","input_audio":{"data":"AA","format":"wav"}}]})"));
    const auto& parts = chat.messages[0].parts;
    REQUIRE(parts.size() == 6);
    CHECK(std::get<Image>(parts[1]).url == "https://x/a.png");
    CHECK(std::get<Image>(parts[1]).detail == "high");
    CHECK(std::get<File>(parts[2]).filename == "a.pdf");
    CHECK(std::get<File>(parts[3]).data == "https://x/a.pdf");
    CHECK(std::get<File>(parts[4]).id == "file_1");
    CHECK(std::get<Audio>(parts[5]).format == "wav");
    // For an upstream of the same API.
    CHECK(std::get<Text>(parts[0]).extra.text == R"({"prompt_cache_breakpoint":{}})");
}

TEST_CASE("the next turn keeps the upstream's messages of this turn") {
    const std::string turn1 =
        user + "," + said + "," + call_a + "," + call_b + "," + result_a + "," + result_b;
    const std::string turn2 = turn1 + "," + said + "," + user;
    Gateway gateway;
    const Json first = gateway.sent(with_items(turn1))["messages"],
               second = gateway.sent(with_items(turn2))["messages"];
    REQUIRE(second.size() > first.size());
    for (std::size_t i = 0; i < first.size(); ++i) CHECK(second[i] == first[i]);
}

TEST_CASE("an upstream with Chat Completions gets system messages and those of the user in their places") {
    Gateway gateway;
    const Json messages = gateway.sent(with_items(
        R"({"role":"developer","content":"D."},{"role":"user","content":"a"},{"role":"user","content":"b"},)" +
        said + R"(,{"role":"developer","content":"E."},)" + user))["messages"];
    REQUIRE(messages.size() == 6);
    CHECK(messages[0] == Json{{"role", "developer"}, {"content", "D."}});
    CHECK(messages[1]["content"] == "a");
    CHECK(messages[2]["content"] == "b");
    CHECK(messages[4] == Json{{"role", "developer"}, {"content", "E."}});
}

TEST_CASE("images in the result of a call follow all results in a message of the user") {
    Gateway gateway;
    const Json messages = gateway.sent(with_items(
        call_a + "," + call_b +
        R"(,{"type":"function_call_output","call_id":"a","output":[{"type":"input_text","text":"A"},{"type":"input_image","image_url":"data:image/png;base64,AA"}]},)" +
        result_b))["messages"];
    REQUIRE(messages.size() == 4);
    CHECK(messages[1]["content"] == "A");
    CHECK(messages[2]["content"] == "B");
    CHECK(messages[3]["role"] == "user");
    CHECK(messages[3]["content"][1]["image_url"]["url"] == "data:image/png;base64,AA");
}
