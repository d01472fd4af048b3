// SPDX-License-Identifier: Apache-2.0
// The texts of each operation, for hooks that judge them.
#include <gatehouse/all_texts.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;

TEST_CASE("a chat's messages, tool calls and tools are its texts") {
    ChatRequest chat{.model = "m"};
    chat.messages = {{.parts = {Text{"a"}, Text{"b"}, Image{.url = "http://x"}}},
                     {.role = Role::assistant,
                      .parts = {Thought{.text = "thought"}, OtherPart{"x", {R"({"type":"x"})"}}},
                      .tool_calls = {{.id = "1", .name = "f", .arguments = R"({"c":1})"}}}};
    chat.tools = {{.name = "f", .description = "described", .parameters = {R"({"type":"object"})"}}};
    CHECK(all_texts(chat) == "ab\nthought\n{\"type\":\"x\"}\n{\"c\":1}\ndescribed\n{\"type\":\"object\"}");
    CHECK(all_texts(TokenCountRequest{.chat = chat}) == all_texts(chat));
}

TEST_CASE("several prompts of a text completion are texts, although there is no message") {
    ChatRequest chat{.model = "m"};
    chat.completion = TextCompletion{.prompts = {R"(["make \"it\"","two",[1,2]])"}, .suffix = "end"};
    CHECK(all_texts(chat) == "make \"it\"\ntwo\n[1,2]\nend");
}

TEST_CASE("inputs, documents, token ids and raw bodies are texts") {
    CHECK(all_texts(EmbeddingRequest{.inputs = {"a", "b"}}) == "a\nb");
    CHECK(all_texts(EmbeddingRequest{.tokens = {{"[1]"}, {"[2]"}}}) == "[1]\n[2]");
    CHECK(all_texts(RerankRequest{.query = "q", .documents = {"d"}}) == "q\nd");
    CHECK(all_texts(RawRequest{.operation = "x", .body = "raw"}) == "raw");
    CHECK(all_texts(ModelsRequest{}).empty());
}
