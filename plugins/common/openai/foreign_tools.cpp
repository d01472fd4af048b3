// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/openai/foreign_tools.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace gatehouse::openai_format {

namespace {

/// Tools that run at the client.  The schema is not in the request, as models of Anthropic know it.
bool runs_at_client(std::string_view type) {
    constexpr std::array<std::string_view, 5> kinds = {"bash_", "text_editor_", "memory_", "computer_",
                                                       "browser_"};
    return std::ranges::any_of(kinds, [&](std::string_view kind) { return type.starts_with(kind); });
}

std::string shown(const Tool& tool) {
    const std::string& name = tool.name.empty() ? tool.type : tool.name;
    return "'" + name.substr(0, 64) + "'";
}

Error no_such_tool(const Tool& tool, std::size_t index) {
    return {.kind = ErrorKind::unsupported,
            .message = "the model of this route has no tool " + shown(tool) + " of type '" +
                       tool.type.substr(0, 64) + "': send a tool with a schema, or use a model of Anthropic",
            .param = "tools[" + std::to_string(index) + "]"};
}

/// Whether the client requires a call of `tool`, or of one of the tools if there is no other.
bool is_forced(const ChatRequest& request, const Tool& tool, bool alone) {
    using Mode = ToolChoice::Mode;
    const ToolChoice& choice = request.tool_choice;
    return (choice.mode == Mode::named && choice.name == tool.name) ||
           (choice.mode == Mode::required && alone);
}

bool has_schema(const Tool& tool) { return tool.type == "function" || tool.type == "custom"; }

}  // namespace

Result<void> translate_tools(const ChatRequest& from, TranslatedChat& chat) {
    ChatRequest& request = chat.request;
    const bool alone = std::ranges::none_of(from.tools, has_schema);
    request.tools.reserve(from.tools.size());
    for (std::size_t i = 0; i < from.tools.size(); ++i) {
        const Tool& tool = from.tools[i];
        if (has_schema(tool)) {
            request.tools.push_back({.type = tool.type,
                                     .name = tool.name,
                                     .description = tool.description,
                                     .parameters = tool.parameters,
                                     .strict = tool.strict,
                                     .format = tool.format});
            continue;
        }
        if (runs_at_client(tool.type) || is_forced(from, tool, alone)) return no_such_tool(tool, i);
        chat.left_out.push_back("tools[" + std::to_string(i) + "] of type " + tool.type.substr(0, 64));
    }
    ToolChoice& choice = request.tool_choice;
    choice.extra = choice.inner_extra = {};
    const bool unknown = choice.mode == ToolChoice::Mode::other;
    if (unknown) chat.left_out.push_back("tool_choice");
    if (unknown || request.tools.empty()) choice = {};
    if (request.tools.empty()) request.parallel_tool_calls.reset();
    return {};
}

}  // namespace gatehouse::openai_format
