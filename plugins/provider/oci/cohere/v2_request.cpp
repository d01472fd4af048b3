// SPDX-License-Identifier: Apache-2.0
// Writes a COHEREV2 request, with the messages last for caches of prompts.
#include "plugins/provider/oci/cohere/extensions.hpp"
#include "plugins/provider/oci/cohere/request.hpp"
#include "plugins/provider/oci/cohere/v2.hpp"
#include "plugins/provider/oci/cohere/v2_messages.hpp"

namespace gatehouse::oci {

namespace {

class V2Writer : CohereRequestWriter {
public:
    V2Writer(const ChatRequest& request, const Model& model, bool stream)
        : CohereRequestWriter(request, model, stream) {}

    Result<Written> write(std::string_view compartment_id) {
        if (auto ok = check(); !ok) return ok.error();
        if (auto ok = check_cohere(); !ok) return ok.error();
        open(compartment_id, "COHEREV2");
        write_stream();
        write_cohere_sampling();
        if (request_.sampling.logprobs.value_or(false) && begin(RequestField::log_probs, "isLogProbsEnabled"))
            json_.value(true);
        leave_out(request_.sampling.top_logprobs.has_value(), "top_logprobs");
        if (auto ok = write_effort(); !ok) return ok.error();
        if (auto ok = write_cohere_format(); !ok) return ok.error();
        if (auto ok = write_cohere_v2_extensions(json_, extras_); !ok) return ok.error();
        if (auto ok = write_tools(); !ok) return ok.error();
        json_.key("messages");
        if (auto ok = write_cohere_v2_messages(json_, request_, model_); !ok) return ok.error();
        return close();
    }

private:
    /// Cohere's own `thinking` overrides reasoning_effort, because it is more precise.  Anthropic's member
    /// of that name has other values, and its meaning is in reasoning_effort.
    Result<void> write_effort() {
        const bool is_own = request_.protocol != "anthropic";
        const auto written = is_own ? write_thinking(json_, extras_) : Result<bool>(false);
        if (!written) return written.error();
        if (*written || request_.reasoning_effort.empty()) return {};
        const bool off = !one_of(request_.reasoning_effort, {"NONE", "DISABLE", "DISABLED", "OFF"}).empty();
        if (begin(RequestField::reasoning_effort, "thinking"))
            json_.begin_object().member("type", off ? "DISABLED" : "ENABLED").end_object();
        return {};
    }

    Result<void> write_tools() {
        using Mode = ToolChoice::Mode;
        const std::vector<std::size_t> tools = functions();
        const ToolChoice& choice = request_.tool_choice;
        if (tools.empty()) return {};
        json_.key("tools").begin_array();
        for (std::size_t index : tools) {
            const Tool& tool = request_.tools[index];
            if (choice.mode == Mode::named && tool.name != choice.name) continue;
            const auto schema = parameters(index);
            if (!schema) return schema.error();
            json_.begin_object().member("type", "FUNCTION").key("function").begin_object();
            json_.member("name", tool.name);
            if (!tool.description.empty()) json_.member("description", tool.description);
            json_.key("parameters").raw(*schema).end_object().end_object();
        }
        json_.end_array();
        switch (choice.mode) {
            case Mode::unset:
            case Mode::automatic:
            case Mode::other: break;
            case Mode::none: word(RequestField::tool_choice, "toolsChoice", "NONE"); break;
            case Mode::required:
            case Mode::named:  // a function by name leaves only that tool
                word(RequestField::tool_choice, "toolsChoice", "REQUIRED");
                break;
        }
        leave_out(request_.parallel_tool_calls.has_value(), "parallel_tool_calls");
        return {};
    }

    void word(RequestField field, std::string_view name, std::string_view value) {
        if (begin(field, name)) json_.value(value);
    }
};

}  // namespace

Result<Written> write_cohere_v2(const ChatRequest& request, const Model& model,
                                std::string_view compartment_id, bool stream) {
    return V2Writer(request, model, stream).write(compartment_id);
}

const ChatFormat& cohere_v2_format() {
    static const NativeFormat<write_cohere_v2, make_cohere_v2_reader> format;
    return format;
}

}  // namespace gatehouse::oci
