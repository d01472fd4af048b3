// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/hosted_tools.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace gatehouse::upstream {

namespace {

constexpr std::size_t most_names = 16;

bool is_hosted(const Tool& tool) { return tool.type != "function" && tool.type != "custom"; }
bool is_item(const Part& part) { return std::holds_alternative<OtherPart>(part); }

/// Tools whose results the answer needs.  Clients send others, such as web_search, with every request.
bool is_needed(std::string_view type) {
    constexpr std::array<std::string_view, 5> types = {"file_search", "code_interpreter", "mcp", "computer",
                                                       "computer_use_preview"};
    return std::ranges::find(types, type) != types.end();
}

Error unsupported(std::string param, std::string_view complaint) {
    Error error{.kind = ErrorKind::unsupported, .param = std::move(param)};
    error.message.append(error.param).append(" ").append(complaint);
    return error;
}

bool is_empty(const Message& message) {
    return message.role == Role::assistant && message.parts.empty() && message.tool_calls.empty() &&
           message.refusal.empty() && message.reasoning.empty();
}

void note(std::vector<std::string>& names, std::string name) {
    if (names.size() < most_names && std::ranges::find(names, name) == names.end())
        names.push_back(std::move(name));
}

}  // namespace

bool has_hosted(const ChatRequest& request) {
    if (request.protocol != "responses") return false;
    return std::ranges::any_of(request.tools, is_hosted) ||
           std::ranges::any_of(request.messages, [](const Message& message) {
               return std::ranges::any_of(message.parts, is_item);
           });
}

Result<void> check_hosted(const ChatRequest& request) {
    using Mode = ToolChoice::Mode;
    if (request.protocol != "responses") return {};
    for (std::size_t i = 0; i < request.tools.size(); ++i)
        if (is_needed(request.tools[i].type))
            return unsupported("tools[" + std::to_string(i) + "].type",
                               "is a tool that OpenAI runs itself: remove it, or use a function");
    const bool items_only = std::ranges::all_of(request.messages, [](const Message& message) {
        return !message.parts.empty() && std::ranges::all_of(message.parts, is_item) &&
               message.tool_calls.empty();
    });
    if (items_only && !request.messages.empty())
        return unsupported("input", "has only items that the provider of this model does not have");
    const Mode mode = request.tool_choice.mode;
    const bool alone = !request.tools.empty() && std::ranges::all_of(request.tools, is_hosted);
    if (mode == Mode::other || (alone && mode == Mode::required))
        return unsupported("tool_choice",
                           "names or requires a tool that the provider of this model does not have");
    return {};
}

std::vector<std::string> leave_out_hosted(ChatRequest& request) {
    std::vector<std::string> names;
    if (!has_hosted(request)) return names;
    for (const Tool& tool : request.tools)
        if (is_hosted(tool)) note(names, "tools of type " + tool.type.substr(0, 64));
    std::erase_if(request.tools, is_hosted);
    for (Message& message : request.messages) {
        for (const Part& part : message.parts)
            if (const auto* item = std::get_if<OtherPart>(&part))
                note(names, "items of type " + item->type.substr(0, 64));
        std::erase_if(message.parts, is_item);
    }
    std::erase_if(request.messages, is_empty);
    // Upstreams refuse these without tools.
    if (request.tools.empty()) {
        request.tool_choice = {};
        request.parallel_tool_calls.reset();
    }
    return names;
}

}  // namespace gatehouse::upstream
