// SPDX-License-Identifier: Apache-2.0
// `messages` come last, and `toolConfig` and `system` before them: the body of a conversation's
// next turn then begins with the bytes of this one.
#include "plugins/provider/bedrock/request.hpp"

#include "plugins/provider/bedrock/messages.hpp"
#include "plugins/provider/bedrock/parts.hpp"
#include "plugins/provider/bedrock/plan.hpp"
#include "plugins/provider/bedrock/tools.hpp"

#include <gatehouse/conversation.hpp>

#include <algorithm>

namespace gatehouse::bedrock {

namespace {

constexpr std::string_view in_json =
    "Answer with one JSON object and nothing else: no words before or behind it, and no Markdown around it.";
constexpr std::string_view own_fields = "additionalModelRequestFields";

std::size_t size_of(const ChatRequest& request) {
    std::size_t size = 2048;
    for (const Message& message : request.messages) {
        size += 128;
        for (const Part& part : message.parts) {
            size += 96;
            if (auto* text = std::get_if<Text>(&part)) size += text->text.json_size();
            if (auto* image = std::get_if<Image>(&part)) size += image->url.json_size();
            if (auto* file = std::get_if<File>(&part)) size += file->data.json_size();
            if (auto* audio = std::get_if<Audio>(&part)) size += audio->data.json_size();
        }
        for (const ToolCall& call : message.tool_calls) size += 128 + call.arguments.json_size();
    }
    for (const Tool& tool : request.tools)
        size += 192 + tool.description.json_size() + tool.parameters.text.size();
    return size + request.response_format.schema.text.size() * 2;
}

/// Refuses fields without which the answer would be wrong.
Result<void> check(const ChatRequest& request) {
    const Sampling& sampling = request.sampling;
    if (sampling.n.value_or(1) > 1)
        return no_place("Bedrock returns one answer per request: omit n, or set it to 1", "n");
    if (sampling.logprobs.value_or(false))
        return no_place("Bedrock returns no log probabilities: omit logprobs", "logprobs");
    for (const JsonValue word : JsonValue::unchecked(request.modalities.text).items())
        if (word.str() != "text")
            return no_place("Bedrock returns text only: omit modalities, or set it to [\"text\"]",
                            "modalities");
    if (!request.web_search_options.empty())
        return no_place("Bedrock does not search the web: omit web_search_options", "web_search_options");
    return {};
}

class RequestWriter {
public:
    RequestWriter(const ChatRequest& request, const Model& model, const ToolNames& names)
        : request_(request), model_(model), names_(names), json_(out_.body) {
        out_.body.reserve(size_of(request));
    }

    Result<Written> write(const Guardrail& guardrail) {
        if (auto ok = check(request_); !ok) return ok.error();
        plan_ = make_plan(request_, model_, names_);
        out_.stream = request_.stream && streams();
        json_.begin_object();
        write_inference();
        write_own_fields();
        write_guardrail(guardrail);
        write_output();
        const auto& tier = request_.service_tier;
        if (tier == "priority" || tier == "flex" || tier == "default")
            json_.key("serviceTier").begin_object().member("type", tier).end_object();
        else
            plan_.leave_out(!tier.empty() && tier != "auto", "service_tier");
        if (auto ok = write_prompt(); !ok) return ok.error();
        json_.end_object();
        note_what_is_left();
        out_.answer_tool = std::move(plan_.answer_tool);
        out_.left_out = std::move(plan_.left_out);
        out_.sent.stream = out_.stream;
        return std::move(out_);
    }

    Result<std::string> write_count() {
        plan_ = make_plan(request_, model_, names_);
        json_.begin_object().key("input").begin_object().key("converse").begin_object();
        if (auto ok = write_prompt(); !ok) return ok.error();
        json_.end_object().end_object().end_object();
        return std::move(out_.body);
    }

private:
    bool streams() const {
        const bool tools = has_functions(request_) || !plan_.answer_tool.empty();
        return model_.capabilities.streams && (model_.capabilities.tool_stream || !tools);
    }

    /// toolConfig, system and messages.
    Result<void> write_prompt() {
        auto tools = write_tools(json_, request_, names_, model_, plan_);
        if (!tools) return tools.error();
        const std::string_view more = plan_.answer == Plan::Answer::words ? in_json : std::string_view();
        const std::size_t before = out_.body.size();
        if (auto ok = write_system(json_, request_, model_, more); !ok) return ok;
        out_.sent.system = out_.body.size() > before;
        if (auto ok = write_messages(json_, request_, names_, model_, more); !ok) return ok;
        out_.sent.tools = tools->any;
        out_.sent.strict = tools->strict;
        out_.sent.caching = out_.body.find("{\"cachePoint\":") != std::string::npos;
        out_.sent.prefill = model_.capabilities.prefill && ends_with_assistant(request_);
        return {};
    }

    void write_inference() {
        const Sampling& sampling = request_.sampling;
        const bool samples = model_.capabilities.sampling && !plan_.thinks;
        json_.key("inferenceConfig").begin_object().member("maxTokens", plan_.max_tokens);
        if (samples && sampling.temperature) {
            // Claude's highest temperature is 1, OpenAI's is 2.
            const double most = model_.vendor == Vendor::other ? 2.0 : 1.0;
            json_.member("temperature", std::min(*sampling.temperature, most));
            out_.sent.temperature = true;
        }
        if (samples && sampling.top_p && (model_.capabilities.both || !sampling.temperature)) {
            json_.member("topP", *sampling.top_p);
            out_.sent.top_p = true;
        }
        plan_.leave_out(sampling.temperature && !out_.sent.temperature, "temperature");
        plan_.leave_out(sampling.top_p && !out_.sent.top_p, "top_p");
        std::vector<std::string> stops;
        if (model_.capabilities.stop)
            for (const std::string& stop : sampling.stop)
                if (!stop.empty()) stops.push_back(stop);
        plan_.leave_out(stops.empty() && !sampling.stop.empty(), "stop");
        out_.sent.stop = !stops.empty();
        if (out_.sent.stop) json_.member("stopSequences", stops);
        json_.end_object();
        // Claude tells which of them ended the answer (Converse, additionalModelResponseFieldPaths).
        if (out_.sent.stop && model_.is_claude())
            json_.key("additionalModelResponseFieldPaths").begin_array().value("/stop_sequence").end_array();
    }

