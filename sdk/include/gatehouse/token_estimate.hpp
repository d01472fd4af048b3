// SPDX-License-Identifier: Apache-2.0
// An estimate of the tokens of a prompt, for models whose tokenizer is not known.  It reads
// sizes and no text, so that it costs almost nothing.
// Functions without state: any thread.
#pragma once

#include "gatehouse/chat.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <variant>

namespace gatehouse {

namespace detail {

/// Counts in twelfths of a token.
class TokenEstimate {
public:
    std::int64_t tokens() const { return std::max<std::int64_t>((twelfths_ + 11) / 12, 1); }

    /// Four bytes a token.  A character of Chinese, Japanese or Korean has three bytes.
    void text(std::size_t bytes) { add(bytes, 3); }
    /// Three bytes a token.
    void json(std::size_t bytes) { add(bytes, 4); }
    void whole(std::size_t tokens) { add(tokens, 12); }

    void operator()(const Text& part) { text(part.text.json_size() - 2); }
    void operator()(const Image&) { whole(1600); }
    void operator()(const Audio& part) { whole(part.data.json_size() / 400); }
    void operator()(const File& part) {
        const std::size_t bytes = part.data.json_size() * 3 / 4;
        std::string_view(part.data).starts_with("data:text/") ? text(bytes) : whole(bytes / 100);
    }
    void operator()(const Refusal& part) { text(part.text.size()); }
    void operator()(const Thought& part) { text(part.text.json_size() - 2); }
    void operator()(const ToolCallRef&) {}
    void operator()(const OtherPart& part) { text(part.json.text.size()); }

private:
    void add(std::size_t number, std::int64_t each) { twelfths_ += static_cast<std::int64_t>(number) * each; }

    std::int64_t twelfths_ = 0;
};

}  // namespace detail

/// The tokens of the messages, the tools and the format of the answer: one for four bytes of
/// text and for three bytes of JSON, 1600 for an image, one for 100 bytes of a file, and four
/// for a message.  At least 1.  More input never has fewer tokens.
inline std::int64_t estimated_tokens(const ChatRequest& request) {
    constexpr std::size_t frame = 4;  // tokens around a message
    detail::TokenEstimate estimate;
    for (const Message& message : request.messages) {
        estimate.whole(frame);
        estimate.text(message.refusal.size() + message.reasoning.size());
        for (const Part& part : message.parts) std::visit(estimate, part);
        for (const ToolCall& call : message.tool_calls)
            estimate.json(call.name.size() + call.arguments.json_size());
    }
    for (const Tool& tool : request.tools) {
        estimate.text(tool.name.size() + tool.description.json_size());
        estimate.json(tool.parameters.text.size() + tool.format.text.size() + tool.json.text.size());
    }
    estimate.json(request.response_format.schema.text.size());
    return estimate.tokens();
}

/// The tokens of an answer of `bytes` bytes.
inline std::int64_t estimated_tokens(std::size_t bytes) {
    return bytes ? static_cast<std::int64_t>((bytes + 3) / 4) : 0;
}

}  // namespace gatehouse
