// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/custom_tool.hpp"

#include "plugins/common/upstream/finish_reason.hpp"
#include "plugins/common/upstream/hosted_tools.hpp"
#include "plugins/common/upstream/tree.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::upstream {

namespace {

constexpr std::string_view schema =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})";

bool is_custom(const Tool& tool) { return tool.type == "custom"; }

bool has_custom_tools(const ChatRequest& request) {
    auto calls_one = [](const Message& message) {
        return std::ranges::any_of(message.tool_calls, &ToolCall::custom);
    };
    return request.tool_choice.custom || std::ranges::any_of(request.tools, is_custom) ||
           std::ranges::any_of(request.messages, calls_one);
}

/// The last sentences of the description.  They quote the grammar, which no schema can say.
std::string explained(const JsonText& format) {
    std::string said = "The input of this tool is free text: give it as the string \"input\".";
    std::string text = format.text;
    const auto tree = Tree::parse(text);
    const auto top = tree ? object(tree->root()) : std::nullopt;
    if (!top || string_member(*top, "type") == "text") return said;
    // Chat Completions has an object within it, the Responses API has not.
    const dom::object grammar = object_member(*top, "grammar").value_or(*top);
    const std::string_view syntax = string_member(grammar, "syntax");
    const std::string_view definition = string_member(grammar, "definition");
    if (definition.empty()) return said.append(" It must have this format: ").append(format.text);
    if (syntax == "regex") return said.append(" It must match this regular expression:\n").append(definition);
    said.append(" It must match this grammar");
    if (!syntax.empty()) said.append(" in the syntax of ").append(syntax);
    return said.append(":\n").append(definition);
}

}  // namespace

void make_function(Tool& tool) {
    std::string description = tool.description;
    if (!description.empty()) description += "\n\n";
    description += explained(tool.format);
    tool.description = std::move(description);
    tool.type = "function";
    tool.parameters.text = schema;
    tool.format = {};
}

void make_function(ToolCall& call) {
    std::string arguments = R"({"input":)";
    call.arguments.append_json_to(arguments);
    arguments += '}';
    call.arguments = std::move(arguments);
    call.custom = false;
}

std::string text_of_custom_call(std::string_view arguments) {
    CustomToolInput input;
    std::string text = input.feed(arguments);
    return text += input.end(false);
}

std::optional<ChatRequest> without_custom_tools(const ChatRequest& request) {
    if (!has_custom_tools(request) && !has_hosted(request)) return std::nullopt;
    std::optional<ChatRequest> made = request;
    leave_out_hosted(*made);
    for (Tool& tool : made->tools)
        if (is_custom(tool)) make_function(tool);
    for (Message& message : made->messages)
        for (ToolCall& call : message.tool_calls)
            if (call.custom) make_function(call);
    made->tool_choice.custom = false;
    return made;
}

CustomToolCalls::CustomToolCalls(const ChatRequest& request) {
    for (const Tool& tool : request.tools)
        if (is_custom(tool)) names_.insert(tool.name);
}

void CustomToolCalls::emit(Event event, EventSink& to) {
    if (auto* delta = std::get_if<ToolCallDelta>(&event)) return emit_call(std::move(*delta), to);
    if (const auto* finish = std::get_if<Finish>(&event)) end_calls(*finish, to);
    to.emit(std::move(event));
}

void CustomToolCalls::emit_call(ToolCallDelta delta, EventSink& to) {
    const Place place{delta.choice, delta.index};
    const bool begins = !delta.name.empty();
    if (begins && !delta.custom && names_.contains(delta.name)) open_.try_emplace(place);
    if (const auto found = open_.find(place); found != open_.end()) {
        delta.custom = true;
        delta.arguments = found->second.feed(delta.arguments);
        const bool has_news = !delta.arguments.empty() || !delta.extra.empty() || !delta.inner_extra.empty();
        if (!begins && !has_news) return;
    }
    to.emit(std::move(delta));
}

void CustomToolCalls::end_calls(const Finish& finish, EventSink& to) {
    for (auto& [place, input] : open_) {
        if (place.first != finish.choice) continue;
        if (std::string rest = input.end(is_cut(finish.reason)); !rest.empty())
            to.emit(ToolCallDelta{
                .index = place.second, .arguments = std::move(rest), .choice = place.first, .custom = true});
    }
}

}  // namespace gatehouse::upstream
