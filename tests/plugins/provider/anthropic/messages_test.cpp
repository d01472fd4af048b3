// SPDX-License-Identifier: Apache-2.0
// The messages of a request: roles, parts, calls and their results.
#include "tests/plugins/provider/anthropic/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::anthropic;
using namespace gatehouse::anthropic::test;

namespace {

Json text(const std::string& words) { return {{"type", "text"}, {"text", words}}; }
Json turn(const char* role, std::vector<Json> blocks) { return {{"role", role}, {"content", blocks}}; }
Json use(const char* id, const char* name, const Json& input = Json::object()) {
    return {{"type", "tool_use"}, {"id", id}, {"name", name}, {"input", input}};
}
Json outcome(const char* id, std::vector<Json> blocks) {
    Json block = {{"type", "tool_result"}, {"tool_use_id", id}};
    if (!blocks.empty()) block["content"] = blocks;
    return block;
}

Message with_part(Part part, Role role = Role::user) {
    Message message;
    message.role = role;
    message.parts.push_back(std::move(part));
    return message;
}
Json block(Part part) { return messages(with({with_part(std::move(part))}))[0]["content"][0]; }

const Json cache = {{"type", "ephemeral"}};

}  // namespace

TEST_CASE("system and developer messages before the conversation go to system") {
    const Json body = sent(with({message(Role::system, "a"), message(Role::developer, "b"),
                                 message(Role::user, "q"), message(Role::system, "  ")}));
    CHECK(body["system"] == Json{text("a"), text("b")});
    CHECK(body["messages"] == Json::array({turn("user", {text("q")})}));
    CHECK(refused(with({with_part(Image{"https://x/y.png"}, Role::system)})).param ==
          "messages[0].content[0]");
}

TEST_CASE("turns of one role become one, and texts of blanks none") {
    CHECK(messages(with({message(Role::user, "a"), message(Role::user, " \n"), message(Role::user, "b"),
                         message(Role::assistant, "c"), message(Role::assistant, ""),
                         message(Role::assistant, "d"), message(Role::user, "e")})) ==
          Json{turn("user", {text("a"), text("b")}), turn("assistant", {text("c"), text("d")}),
               turn("user", {text("e")})});
}

TEST_CASE("the user speaks first, and speaks at all") {
    CHECK(messages(with({message(Role::assistant, "hi"), message(Role::user, "q")})) ==
          Json{turn("user", {text("(no message)")}), turn("assistant", {text("hi")}),
               turn("user", {text("q")})});
    CHECK(messages(with({message(Role::system, "s")})) ==
          Json::array({turn("user", {text("(no message)")})}));
    CHECK(messages(with({message(Role::user, "")})) == Json::array({turn("user", {text("(no message)")})}));
}

TEST_CASE("the model continues the assistant's last text, without the blanks at its end") {
    const std::vector<Message> last = {message(Role::user, "q"), message(Role::assistant, "So: \n")};
    CHECK(messages(with(last)) == Json{turn("user", {text("q")}), turn("assistant", {text("So:")})});
    CHECK(messages(with(last, newest)) == Json{turn("user", {text("q")}), turn("assistant", {text("So:")}),
                                               turn("user", {text("(continue)")})});
    // In the middle the blanks stay.
    std::vector<Message> middle = last;
    middle.push_back(message(Role::user, "go"));
    CHECK(messages(with(middle))[1]["content"][0]["text"] == "So: \n");
    Options options;
    options.models[sonnet] = {.prefill = "no"};
    CHECK(sent(with(last), options)["messages"].size() == 3);
}

TEST_CASE("calls and their results, results first in the user's turn") {
    CHECK(messages(with({message(Role::user, "q"),
                         calls({{"c1", "f", R"({"a":1})"}, {"c2", "g", " "}}, "Let me see."),
                         result("c2", "two"), result("c1", "one"), message(Role::user, "And?")})) ==
          Json{turn("user", {text("q")}),
               turn("assistant", {text("Let me see."), use("c1", "f", {{"a", 1}}), use("c2", "g")}),
               turn("user", {outcome("c1", {text("one")}), outcome("c2", {text("two")}), text("And?")})});
}

