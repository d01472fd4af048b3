// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/call_item.hpp"

#include "plugins/dialect/openai/pieces.hpp"

namespace gatehouse::openai_dialect::responses {

namespace {

using Kind = NamedTool::Kind;

NamedTool tool_of(const ResponseFacts& facts, const ToolCallDelta& delta) {
    if (const NamedTool* tool = facts.tools.find(delta.name)) return *tool;
    return {.kind = delta.custom ? Kind::custom : Kind::function, .name = delta.name};
}

std::string_view prefix_of(Kind kind) {
    switch (kind) {
        case Kind::custom: return "ctc_";
        case Kind::search: return "tsc_";
        case Kind::function: break;
    }
    return "fc_";
}

bool is_object(std::string_view json) {
    const std::size_t first = json.find_first_not_of(" \t\r\n");
    return first != json.npos && json[first] == '{';
}

}  // namespace

CallItem::CallItem(const ResponseFacts& facts, std::size_t index, const ToolCallDelta& delta)
    : CallItem(facts, index, delta, tool_of(facts, delta)) {}

CallItem::CallItem(const ResponseFacts& facts, std::size_t index, const ToolCallDelta& delta, NamedTool tool)
    : Item(facts, prefix_of(tool.kind), index),
      tool_(std::move(tool)),
      call_id_(delta.id.empty() ? random_id("call_") : delta.id),
      plain_(delta.custom) {}

void CallItem::add(const ToolCallDelta& delta, Outlet& outlet) {
    if (delta.arguments.empty()) return;
    check_.feed(delta.arguments);
    if (tool_.kind == Kind::custom && !plain_)
        append(input_.feed(delta.arguments), outlet);
    else
        append(delta.arguments, outlet);
}

void CallItem::append(std::string_view text, Outlet& outlet) {
    content_ += text;
    if (announced() && !text.empty()) write_delta(text, outlet);
}

void CallItem::write_delta(std::string_view text, Outlet& outlet) const {
    if (tool_.kind == Kind::search) return;
    outlet.delta(tool_.kind == Kind::custom ? "response.custom_tool_call_input.delta"
                                            : "response.function_call_arguments.delta",
                 place_, text);
}

void CallItem::announce(Outlet& outlet) {
    place_ = place();
    write_added(outlet, item("in_progress", {}));
    if (!content_.empty()) write_delta(content_, outlet);
}

bool CallItem::finish(Outlet& outlet, bool cut) {
    if (plain_) return !cut;
    const bool whole = check_.complete();
    if (tool_.kind == Kind::custom) append(input_.end(cut && !whole), outlet);
    // Clients parse the arguments.
    if (tool_.kind == Kind::function && check_.blank() && !cut) append("{}", outlet);
    return whole || (check_.blank() && !cut) || (tool_.kind == Kind::custom && !cut);
}

std::string CallItem::close(Outlet& outlet, bool cut) {
    const bool whole = finish(outlet, cut);
    std::string made = item(whole ? "completed" : "incomplete", content_);
    if (tool_.kind == Kind::custom && outlet.streams())
        outlet.event("response.custom_tool_call_input.done", {place_, ",\"input\":", json_of(content_)});
    if (tool_.kind == Kind::function && outlet.streams())
        outlet.event("response.function_call_arguments.done", {place_, ",\"arguments\":", json_of(content_)});
    write_done(outlet, made);
    return made;
}

std::string CallItem::item(std::string_view status, std::string_view content) const {
    std::string out;
    JsonWriter json(out);
    const bool search = tool_.kind == Kind::search, custom = tool_.kind == Kind::custom;
    json.begin_object().member("id", id());
    json.member("type", search ? "tool_search_call" : custom ? "custom_tool_call" : "function_call");
    json.member("status", status).member("call_id", call_id_);
    if (search) {
        const bool object = check_.complete() && is_object(content);
        json.member("execution", "client").key("arguments").raw(object ? on_one_line(content) : "{}");
    } else {
        json.member("name", tool_.name);
        if (!tool_.space.empty()) json.member("namespace", tool_.space);
        json.member(custom ? "input" : "arguments", content);
    }
    out += kept();
    json.end_object();
    return out;
}

}  // namespace gatehouse::openai_dialect::responses
