// SPDX-License-Identifier: Apache-2.0
// Writes a COHERE request, PROTOCOL.md, section 8.4.  The history and the message come
// last, for caches of prompts.
#include "plugins/provider/oci/cohere/extensions.hpp"
#include "plugins/provider/oci/cohere/request.hpp"
#include "plugins/provider/oci/cohere/tools.hpp"
#include "plugins/provider/oci/cohere/v1.hpp"
#include "plugins/provider/oci/cohere/v1_messages.hpp"

namespace gatehouse::oci {

namespace {

class V1Writer : CohereRequestWriter {
public:
    V1Writer(const ChatRequest& request, const Model& model, bool stream)
        : CohereRequestWriter(request, model, stream), names_(request, cohere_name_rule) {}

    Result<Written> write(std::string_view compartment_id) {
        if (auto ok = check(); !ok) return ok.error();
        if (auto ok = check_cohere(); !ok) return ok.error();
        const std::vector<std::size_t> tools = offered();
        open(compartment_id, "COHERE");
        write_stream();
        write_cohere_sampling();
        if (auto ok = write_cohere_format(); !ok) return ok.error();
        if (auto ok = write_cohere_extensions(json_, extras_); !ok) return ok.error();
        if (auto ok = write_tools(tools); !ok) return ok.error();
        if (auto ok = write_cohere_messages(json_, request_, model_, names_, !tools.empty()); !ok)
            return ok.error();
        leave_out(request_.sampling.logprobs.value_or(false), "logprobs");
        leave_out(request_.sampling.top_logprobs.has_value(), "top_logprobs");
        leave_out(!request_.reasoning_effort.empty(), "reasoning_effort");
        return close();
    }

private:
    /// Returns the tools that the model may call.  A function by name leaves only
    /// that tool.  The format cannot require its call.
    std::vector<std::size_t> offered() {
        using Mode = ToolChoice::Mode;
        const ToolChoice& choice = request_.tool_choice;
        std::vector<std::size_t> tools = functions();
        switch (choice.mode) {
            case Mode::unset:
            case Mode::automatic:
            case Mode::required:
            case Mode::other: break;
            case Mode::none: return {};
            case Mode::named:
                std::erase_if(tools,
                              [&](std::size_t index) { return request_.tools[index].name != choice.name; });
                break;
        }
        return tools;
    }

    Result<void> write_tools(const std::vector<std::size_t>& tools) {
        if (tools.empty()) return {};
        if (request_.tool_choice.mode == ToolChoice::Mode::required)
            return no_place("OCI cannot force model \"" + model_.id.substr(0, 200) +
                                "\" to call a tool, because the format COHERE lets the model choose: omit "
                                "tool_choice, or use \"auto\" or one function",
                            "tool_choice");
        json_.key("tools").begin_array();
        for (std::size_t index : tools) {
            const Tool& tool = request_.tools[index];
            const auto schema = parameters(index);
            if (!schema) return schema.error();
            json_.begin_object().member("name", names_.to_upstream(tool.name));
            // COHERE requires a description.
            write_cohere_parameters(json_, tool.description.empty() ? tool.name : tool.description.str(),
                                    *schema);
            json_.end_object();
        }
        json_.end_array();
        leave_out(request_.parallel_tool_calls.has_value(), "parallel_tool_calls");
        return {};
    }

    const ToolNames names_;
};

}  // namespace

Result<Written> write_cohere(const ChatRequest& request, const Model& model, std::string_view compartment_id,
                             bool stream) {
    return V1Writer(request, model, stream).write(compartment_id);
}

const ChatFormat& cohere_format() {
    static const NativeFormat<write_cohere, make_cohere_reader> format;
    return format;
}

}  // namespace gatehouse::oci