TEST_CASE("late, missing and unmatched results are repaired") {
    CHECK(
        messages(
            with({message(Role::user, "q"), calls({{"c1", "f", "{}"}, {"c2", "f", "{}"}}),
                  message(Role::user, "wait"), result("c1", "one"), message(Role::assistant, "done")})) ==
        Json{turn("user", {text("q")}), turn("assistant", {use("c1", "f"), use("c2", "f")}),
             turn("user", {outcome("c1", {text("one")}), outcome("c2", {text("(no result)")}), text("wait")}),
             turn("assistant", {text("done")})});
    CHECK(messages(with({message(Role::user, "q"), result("nobody", "three"),
                         message(Role::assistant, "done"), message(Role::user, "go on")}))[0]["content"] ==
          Json{text("q"), text("Result of the tool call nobody:"), text("three")});
}

TEST_CASE("ids fit, differ, and stay what they were when the conversation grows") {
    std::vector<Message> list = {message(Role::user, "q"),
                                 calls({{"call.1|x", "f", "{}"}, {"call_1_x", "f", "{}"}}),
                                 result("call.1|x", "a"), result("call_1_x", "b")};
    const Json first = messages(with(list));
    CHECK(first[1]["content"] == Json{use("call_1_x", "f"), use("call_1_x_2", "f")});
    CHECK(first[2]["content"] == Json{outcome("call_1_x", {text("a")}), outcome("call_1_x_2", {text("b")})});
    // Some clients restart the numbers of calls in each turn.
    list.push_back(calls({{"call.1|x", "f", "{}"}}));
    list.push_back(result("call.1|x", "c"));
    const Json second = messages(with(list));
    CHECK(second[1] == first[1]);
    CHECK(second[2] == first[2]);
    CHECK(second[3]["content"][0]["id"] == "call_1_x_3");
    CHECK(second[4]["content"][0]["tool_use_id"] == "call_1_x_3");
    // A call without an id gets one.
    CHECK(messages(with({message(Role::user, "q"), calls({{"", "f", "{}"}}),
                         result("", "a")}))[2]["content"][0]["tool_use_id"] == "call_1_0");
}

TEST_CASE("arguments that are not an object are sent to the model unchanged") {
    auto input = [](const std::string& arguments) {
        return messages(
            with({message(Role::user, "q"), calls({{"c", "f", arguments}})}))[1]["content"][0]["input"];
    };
    CHECK(input("") == Json::object());
    CHECK(input(R"( {"a":[1,{"b":null}]} )") == Json::parse(R"({"a":[1,{"b":null}]})"));
    CHECK(input(R"({"a":)") == Json{{"arguments", R"({"a":)"}});
    CHECK(input("[1]") == Json{{"arguments", "[1]"}});
    CHECK(input("{} {}") == Json{{"arguments", "{} {}"}});
}

TEST_CASE("results may be empty, failed, or have images") {
    Message failed = result("c", "");
    failed.extra.text = R"({"is_error":true})";
    Json made =
        messages(with({message(Role::user, "q"), calls({{"c", "f", "{}"}}), failed}))[2]["content"][0];
    CHECK(made == Json{{"type", "tool_result"}, {"tool_use_id", "c"}, {"is_error", true}});
    Message pictured = result("c", "see");
    pictured.parts.push_back(Image{"data:image/png;base64,AAAA"});
    made = messages(with({message(Role::user, "q"), calls({{"c", "f", "{}"}}), pictured}))[2]["content"][0];
    CHECK(made["content"][1]["source"]["media_type"] == "image/png");
}

TEST_CASE("images by data and by address") {
    CHECK(
        block(Image{"data:image/png;base64,iVBORw0KGgo="}) ==
        Json::parse(
            R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}})"));
    CHECK(block(Image{"DATA:image/JPG;charset=x;base64,/9j/"})["source"]["media_type"] == "image/jpeg");
    CHECK(block(Image{"https://example.org/a.png", "high"}) ==
          Json::parse(R"({"type":"image","source":{"type":"url","url":"https://example.org/a.png"}})"));
    CHECK(block(Image{"data:application/pdf;base64,JVBERi0x"})["type"] == "document");
    for (const char* url : {"data:image/png,%89PNG", "data:image/png;base64", "data:", "ftp://x/y", ""}) {
        const Error error = refused(with({with_part(Image{url})}));
        CHECK(error.kind == ErrorKind::unsupported);
        CHECK(error.param == "messages[0].content[0].image_url.url");
    }
}

TEST_CASE("files: PDF, text, images, by id and by address") {
    CHECK(block(File{"data:application/pdf;base64,JVBERi0xLjQ=", "a.pdf"}) ==
          Json::parse(R"({"type":"document","title":"a.pdf","source":{"type":"base64",
              "media_type":"application/pdf","data":"JVBERi0xLjQ="}})"));
    CHECK(block(File{"JVBERi0xLjQ="})["source"]["media_type"] == "application/pdf");
    CHECK(block(File{"data:text/markdown;base64,R3LDvMOfZQ==", "a.md"})["source"] ==
          Json::parse(R"({"type":"text","media_type":"text/plain","data":"Grüße"})"));
    CHECK(block(File{"data:text/plain;base64,R3LDvA"})["source"]["data"] == "Gr\xC3\xBC");
    CHECK(block(File{"data:image/png;base64,AAAA"})["type"] == "image");
    CHECK(block(File{"", "", "file_011CNha8iCJcU1wXNR6q4V8w"})["source"] ==
          Json{{"type", "file"}, {"file_id", "file_011CNha8iCJcU1wXNR6q4V8w"}});
    CHECK(block(File{"https://example.org/a.pdf"})["source"]["type"] == "url");
    for (const char* data :
         {"data:text/plain;base64,A", "data:text/plain;base64,AA=A", "data:text/plain;base64,*",
          "data:application/zip;base64,AAAA", "data:text/plain;base64,AAA==", "nothing"})
        CHECK(refused(with({with_part(File{data})})).param == "messages[0].content[0].file.file_data");
}