    /// Members of additionalModelRequestFields, unless the client itself sends one of the name.
    void write_own_fields() {
        std::string ours;
        auto add = [&](std::string_view members) {
            if (!members.empty()) ours.append(ours.empty() ? "" : ",").append(members);
        };
        add(plan_.reasoning);
        out_.sent.thinking = plan_.reasoning.empty() ? Thinking::none : model_.capabilities.thinking;
        const auto& top_k = request_.sampling.top_k;
        const bool samples = model_.capabilities.sampling && !plan_.thinks && top_k && *top_k > 0;
        if (samples && model_.vendor == Vendor::nova)
            add("\"inferenceConfig\":{\"topK\":" + std::to_string(*top_k) + "}");
        else if (samples)
            add("\"top_k\":" + std::to_string(*top_k));
        out_.sent.top_k = samples;
        plan_.leave_out(top_k && !samples, "top_k");
        add(parallel());
        if (model_.is_claude() && !request_.betas.empty()) {
            std::string betas = "\"anthropic_beta\":";
            JsonWriter(betas).value(request_.betas);
            add(betas);
        }
        const JsonValue given = JsonValue::unchecked(request_.extra.text)[own_fields];
        ours = "{" + ours + "}";
        const JsonValue own = JsonValue::unchecked(ours);
        if (own.empty() && (!given.is(JsonType::object) || given.empty())) return;
        json_.key(own_fields).begin_object();
        for (const auto& [key, value] : own.members())
            if (!given[key]) json_.key(key).raw(value.raw());
        write_members(json_, given.is(JsonType::object) ? given.text() : JsonText());
        json_.end_object();
    }

    /// Converse has no member for it.  Claude takes Anthropic's own, next to the choice auto only.
    std::string parallel() {
        const bool one = request_.parallel_tool_calls && !*request_.parallel_tool_calls;
        if (!one || !has_functions(request_)) return {};
        using Mode = ToolChoice::Mode;
        const Mode mode = request_.tool_choice.mode;
        const bool fits = model_.is_claude() && plan_.answer_tool.empty() &&
                          (mode == Mode::unset || mode == Mode::automatic);
        plan_.leave_out(!fits, "parallel_tool_calls");
        return fits ? R"("tool_choice":{"type":"auto","disable_parallel_tool_use":true})" : "";
    }

    void write_guardrail(const Guardrail& guardrail) {
        if (guardrail.id.empty()) return;
        json_.key("guardrailConfig").begin_object().member("guardrailIdentifier", guardrail.id);
        json_.member("guardrailVersion", guardrail.version);
        if (out_.stream) json_.member("streamProcessingMode", guardrail.stream_mode);
        json_.end_object();
    }

    void write_output() {
        if (plan_.answer != Plan::Answer::schema) return;
        const ResponseFormat& format = request_.response_format;
        out_.sent.schema = true;
        json_.key("outputConfig").begin_object().key("textFormat").begin_object();
        json_.member("type", "json_schema").key("structure").begin_object().key("jsonSchema").begin_object();
        json_.member("schema", plan_.schema);  // a string
        if (!format.name.empty()) json_.member("name", format.name);
        if (!format.description.empty()) json_.member("description", format.description);
        json_.end_object().end_object().end_object().end_object();
    }

    void note_what_is_left() {
        const Sampling& sampling = request_.sampling;
        const std::pair<const char*, bool> fields[] = {
            {"seed", sampling.seed.has_value()},
            {"presence_penalty", sampling.presence_penalty.value_or(0) != 0},
            {"frequency_penalty", sampling.frequency_penalty.value_or(0) != 0},
            {"logit_bias", !sampling.logit_bias.empty()},
            {"verbosity", !request_.verbosity.empty()},
            {"prediction", !request_.prediction.empty()},
            {"metadata", !request_.metadata.empty()},
            {"store", request_.store.value_or(false)},
            {"user", !request_.user.empty()},
            {"safety_identifier", !request_.safety_identifier.empty()},
            {"prompt_cache_key", !request_.prompt_cache_key.empty()}};
        for (const auto& [name, given] : fields) plan_.leave_out(given, name);
        for (const auto& [key, value] : JsonValue::unchecked(request_.extra.text).members())
            plan_.leave_out(key != own_fields && key != "thinking" && key != "output_config", key);
    }

    const ChatRequest& request_;
    const Model& model_;
    const ToolNames& names_;
    Written out_;
    JsonWriter json_;
    Plan plan_;
};

}  // namespace

Result<Written> write_request(const ChatRequest& request, const Model& model, const ToolNames& names,
                              const Guardrail& guardrail) {
    return RequestWriter(request, model, names).write(guardrail);
}

Result<std::string> write_count(const ChatRequest& request, const Model& model, const ToolNames& names) {
    return RequestWriter(request, model, names).write_count();
}

}  // namespace gatehouse::bedrock
