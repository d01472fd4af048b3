// SPDX-License-Identifier: Apache-2.0
// The order of turns, and the content blocks of Converse.
#include "tests/plugins/provider/bedrock/fixture.hpp"

using namespace gatehouse;
using namespace gatehouse::bedrock::test;

namespace {

Message user(const std::string& text) { return {.role = Role::user, .parts = {Text{text}}}; }
Message assistant(const std::string& text) { return {.role = Role::assistant, .parts = {Text{text}}}; }
Message result(const std::string& id, const std::string& text) {
    return {.role = Role::tool, .parts = {Text{text}}, .tool_call_id = id};
}
Message calling(std::vector<ToolCall> calls) {
    return {.role = Role::assistant, .tool_calls = std::move(calls)};
}

Json written(std::vector<Message> messages, const std::string& model = claude) {
    Given given;
    ChatRequest request = ask("", model);
    request.messages = std::move(messages);
    return given.body(request);
}
Json turns(std::vector<Message> messages, const std::string& model = claude) {
    return written(std::move(messages), model)["messages"];
}
Json block(Part part, const std::string& model = claude) {
    return turns({{.role = Role::user, .parts = {std::move(part)}}}, model)[0]["content"];
}
Error refusal(Part part) {
    Given given;
    ChatRequest request = ask("");
    request.messages = {user("a"), {.role = Role::user, .parts = {Text{"b"}, std::move(part)}}};
    return given.refusal(request);
}

}  // namespace

TEST_CASE("turns alternate, neighbours of a role are one turn, and a user is first") {
    CHECK(turns({user("a"), user("b"), assistant("c"), assistant("d"), user("e")}) ==
          Json::parse(R"([{"role":"user","content":[{"text":"a"},{"text":"b"}]},{"role":"assistant","content":[{"text":"c"},{"text":"d"}]},{"role":"user","content":[{"text":"e"}]}])"));
    CHECK(turns({assistant("a"), user("b")})[0] == Json::parse(R"x({"role":"user","content":[{"text":"(no message)"}]})x"));
    CHECK(turns({}) == Json::parse(R"x([{"role":"user","content":[{"text":"(no message)"}]}])x"));
    CHECK(turns({user("a"), assistant(" \n"), user("b"), user("")}) ==
          Json::parse(R"([{"role":"user","content":[{"text":"a"},{"text":"b"}]}])"));
}

TEST_CASE("a conversation that ends with the assistant is continued by models with prefill only") {
    CHECK(turns({user("a"), assistant("b")}).size() == 2);
    const Json others = turns({user("a"), assistant("b")}, nova);
    REQUIRE(others.size() == 3);
    CHECK(others[2]["content"][0]["text"] == "(continue)");
}

TEST_CASE("system messages before the conversation are `system`, and later ones keep their place") {
    const Json body = written({{.role = Role::system, .parts = {Text{"one"}, Text{" "}}},
                               {.role = Role::developer, .parts = {Text{"two"}}},
                               user("a"),
                               {.role = Role::system, .parts = {Text{"three"}}},
                               assistant("b"),
                               user("c")});
    CHECK(body["system"] == Json::parse(R"([{"text":"one"},{"text":"two"}])"));
    CHECK(body["messages"][0]["content"] == Json::parse(R"([{"text":"a"},{"text":"three"}])"));
    CHECK_FALSE(written({{.role = Role::system, .parts = {Text{""}}}, user("a")}).contains("system"));
    Given given;
    ChatRequest request = ask();
    request.messages.insert(request.messages.begin(), {.role = Role::system, .parts = {Image{}}});
    CHECK(given.refusal(request).param == "messages[0].content[0]");
}

TEST_CASE("calls and results are in neighbouring turns, with ids that the API accepts") {
    const Json list = turns({user("a"),
                             calling({{.id = "c:1", .name = "f", .arguments = R"({"x":1.50})"},
                                      {.id = "c2", .name = "g", .arguments = "no JSON"}}),
                             user("between"), result("c2", "two"), result("c:1", "one"), user("d")});
    REQUIRE(list.size() == 3);
    CHECK(list[1]["content"] == Json::parse(R"([{"toolUse":{"toolUseId":"c_1","name":"f","input":{"x":1.5}}},{"toolUse":{"toolUseId":"c2","name":"g","input":{"arguments":"no JSON"}}}])"));
    CHECK(list[2]["content"] == Json::parse(R"([{"toolResult":{"toolUseId":"c_1","content":[{"text":"one"}]}},{"toolResult":{"toolUseId":"c2","content":[{"text":"two"}]}},{"text":"between"},{"text":"d"}])"));
}