TEST_CASE("cache_control stays with its part, and a message's own goes to its last block") {
    Message one = with_part(Text{"a", {R"({"cache_control":{"type":"ephemeral"},"other":1})"}});
    one.parts.push_back(Text{"b"});
    one.parts.push_back(Text{" "});
    Message two = message(Role::system, "s");
    two.extra.text = R"({"cache_control":{"type":"ephemeral"}})";
    Message three = calls({{"c", "f", "{}"}, {"d", "f", "{}"}}, "x");
    three.extra = two.extra;
    Message four = result("d", "r");
    four.extra = two.extra;
    Message five = with_part(Image{"https://x/y.png"});
    five.extra = two.extra;
    const Json body = sent(with({two, one, three, result("c", "r"), four, five}));
    CHECK(body["system"][0]["cache_control"] == cache);
    const Json& list = body["messages"];
    CHECK(list[0]["content"][0] == Json{{"type", "text"}, {"text", "a"}, {"cache_control", cache}});
    CHECK(list[0]["content"][1] == text("b"));
    CHECK(!list[1]["content"][0].contains("cache_control"));
    CHECK(!list[1]["content"][1].contains("cache_control"));
    CHECK(list[1]["content"][2]["cache_control"] == cache);
    CHECK(!list[2]["content"][0].contains("cache_control"));
    CHECK(list[2]["content"][1]["cache_control"] == cache);
    CHECK(list[2]["content"][2]["cache_control"] == cache);

    one.parts.erase(one.parts.begin());
    one.extra = two.extra;  // the last part is blank: the one before it is the last block
    CHECK(messages(with({one}))[0]["content"] ==
          Json{{{"type", "text"}, {"text", "b"}, {"cache_control", cache}}});
}

TEST_CASE("thinking that the client sends back leads its turn, if it is signed") {
    Message turn_of = calls({{"c", "f", "{}"}}, "So");
    turn_of.reasoning = "not signed, so not sent";
    turn_of.extra.text =
        R"({"thinking_blocks":[{"type":"thinking","thinking":"hm","signature":"s1","index":0},
        {"type":"redacted_thinking","data":"d"},{"type":"thinking","thinking":"no signature"},
        {"type":"thinking","signature":"no text"},{"type":"redacted_thinking"},{"type":"text","text":"x"},7]})";
    const Json content = messages(with({message(Role::user, "q"), turn_of}))[1]["content"];
    CHECK(content == Json{Json::parse(R"({"type":"thinking","thinking":"hm","signature":"s1"})"),
                          Json::parse(R"({"type":"redacted_thinking","data":"d"})"), text("So"),
                          use("c", "f")});
    turn_of.extra.text = R"({"thinking_blocks":"x"})";
    CHECK(messages(with({message(Role::user, "q"), turn_of}))[1]["content"].size() == 2);
}

TEST_CASE("blocks of Anthropic's own and refusals") {
    CHECK(block(OtherPart{"document", {R"({"type":"document","source":{"type":"text"}})"}}) ==
          Json::parse(R"({"type":"document","source":{"type":"text"}})"));
    Message said = with_part(Refusal{"No."}, Role::assistant);
    said.refusal = "I will not.";
    CHECK(messages(with({message(Role::user, "q"), said, message(Role::user, "why")}))[1]["content"] ==
          Json{text("No."), text("I will not.")});
}
