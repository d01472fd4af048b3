// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/bedrock/tools.hpp"

#include "plugins/provider/bedrock/parts.hpp"

#include <gatehouse/json.hpp>

#include <set>
#include <utility>

namespace gatehouse::bedrock {

namespace {

constexpr std::string_view any_object = R"({"type":"object","properties":{}})";

/// `schema` with the type that the API requires.
std::string object_schema(std::string_view schema) {
    const JsonValue top = JsonValue::unchecked(schema);
    if (!top.is(JsonType::object) || top.empty()) return std::string(any_object);
    if (top["type"]) return std::string(schema);
    // The members of the object, behind its brace.
    return R"({"type":"object",)" + std::string(top.raw().substr(1));
}

bool has_calls(const ChatRequest& request) {
    for (const Message& message : request.messages)
        if (!message.tool_calls.empty()) return true;
    return false;
}

class ToolsWriter {
public:
    ToolsWriter(JsonWriter& json, const ChatRequest& request, const ToolNames& names, const Model& model,
                Plan& plan)
        : json_(json), request_(request), names_(names), model_(model), plan_(plan) {}

    Result<WrittenTools> write() {
        using Mode = ToolChoice::Mode;
        if (request_.tool_choice.mode == Mode::other)
            return no_place(
                "Bedrock has no such tool choice: give \"auto\", \"none\", \"required\" or one function",
                "tool_choice");
        // Converse has no choice that forbids calls.  The tools stay if the conversation has calls,
        // which the API refuses without tools.
        const bool calls = has_calls(request_);
        const bool forbidden = request_.tool_choice.mode == Mode::none;
        bool offered = false;
        if (!forbidden || calls)
            for (std::size_t i = 0; i < request_.tools.size(); ++i)
                offered = write_tool(request_.tools[i], i) || offered;
        plan_.leave_out(forbidden && offered, "tool_choice");
        if (!plan_.answer_tool.empty()) write_answer_tool();
        if (!out_.any && calls) write_called();
        if (!out_.any) return out_;
        json_.end_array();
        write_choice(offered && !forbidden);
        json_.end_object();
        return out_;
    }

private:
    void begin_tool(std::string_view name) {
        if (!std::exchange(out_.any, true)) json_.key("toolConfig").begin_object().key("tools").begin_array();
        json_.begin_object().key("toolSpec").begin_object().member("name", name);
    }
    void end_tool(std::string_view schema) {
        json_.key("inputSchema").begin_object().key("json").raw(schema).end_object();
        json_.end_object().end_object();
    }

    bool write_tool(const Tool& tool, std::size_t index) {
        const std::string where = "tools[" + std::to_string(index) + "]";
        if (tool.type != "function") {
            plan_.leave_out(true, where + " of type " + tool.type.substr(0, 30));
            return false;
        }
        begin_tool(names_.to_upstream(tool.name));
        if (says_something(tool.description.str())) json_.member("description", tool.description);
        const bool strict = tool.strict.value_or(false);
        if (strict && model_.capabilities.schemas) {
            json_.member("strict", true);
            out_.strict = true;
        }
        plan_.leave_out(strict && !model_.capabilities.schemas, where + ".function.strict");
        end_tool(object_schema(tool.parameters.text));
        const bool outside = bool(JsonValue::unchecked(tool.extra.text)["cache_control"]);
        write_cache_point(json_, outside ? tool.extra : tool.inner_extra, model_);
        return true;
    }

    void write_answer_tool() {
        const ResponseFormat& format = request_.response_format;
        std::string what =
            "Gives the answer to the user.  Call it once, in the place of an answer in words, with the answer as "
            "its input.";
        if (!format.description.empty()) what += "  The answer: " + format.description;
        begin_tool(plan_.answer_tool);
        json_.member("description", what);
        end_tool(object_schema(plan_.schema));
    }

    void write_called() {
        std::set<std::string_view> seen;
        for (const Message& message : request_.messages)
            for (const ToolCall& call : message.tool_calls)
                if (const auto name = names_.to_upstream(call.name); seen.insert(name).second) {
                    begin_tool(name);
                    end_tool(any_object);
                }
    }

    /// `offered`: the model may call tools of the client.
    void write_choice(bool offered) {
        using Mode = ToolChoice::Mode;
        std::string_view type, name = names_.to_upstream(request_.tool_choice.name);
        if (!plan_.answer_tool.empty()) {
            // The model may call the client's tools before it answers.
            type = offered ? "any" : "tool";
            name = plan_.answer_tool;
        } else if (offered) {
            const Mode mode = request_.tool_choice.mode;
            type = mode == Mode::automatic  ? "auto"
                   : mode == Mode::required ? "any"
                   : mode == Mode::named    ? "tool"
                                            : "";
        }
        if (type.empty()) return;
        json_.key("toolChoice").begin_object().key(type).begin_object();
        if (type == "tool") json_.member("name", name);
        json_.end_object().end_object();
    }

    JsonWriter& json_;
    const ChatRequest& request_;
    const ToolNames& names_;
    const Model& model_;
    Plan& plan_;
    WrittenTools out_;
};

}  // namespace

Result<WrittenTools> write_tools(JsonWriter& json, const ChatRequest& request, const ToolNames& names,
                                 const Model& model, Plan& plan) {
    return ToolsWriter(json, request, names, model, plan).write();
}

}  // namespace gatehouse::bedrock