TEST_CASE("a missing result, an orphan and an empty result are repaired") {
    Json list = turns({user("a"), calling({{.id = "c", .name = "f", .arguments = ""}}), user("b")});
    CHECK(list[1]["content"][0]["toolUse"]["input"] == Json::object());
    CHECK(list[2]["content"][0] == Json::parse(R"x({"toolResult":{"toolUseId":"c","content":[{"text":"(no result)"}]}})x"));
    list = turns({user("a"), result("x", "lost")});
CHECK(list[0]["content"] ==
      Json::parse(R"([{"text":"a"},{"text":"Result of the tool call x:"},{"text":"lost"}])"));
list = turns({user("a"), calling({{.id = "c", .name = "f"}}), result("c", "")});
    CHECK(list[2]["content"][0]["toolResult"]["content"] == Json::parse(R"x([{"text":"(no result)"    }])x"));
    }

    TEST_CASE("a failed result has a status for Claude and Nova, and images and documents inside") {
        Message failed = result("c", "no");
        failed.failed = true;
        failed.parts.push_back(Image{.url = "data:image/png;base64,QUJD"});
        failed.parts.push_back(File{.data = "data:application/pdf;base64,QUJD", .filename = "a.pdf"});
        const std::vector<Message> messages = {user("a"), calling({{.id = "c", .name = "f"}}), failed};
        const Json inner = turns(messages)[2]["content"][0]["toolResult"];
        CHECK(inner["status"] == "error");
        CHECK(inner["content"][1]["image"]["format"] == "png");
        CHECK(inner["content"][2]["document"]["format"] == "pdf");
        CHECK(turns(messages, nova)[2]["content"][0]["toolResult"]["status"] == "error");
        CHECK_FALSE(turns(messages, llama)[2]["content"][0]["toolResult"].contains("status"));
    }

    TEST_CASE("calls keep their place among the parts") {
        Message message = calling({{.id = "c1", .name = "f"}, {.id = "c2", .name = "g"}});
        message.parts = {Text{"one"}, ToolCallRef{1}, Text{"two"}, ToolCallRef{1}, ToolCallRef{7}};
        message.refusal = "no";
        const Json content = turns({user("a"), message, result("c1", "x"), result("c2", "y")})[1]["content"];
        REQUIRE(content.size() == 5);
        CHECK(content[1]["toolUse"]["name"] == "g");
        CHECK(content[2]["text"] == "two");
        CHECK(content[3]["text"] == "no");
        CHECK(content[4]["toolUse"]["name"] == "f");
    }

    TEST_CASE("images and files are bytes with a format") {
        for (const auto& [type, format] : {std::pair("image/png", "png"), std::pair("image/jpg", "jpeg"),
                                           std::pair("image/gif", "gif"), std::pair("image/webp", "webp")})
            CHECK(block(Image{.url = std::string("data:") + type + ";base64,QUJD"})[0] ==
                  Json{{"image", {{"format", format}, {"source", {{"bytes", "QUJD"}}}}}});
        const std::tuple<const char*, const char*, const char*> files[] = {
            {"application/pdf", "a", "pdf"},
            {"text/csv", "a", "csv"},
            {"text/html", "a", "html"},
            {"text/markdown", "a", "md"},
            {"text/plain", "a.py", "txt"},
            {"application/json", "a.json", "txt"},
            {"application/octet-stream", "A.DOCX", "docx"},
            {"application/vnd.ms-excel", "a", "xls"},
            {"", "a.xlsx", "xlsx"}};
        for (const auto& [type, name, format] : files) {
            const std::string named = type;
        CAPTURE(named);
            const Json content =
                block(File{.data = std::string("data:") + type + ";base64,QUJD", .filename = name});
            CHECK(content[0]["document"]["format"] == format);
            CHECK(content[0]["document"]["source"]["bytes"] == "QUJD");
            // The API requires a text next to a document.
            CHECK(content[1]["text"] == "(see the document)");
        }
        CHECK(block(File{.data = "data:image/png;base64,QUJD"})[0].contains("image"));
        CHECK(block(File{.data = "JVBERiQUJD"})[0]["document"]["format"] == "pdf");
        CHECK(block(Image{.url = "data:application/pdf;base64,QUJD"})[0]["document"]["format"] == "pdf");
        CHECK(block(Audio{.data = "QUJD", .format = "mp3"})[0] ==
              Json::parse(R"({"audio":{"format":"mp3","source":{"bytes":"QUJD"}}})"));
    }

    TEST_CASE("names of documents have the characters of the API, and differ") {
        auto pdf = [](const std::string& name) {
            return Part(File{.data = "data:application/pdf;base64,QUJD", .filename = name});
        };
        const Json content = turns({{.role = Role::user,
                                     .parts = {Text{"read"}, pdf("my_report  (v1).final.pdf"),
                                               pdf("Größe.pdf"), pdf(""), pdf("a.pdf"), pdf("A.pdf"),
                                               pdf("a 2.pdf"), pdf(std::string(500, 'x'))}}})[0]["content"];
        std::vector<std::string> names;
        for (const Json& one : content)
            if (one.contains("document")) names.push_back(one["document"]["name"]);
        CHECK(names == std::vector<std::string>{"my report (v1) final", "Gr e", "document", "a", "A 2",
                                                "a 2 2", std::string(180, 'x')});
        CHECK(content.size() == 8);
    }

    TEST_CASE("parts that Bedrock does not have are refused by their place") {
        CHECK(refusal(Image{.url = "https://host/a.png"}).message ==
              "Bedrock accepts images as data: URLs in base64 only");
        CHECK(refusal(Image{.url = "https://host/a.png"}).param == "messages[1].content[1].image_url.url");
        CHECK(refusal(Image{.url = "data:image/tiff;base64,QUJD"}).message ==
              "Bedrock accepts images in the formats PNG, JPEG, GIF and WebP");
        CHECK(refusal(File{.id = "file-1"}).message == "Bedrock accepts files as data: URLs in base64 only");
        CHECK(refusal(File{.data = "data:application/zip;base64,QUJD", .filename = "a.zip"}).param ==
              "messages[1].content[1].file.file_data");
        CHECK(refusal(OtherPart{.type = "odd"}).message ==
              "Bedrock does not have this content part: it accepts texts, images, files and audio");
    }

    TEST_CASE("signed thoughts return to the vendor that has issued them") {
        Message thinking = calling({{.id = "c", .name = "f"}});
        thinking.parts = {Thought{.text = "hm", .signature = "c2ln", .origin = "anthropic"},
                          Thought{.encrypted = "QUJD", .origin = "anthropic"}, Thought{.text = "unsigned"},
                          Thought{.text = "other", .signature = "x", .origin = "bedrock"}};
        const std::vector<Message> messages = {user("a"), thinking, result("c", "x")};
        const Json content = turns(messages)[1]["content"];
        REQUIRE(content.size() == 3);
        CHECK(content[0] ==
              Json::parse(R"({"reasoningContent":{"reasoningText":{"text":"hm","signature":"c2ln"}}})"));
        CHECK(content[1] == Json::parse(R"({"reasoningContent":{"redactedContent":"QUJD"}})"));
        const Json novas = turns(messages, "us.amazon.nova-2-lite-v1:0")[1]["content"];
        REQUIRE(novas.size() == 2);
        CHECK(novas[0]["reasoningContent"]["reasoningText"]["text"] == "other");
    }

    TEST_CASE("cache_control becomes a cache point behind its block, for models that cache") {
        const JsonText control{R"({"cache_control":{"type":"ephemeral"}})"};
        const std::vector<Message> messages = {
            {.role = Role::system, .parts = {Text{.text = "s", .extra = control}}},
            {.role = Role::user,
             .parts = {Text{.text = "a", .extra = control}, Text{"b"}},
             .extra = control}};
        Json body = written(messages);
        const Json point = Json::parse(R"({"cachePoint":{"type":"default"}})");
        CHECK(body["system"] == Json{{{"text", "s"}}, point});
        CHECK(body["messages"][0]["content"] == Json{{{"text", "a"}}, point, {{"text", "b"}}, point});
        body = written(messages, llama);
        CHECK(body["system"].size() == 1);
        CHECK(body["messages"][0]["content"].size() == 2);
        CHECK(block(Text{.text = " ", .extra = control}).size() ==
              1);  // a blank text has no point: (no message)
    }
