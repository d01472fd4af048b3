// SPDX-License-Identifier: Apache-2.0
// `messages` come last, and `tools` and `system` before them: the body of a conversation's next
// turn then begins with the bytes of this one, so that a cache of prompts finds it again.
#include "plugins/provider/anthropic/request.hpp"

#include "plugins/common/upstream/tree.hpp"
#include "plugins/provider/anthropic/members.hpp"
#include "plugins/provider/anthropic/messages.hpp"
#include "plugins/provider/anthropic/parts.hpp"
#include "plugins/provider/anthropic/plan.hpp"
#include "plugins/provider/anthropic/system_messages.hpp"
#include "plugins/provider/anthropic/text.hpp"
#include "plugins/provider/anthropic/tools.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <array>

namespace gatehouse::anthropic {

namespace {

constexpr std::string_view in_json =
    "Answer with one JSON object and nothing else: no words before or behind it, and no Markdown around it.";
constexpr std::size_t longest_user_id = 256;

// Anthropic's own members that clients may send in addition to OpenAI's.
constexpr std::array<std::string_view, 7> own_members = {
    "cache_control", "container", "context_management", "diagnostics", "inference_geo",
    "mcp_servers",   "speed"};

/// Whether the API refuses the member where it only counts tokens.
bool is_for_answers(std::string_view name) {
    constexpr std::array<std::string_view, 5> names = {"container", "diagnostics", "fallbacks",
                                                       "inference_geo", "speed"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::size_t size_of(const ChatRequest& request) {
    std::size_t size = 2048;
    for (const Message& message : request.messages) {
        size += 128 + message.extra.text.size();
        for (const Part& part : message.parts) {
            size += 96;
            if (auto* text = std::get_if<Text>(&part)) size += text->text.json_size();
            if (auto* image = std::get_if<Image>(&part)) size += image->url.json_size();
            if (auto* file = std::get_if<File>(&part)) size += file->data.json_size();
            if (auto* other = std::get_if<OtherPart>(&part)) size += other->json.text.size();
            if (auto* thought = std::get_if<Thought>(&part))
                size += thought->text.json_size() + thought->signature.size() + thought->encrypted.size();
        }
        for (const ToolCall& call : message.tool_calls) size += 128 + call.arguments.json_size();
    }
    for (const Tool& tool : request.tools)
        size += 128 + tool.description.json_size() + tool.parameters.text.size() + tool.json.text.size();
    return size + request.extra.text.size() + request.response_format.schema.text.size();
}

/// Whether `modalities`, an array of words, has a word other than text.
bool wants_more_than_text(const JsonText& modalities) {
    if (modalities.empty()) return false;
    std::string text = modalities.text;
    const auto tree = upstream::Tree::parse(text);
    const auto list = tree ? upstream::array(tree->root()) : std::nullopt;
    if (!list) return false;
    for (upstream::dom::element word : *list)
        if (upstream::string(word).value_or("text") != "text") return true;
    return false;
}

/// Refuses fields without which the answer would be wrong.
Result<void> check(const ChatRequest& request) {
    const Sampling& sampling = request.sampling;
    if (sampling.n.value_or(1) > 1)
        return no_place("Anthropic returns one answer per request: omit n, or set it to 1", "n");
    if (sampling.logprobs.value_or(false))
        return no_place("Anthropic returns no log probabilities: omit logprobs", "logprobs");
    if (wants_more_than_text(request.modalities))
        return no_place("Anthropic returns text only: omit modalities, or set it to [\"text\"]",
                        "modalities");
    if (!request.web_search_options.empty())
        return no_place(
            "Anthropic searches the web with a tool of its own: in the place of web_search_options give one "
            "in tools, such as {\"type\": \"web_search_20250305\", \"name\": \"web_search\"}",
            "web_search_options");
    for (const std::string& stop : sampling.stop)
        if (!says_something(stop))
            return no_place("Anthropic refuses a stop sequence that has only blanks", "stop");
    return {};
}

class RequestWriter {
public:
    RequestWriter(const ChatRequest& request, const Model& model, const ToolNames& names, Purpose purpose)
        : request_(request),
          model_(model),
          names_(names),
          native_(is_native(request)),
          answers_(purpose == Purpose::answer),
          json_(out_.body),
          extras_(request.extra) {
        out_.body.reserve(size_of(request));
    }

    Result<Written> write() {
        if (auto ok = check(request_); !ok) return ok.error();
        plan_ = make_plan(request_, model_, names_, extras_);
        json_.begin_object().member("model", model_.id);
        if (answers_) write_generation();
        write_thinking();
        write_extras();
        if (auto ok = write_tools(json_, request_, names_, plan_); !ok) return ok.error();
        const bool words = plan_.answer == Plan::Answer::words;
        if (auto ok = write_system(json_, request_, words ? in_json : std::string_view()); !ok)
            return ok.error();
        if (auto ok = write_messages(json_, request_, names_, model_); !ok) return ok.error();
        json_.end_object();
        note_what_is_left();

        out_.sent.prefill = ends_with_assistant(request_) && model_.capabilities.prefill;
        out_.sent.system = model_.places_system() && has_inner_system(request_);
        out_.answer_tool = std::move(plan_.answer_tool);
        out_.left_out = std::move(plan_.left_out);
        return std::move(out_);
    }

private:
    /// The members that do not belong to the prompt.
    void write_generation() {
        json_.member("max_tokens", plan_.max_tokens);
        if (request_.stream) json_.member("stream", true);
        write_sampling();
        write_user();
        write_service_tier();
    }

    void write_extras() {
        if (!native_) {
            for (std::string_view name : own_members) write_extra(name, extras_.take(name));
            return;
        }
        for (const json::Extras::Member& member : extras_.all())
            if (!member.used) write_extra(member.name, member.json);
    }

    void write_extra(std::string_view name, std::string_view value) {
        if (value.empty() || (!answers_ && is_for_answers(name))) return;
        json_.key(name).raw(value);
    }

    void write_sampling() {
        const Sampling& sampling = request_.sampling;
        if (!sampling.stop.empty()) {
            json_.key("stop_sequences").begin_array();
            for (const std::string& stop : sampling.stop) json_.value(stop);
            json_.end_array();
        }
        const bool top_k = sampling.top_k && *sampling.top_k > 0;  // otherwise no limit
        if (!plan_.sampling) {
            plan_.leave_out(sampling.temperature.has_value(), "temperature");
            plan_.leave_out(sampling.top_p.has_value(), "top_p");
            plan_.leave_out(top_k, "top_k");
            return;
        }
        Sent& sent = out_.sent;
        sent.temperature = sampling.temperature.has_value();
        sent.top_p = sampling.top_p && (native_ || model_.capabilities.both || !sent.temperature);
        sent.top_k = top_k;
        // OpenAI's range ends at 2, Anthropic's at 1.  Higher values become 1.
        if (sent.temperature) json_.member("temperature", std::clamp(*sampling.temperature, 0.0, 1.0));
        if (sent.top_p) json_.member("top_p", *sampling.top_p);
        if (sent.top_k) json_.member("top_k", *sampling.top_k);
        plan_.leave_out(sampling.top_p && !sent.top_p, "top_p");
    }

    /// `thinking` and `output_config`.  The client's own members come first.
    void write_thinking() {
        if (!plan_.thinking.empty()) {
            json_.key("thinking").raw(plan_.thinking);
            if (!plan_.own_thinking) out_.sent.thinking = model_.capabilities.thinking;
        }
        json::Extras own({std::string(extras_.take("output_config"))});
        const bool schema = plan_.answer == Plan::Answer::schema;
        const bool effort = !plan_.effort.empty() && own.take("effort").empty();
        if (own.all().empty() && !schema && !effort) return;
        json_.key("output_config").begin_object();
        const bool replaced = schema || plan_.answer == Plan::Answer::tool;
        for (const json::Extras::Member& member : own.all())
            if (member.name != "format" || !replaced) json_.key(member.name).raw(member.json);
        if (effort) json_.member("effort", plan_.effort);
        if (schema)
            json_.key("format")
                .begin_object()
                .member("type", "json_schema")
                .key("schema")
                .raw(plan_.schema)
                .end_object();
        json_.end_object();
        out_.sent.effort = effort;
        out_.sent.schema = schema;
    }

    void write_user() {
        if (native_ && !request_.metadata.empty()) {
            json_.key("metadata").raw(request_.metadata.text);
            return;
        }
        std::string id = request_.user.empty() ? request_.safety_identifier : request_.user;
        if (!request_.metadata.empty()) {
            std::string text = request_.metadata.text;
            const auto tree = upstream::Tree::parse(text);
            const auto top = tree ? upstream::object(tree->root()) : std::nullopt;
            const std::string_view own = top ? upstream::string_member(*top, "user_id") : std::string_view();
            if (!own.empty())
                id = own;
            else
                plan_.leave_out("metadata");
        }
        if (id.empty()) return;
        if (id.size() > longest_user_id) return plan_.leave_out("user");
        json_.key("metadata").begin_object().member("user_id", id).end_object();
    }

    void write_service_tier() {
        const std::string tier = lower_case(request_.service_tier);
        if (tier == "auto")
            json_.member("service_tier", "auto");
        else if (tier == "default" || tier == "standard" || tier == "standard_only")
            json_.member("service_tier", "standard_only");
        else if (native_ && !tier.empty())
            json_.member("service_tier", request_.service_tier);
        else
            plan_.leave_out(!tier.empty(), "service_tier");
    }

    void note_what_is_left() {
        const Sampling& sampling = request_.sampling;
        plan_.leave_out(sampling.presence_penalty.value_or(0) != 0, "presence_penalty");
        plan_.leave_out(sampling.frequency_penalty.value_or(0) != 0, "frequency_penalty");
        plan_.leave_out(sampling.seed.has_value(), "seed");
        plan_.leave_out(!sampling.logit_bias.empty(), "logit_bias");
        plan_.leave_out(!request_.verbosity.empty(), "verbosity");
        plan_.leave_out(!request_.prediction.empty(), "prediction");
        plan_.leave_out(!request_.audio.empty(), "audio");
        plan_.leave_out(request_.store.has_value(), "store");
        plan_.leave_out(!request_.prompt_cache_key.empty(), "prompt_cache_key");
        if (native_) return;
        for (const json::Extras::Member& member : extras_.all()) plan_.leave_out(!member.used, member.name);
    }

    const ChatRequest& request_;
    const Model& model_;
    const ToolNames& names_;
    const bool native_;
    const bool answers_;
    Written out_;
    JsonWriter json_;
    json::Extras extras_;
    Plan plan_;
};

}  // namespace

Result<Written> write_request(const ChatRequest& request, const Model& model, const ToolNames& names,
                              Purpose purpose) {
    return RequestWriter(request, model, names, purpose).write();
}

}  // namespace gatehouse::anthropic
