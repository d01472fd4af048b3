// SPDX-License-Identifier: Apache-2.0
// All texts of an operation that a model would read, for hooks that judge requests.
#pragma once

#include "gatehouse/json.hpp"
#include "gatehouse/operation.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace gatehouse {

namespace detail {

/// Joins texts with line ends.
struct TextsOfOperation {
    std::string all = {};

    void add(std::string_view text) {
        if (!text.empty()) all.append(all.empty() ? "" : "\n").append(text);
    }
    void add_part(const Part& part) {
        if (auto* refusal = std::get_if<Refusal>(&part)) add(refusal->text);
        if (auto* thought = std::get_if<Thought>(&part)) add(thought->text);
        if (auto* other = std::get_if<OtherPart>(&part)) add(other->json.text);
    }
    void add_message(const Message& message) {
        add(text_of(message));
        for (const Part& part : message.parts) add_part(part);
        add(message.refusal);
        add(message.reasoning);
        for (const ToolCall& call : message.tool_calls) add(call.arguments);
    }
    void add_tool(const Tool& tool) {
        add(tool.description);
        add(tool.parameters.text);
        add(tool.format.text);
        add(tool.json.text);
    }
    void add_completion(const TextCompletion& completion) {
        if (!completion.prompts.text.empty())
            for (const JsonValue prompt : JsonValue::unchecked(completion.prompts.text).items()) {
                const std::string text = prompt.str();
                add(text.empty() ? prompt.raw() : std::string_view(text));
            }
        add(completion.suffix);
    }

    void operator()(const ChatRequest& request) {
        for (const Message& message : request.messages) add_message(message);
        for (const Tool& tool : request.tools) add_tool(tool);
        add(request.response_format.description);
        add(request.response_format.schema.text);
        add(request.prediction.text);
        if (request.completion) add_completion(*request.completion);
    }
    void operator()(const TokenCountRequest& request) { (*this)(request.chat); }
    void operator()(const EmbeddingRequest& request) {
        for (const std::string& input : request.inputs) add(input);
        for (const JsonText& tokens : request.tokens) add(tokens.text);
    }
    void operator()(const RerankRequest& request) {
        add(request.query);
        for (const std::string& document : request.documents) add(document);
    }
    void operator()(const ModelsRequest&) {}
    void operator()(const RawRequest& request) { add(request.body); }
};

}  // namespace detail

/// The texts of all messages, tool calls, tools and prompts, joined with line ends.  Token ids and parts of
/// unknown kinds are JSON, and the body of a RawRequest is as received.  Not: images, sounds,
/// files, and unknown members (`extra`).  One thread at a time for one operation.
inline std::string all_texts(const Operation& operation) {
    detail::TextsOfOperation texts;
    std::visit(texts, operation);
    return std::move(texts.all);
}

}  // namespace gatehouse
