// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/tools.hpp"

#include "plugins/common/upstream/tree.hpp"
#include "plugins/provider/anthropic/members.hpp"
#include "plugins/provider/anthropic/parts.hpp"

#include <set>

namespace gatehouse::anthropic {

namespace {

constexpr std::string_view any_object = R"({"type":"object","properties":{}})";

/// Adds the type that the API requires to `schema`.
std::string object_schema(std::string_view schema) {
    std::string text(schema);
    const auto tree = upstream::Tree::parse(text);
    const auto top = tree ? upstream::object(tree->root()) : std::nullopt;
    if (!top || top->size() == 0) return std::string(any_object);
    if (upstream::member(*top, "type")) return std::string(schema);
    // The members of the object, after its brace.
    return R"({"type":"object",)" + std::string(schema.substr(schema.find('{') + 1));
}

/// "web_search_20250305": tools that Anthropic itself defines end in a date.
bool is_anthropics(std::string_view type) {
    if (type.size() < 10 || type[type.size() - 9] != '_') return false;
    return type.substr(type.size() - 8).find_first_not_of("0123456789") == type.npos;
}

class ToolsWriter {
public:
    ToolsWriter(JsonWriter& json, const ChatRequest& request, const ToolNames& names, Plan& plan)
        : json_(json), request_(request), names_(names), plan_(plan), native_(is_native(request)) {}

    Result<void> write() {
        for (std::size_t i = 0; i < request_.tools.size(); ++i) write(request_.tools[i], i);
        const bool offered = any_;
        if (!plan_.answer_tool.empty()) write_answer_tool();
        // The API refuses calls and results in a conversation without a defined tool.
        if (!any_) write_called();
        if (!any_) return {};
        json_.end_array();
        return write_choice(offered);
    }

private:
    void begin() {
        if (!any_) json_.key("tools").begin_array();
        any_ = true;
    }

    void write(const Tool& tool, std::size_t index) {
        if (tool.type == "function") return write_function(tool, index);
        if (!tool.json.empty() && (native_ || is_anthropics(tool.type))) {
            begin();
            json_.raw(tool.json.text);
            return;
        }
        plan_.leave_out("tools[" + std::to_string(index) + "] of type " + tool.type.substr(0, 30));
    }

    void write_function(const Tool& tool, std::size_t index) {
        begin();
        json_.begin_object().member("name", names_.to_upstream(tool.name));
        if (!tool.description.empty()) json_.member("description", tool.description);
        json_.key("input_schema").raw(object_schema(tool.parameters.text));
        if (native_) json_.member("strict", tool.strict);
        Members members(json_, native_);
        members.has("name").has("description").has("input_schema").has("strict");
        for (const JsonText* extra : {&tool.extra, &tool.inner_extra})
            members.write(*extra, {"cache_control", "defer_loading", "eager_input_streaming",
                                   "input_examples", "allowed_callers"});
        json_.end_object();
        plan_.leave_out(!native_ && tool.strict.value_or(false),
                        "tools[" + std::to_string(index) + "].function.strict");
    }

    void write_answer_tool() {
        const ResponseFormat& format = request_.response_format;
        begin();
        std::string what =
            "Gives the answer to the user.  Call it once, in the place of an answer in words, with the "
            "answer "
            "as its input.";
        if (!format.description.empty()) what += "  The answer: " + format.description;
        json_.begin_object().member("name", plan_.answer_tool).member("description", what);
        json_.key("input_schema").raw(object_schema(plan_.schema)).end_object();
    }

    void write_called() {
        std::set<std::string_view> seen;
        for (const Message& message : request_.messages)
            for (const ToolCall& call : message.tool_calls) {
                const std::string_view name = names_.to_upstream(call.name);
                if (!seen.insert(name).second) continue;
                begin();
                json_.begin_object().member("name", name).key("input_schema").raw(any_object).end_object();
            }
    }

    /// `offered`: the client has tools of its own.
    Result<void> write_choice(bool offered) {
        using Mode = ToolChoice::Mode;
        const ToolChoice& choice = request_.tool_choice;
        const bool one = request_.parallel_tool_calls && !*request_.parallel_tool_calls;
        std::string_view type = "auto", name = names_.to_upstream(choice.name);
        switch (choice.mode) {
            case Mode::unset: type = one ? "auto" : ""; break;
            case Mode::automatic: break;
            case Mode::none: type = "none"; break;
            case Mode::required: type = "any"; break;
            case Mode::named: type = "tool"; break;
            case Mode::other:
                if (native_) {
                    json_.key("tool_choice").raw(choice.json.text);
                    return {};
                }
                return no_place(
                    "Anthropic has no such tool choice: give \"auto\", \"none\", \"required\" or one "
                    "function",
                    "tool_choice");
        }
        if (!plan_.answer_tool.empty()) {
            // The model may call the client's tools before it answers.
            const bool only = !offered || choice.mode == Mode::none;
            type = only ? "tool" : "any";
            name = plan_.answer_tool;
        } else if (!offered) {
            type = "none";
        }
        if (type.empty()) return {};
        json_.key("tool_choice").begin_object().member("type", type);
        if (type == "tool") json_.member("name", name);
        if (one && type != "none") json_.member("disable_parallel_tool_use", true);
        if (native_)
            Members(json_, true).has("name").has("disable_parallel_tool_use").write(choice.extra, {});
        json_.end_object();
        return {};
    }

    JsonWriter& json_;
    const ChatRequest& request_;
    const ToolNames& names_;
    Plan& plan_;
    const bool native_;
    bool any_ = false;  // the array has been begun
};

}  // namespace

Result<void> write_tools(JsonWriter& json, const ChatRequest& request, const ToolNames& names, Plan& plan) {
    return ToolsWriter(json, request, names, plan).write();
}

}  // namespace gatehouse::anthropic
