// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/samples.hpp"

#include "core/plugin_check/check_host.hpp"

namespace gatehouse::core::plugin_check {

namespace {

const std::string question = std::string(prompt_mark) + " why is the sky blue?";
constexpr const char* pixel =
    "data:image/"
    "png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5Erk"
    "Jggg==";

Message says(Role role, std::string text) {
    Message message{.role = role};
    message.parts.emplace_back(Text{std::move(text)});
    return message;
}

Tool weather() {
    return {
        .name = "weather",
        .description = "The weather of a place.",
        .parameters = {R"({"type":"object","properties":{"place":{"type":"string"}},"required":["place"]})"}};
}

ChatRequest with_text(const std::string& model, std::string text) {
    ChatRequest chat{.model = model};
    chat.messages = {says(Role::user, std::move(text))};
    return chat;
}

ChatRequest tool_results(const std::string& model) {
    ChatRequest chat = plain_chat(model, false);
    chat.tools = {weather()};
    Message called{.role = Role::assistant};
    called.tool_calls = {{"call_1", "weather", R"({"place":"Oslo"})"}, {"call_2", "weather", "not JSON {"}};
    Message first = says(Role::tool, "rain"), second = says(Role::tool, "sun");
    first.tool_call_id = "call_1";
    second.tool_call_id = "call_2";
    chat.messages.insert(chat.messages.end(), {called, first, second});
    return chat;
}

ChatRequest custom_tools(const std::string& model) {
    ChatRequest chat = plain_chat(model, false);
    chat.tools = {{.type = "custom", .name = "shell", .description = "Runs a command."}, weather()};
    chat.tools[0].format = {R"({"type":"text"})"};
    chat.tools[0].extra = {R"({"cache_control":{"type":"ephemeral"}})"};
    chat.tool_choice = {.mode = ToolChoice::Mode::named, .name = "shell", .custom = true};
    Message called{.role = Role::assistant};
    called.tool_calls = {{.id = "call_1", .name = "shell", .arguments = "ls \"$HOME\" {", .custom = true}};
    called.tool_calls[0].inner_extra = {R"({"x_call":1})"};
    Message result = says(Role::tool, "not found");
    result.tool_call_id = "call_1";
    result.failed = true;
    chat.messages.insert(chat.messages.end(), {called, result});
    return chat;
}

ChatRequest with_thoughts(const std::string& model) {
    ChatRequest chat = tool_results(model);
    chat.messages[1].parts = {Thought{.text = "hm", .signature = "c2ln", .origin = "acme"},
                              Thought{.encrypted = "ZW5j", .origin = "acme"},
                              Text{"Let me look."},
                              ToolCallRef{1},
                              Text{"And here."},
                              ToolCallRef{0}};
    return chat;
}

RawRequest unknown_operation(const std::string& model) {
    return {.operation = "x/check",
            .model = model,
            .content_type = "application/json",
            .body = R"({"model":"x","input":"why?"})"};
}

ChatRequest with_everything(const std::string& model) {
    ChatRequest chat = plain_chat(model, false);
    chat.messages.insert(chat.messages.begin(), says(Role::developer, "Be brief."));
    chat.sampling = {.temperature = 0.5, .top_p = 0.9, .presence_penalty = 0.1, .frequency_penalty = 0.1};
    chat.sampling.top_k = 5;
    chat.sampling.max_completion_tokens = 100;
    chat.sampling.seed = 7;
    chat.sampling.n = 2;
    chat.sampling.top_logprobs = 2;
    chat.sampling.logprobs = true;
    chat.sampling.stop = {"\n\n", "END"};
    chat.sampling.logit_bias = {R"({"42":-100})"};
    chat.response_format = {.kind = ResponseFormat::Kind::json_schema, .name = "answer"};
    chat.response_format.schema = {R"({"type":"object","properties":{"a":{"type":"string"}}})"};
    chat.reasoning_effort = "low";
    chat.verbosity = "low";
    chat.metadata = {R"({"a":"b"})"};
    chat.user = "somebody";
    return chat;
}

ChatRequest with_unknown_members(const std::string& model) {
    ChatRequest chat = plain_chat(model, false);
    chat.extra = {R"({"x_new":{"deep":[1,2,{"a":null}]},"x_flag":true})"};
    chat.messages[0].extra = {R"({"x_message":1})"};
    std::get<Text>(chat.messages[0].parts[0]).extra = {R"({"cache_control":{"type":"ephemeral"}})"};
    chat.messages[0].parts.emplace_back(OtherPart{"x_part", {R"({"type":"x_part","x":1})"}});
    chat.tools = {weather(), {.type = "x_tool", .json = {R"({"type":"x_tool","x":1})"}}};
    chat.tools[0].inner_extra = {R"({"x_function":1})"};
    chat.tool_choice = {.mode = ToolChoice::Mode::other, .json = {R"({"type":"x"})"}};
    return chat;
}

ChatRequest with_media(const std::string& model) {
    ChatRequest chat = plain_chat(model, false);
    auto& parts = chat.messages[0].parts;
    parts.emplace_back(Image{.url = pixel,
                             .detail = "low",
                             .extra = {R"({"cache_control":{"type":"ephemeral"}})"},
                             .inner_extra = {R"({"x_image":1})"}});
    parts.emplace_back(Image{"https://example.com/a%20b.png?x=1&y=2", ""});
    parts.emplace_back(Audio{"UklGRg==", "wav"});
    parts.emplace_back(File{"data:application/pdf;base64,JVBERg==", "a \"b\".pdf", ""});
    return chat;
}

ChatRequest long_talk(const std::string& model) {
    ChatRequest chat{.model = model};
    for (int i = 0; i < 1000; ++i) {
        chat.messages.push_back(says(Role::user, question));
        chat.messages.push_back(says(Role::assistant, "Because."));
    }
    chat.messages.push_back(says(Role::user, question));
    return chat;
}

}  // namespace

ChatRequest plain_chat(const std::string& model, bool stream) {
    ChatRequest chat = with_text(model, question);
    chat.stream = chat.include_usage = stream;
    return chat;
}

std::vector<Sample> samples(const std::string& model) {
    std::vector<Sample> all = {{"a chat", plain_chat(model, false), true},
                               {"a streamed chat", plain_chat(model, true), true}};
    auto add = [&](std::string name, ChatRequest chat) { all.push_back({std::move(name), std::move(chat)}); };
    ChatRequest tools = plain_chat(model, true);
    tools.tools = {weather()};
    tools.tool_choice = {.mode = ToolChoice::Mode::named, .name = "weather"};
    tools.parallel_tool_calls = false;
    add("a chat with tools", tools);
    add("a chat with results of tools", tool_results(model));
    add("a chat with a custom tool", custom_tools(model));
    add("a chat with thoughts", with_thoughts(model));
    add("a chat with images, sounds and files", with_media(model));
    add("a chat with every parameter", with_everything(model));
    add("a chat with unknown members", with_unknown_members(model));
    add("a chat in many scripts",
        with_text(model, question + " \u00e9\u4e2d\u6587 \U0001F469\u200D\U0001F4BB \u202Egnirts \uFFFD"));
    add("a chat with control characters",
        with_text(model, question + std::string("\x01\x1f\r\n\t\"\\\0/", 9)));
    all.push_back({.name = "a chat that is not UTF-8",
                   .operation = with_text(model, question + "\xff\xfe\xc3("),
                   .odd_bytes = true});
    add("a chat without messages", ChatRequest{.model = model});
    ChatRequest empty{.model = model};
    empty.messages = {Message{.role = Role::user}, Message{.role = Role::assistant}, says(Role::tool, "")};
    add("a chat of empty messages", empty);
    add("a huge chat", with_text(model, std::string(2'000'000, 'a')));
    add("a long chat", long_talk(model));
    add("a chat without a model", plain_chat("", false));
    add("a chat with an odd model name", plain_chat("../a b?c#d%&\"\\\r\nx-injected: 1\n\xc3\xa9", false));
    add("a chat with a huge model name", plain_chat(std::string(100'000, 'm'), false));
    all.push_back({"an embedding", EmbeddingRequest{.model = model, .inputs = {"one", "two"}}});
    all.push_back(
        {"an embedding of tokens", EmbeddingRequest{.model = model, .tokens = {{"[1,2]"}, {"[3]"}}}});
    all.push_back({"an embedding of nothing", EmbeddingRequest{.model = model}});
    all.push_back({"a ranking", RerankRequest{.model = model, .query = "why?", .documents = {"a", "b"}}});
    all.push_back({"a ranking of nothing", RerankRequest{.model = model}});
    all.push_back({"a list of models", ModelsRequest{}});
    all.push_back({"a count of tokens", TokenCountRequest{plain_chat(model, false)}});
    all.push_back({"an unknown operation", unknown_operation(model)});
    return all;
}

}  // namespace gatehouse::core::plugin_check
