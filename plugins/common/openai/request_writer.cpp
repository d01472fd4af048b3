// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/openai/request_writer.hpp"

namespace gatehouse::openai_format {

namespace {

/// The size of the unknown members.
template <typename Kind>
std::size_t beside(const Kind& one) {
    return one.extra.text.size() + one.inner_extra.text.size();
}

std::size_t size_of(const ChatRequest& request) {
    struct PartSize {
        std::size_t operator()(const Text& part) const { return part.text.json_size(); }
        std::size_t operator()(const Image& part) const { return part.url.json_size() + beside(part); }
        std::size_t operator()(const Audio& part) const { return part.data.json_size() + beside(part); }
        std::size_t operator()(const File& part) const { return part.data.json_size() + beside(part); }
        std::size_t operator()(const Refusal& part) const { return part.text.size(); }
        std::size_t operator()(const Thought&) const { return 0; }
        std::size_t operator()(const ToolCallRef&) const { return 0; }
        std::size_t operator()(const OtherPart& part) const { return part.json.text.size(); }
    };
    std::size_t size = 1024 + request.extra.text.size() + request.response_format.schema.text.size();
    if (request.completion)
        size += request.completion->prompts.text.size() + request.completion->suffix.size();
    for (const Message& message : request.messages) {
        size += 96 + message.refusal.size() + message.reasoning.size() + message.extra.text.size();
        for (const Part& part : message.parts) size += 64 + std::visit(PartSize{}, part);
        for (const ToolCall& call : message.tool_calls)
            size += 128 + call.arguments.json_size() + beside(call);
    }
    for (const Tool& tool : request.tools)
        size += 128 + tool.description.json_size() + tool.parameters.text.size() + beside(tool) +
                tool.format.text.size() + tool.json.text.size();
    return size;
}

}  // namespace

// The size is an estimate, so that the body is rarely copied while it grows.
RequestWriter::RequestWriter(const ChatRequest& request, const Wants& wants)
    : request_(request), json_(out_), wants_(wants) {
    out_.reserve(size_of(request));
}

}  // namespace gatehouse::openai_format
