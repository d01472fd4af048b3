// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/conversation.hpp>
#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;

namespace {
std::string arguments(std::string text, bool custom = false) {
    return arguments_object({.arguments = std::move(text), .custom = custom});
}
}  // namespace

TEST_CASE("arguments become an object, whatever the model wrote") {
    CHECK(arguments(R"( {"a":1.50} )") == R"( {"a":1.50} )");
    CHECK(arguments("") == "{}");
    CHECK(arguments(" \n") == "{}");
    CHECK(arguments("[1]") == R"({"arguments":"[1]"})");
    CHECK(arguments("{\"a\":") == R"({"arguments":"{\"a\":"})");
    CHECK(arguments("{}", true) == R"({"arguments":"{}"})");
}

TEST_CASE("a result finds the name of its call, the latest first") {
    ChatRequest chat;
    chat.messages = {
        {.role = Role::assistant, .tool_calls = {{.id = "1", .name = "f"}, {.id = "2", .name = "g"}}},
        {.role = Role::assistant, .tool_calls = {{.id = "1", .name = "h"}}}};
    CHECK(called_name(chat, "1") == "h");
    CHECK(called_name(chat, "2") == "g");
    CHECK(called_name(chat, "3") == "");
}

TEST_CASE("each role has its word") {
    std::string words;
    for (const Role role : {Role::system, Role::developer, Role::user, Role::assistant, Role::tool})
        words.append(word_of(role)).append(" ");
    CHECK(words == "system developer user assistant tool ");
}

TEST_CASE("images in base64 are taken, and other parts are refused") {
    Message message{.parts = {Text{"a"}, Image{.url = "data:image/png;base64,QQ=="}, Thought{}, Refusal{}}};
    const auto images = images_of(message);
    REQUIRE(images);
    REQUIRE(images->size() == 1);
    CHECK((*images)[0].data == "QQ==");
    for (const Part& part : std::vector<Part>{Image{.url = "https://a"}, Audio{}, File{}, OtherPart{}}) {
        message.parts = {part};
        const auto refused = images_of(message);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::unsupported);
        CHECK(refused.error().param == "messages");
    }
}

TEST_CASE("functions are written as OpenAI writes them") {
    std::string out;
    JsonWriter json(out);
    write_functions(json, {{.name = "f", .description = "d", .parameters = {R"({"type":"object"})"}},
                           {.type = "custom", .name = "c"},
                           {.name = "g"}});
    CHECK(out ==
          R"([{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}},)"
          R"({"type":"function","function":{"name":"g","description":"","parameters":{}}}])");
}

TEST_CASE("usage is emitted if a number is known") {
    testing::Events events;
    emit_usage(events, {}, {});
    CHECK(events.list.empty());
    emit_usage(events, 3, 4);
    emit_usage(events, 5);
    const auto all = testing::all<Usage>(events.list);
    REQUIRE(all.size() == 2);
    CHECK(all[0].total == 7);
    CHECK(all[1].prompt == 5);
    CHECK(all[1].completion == 0);
}
