// SPDX-License-Identifier: Apache-2.0
// Writes into one string.  The messages come last, and the tools before them: the body of a
// conversation's next turn then begins with the bytes of this one, so that a cache of prompts
// finds it again.
#include "plugins/common/openai/chat_request.hpp"

#include "plugins/common/openai/chat_messages.hpp"
#include "plugins/common/openai/request_writer.hpp"

#include <algorithm>

namespace gatehouse::openai_format {

namespace {

class Writer : RequestWriter {
public:
    Writer(const ChatRequest& request, const WireFormat& wire)
        : RequestWriter(request, wire.wants), wire_(wire) {}

    std::string write_chat() {
        json_.begin_object().member("model", request_.model);
        write_stream();
        write_limit();
        write_sampling();
        member("logprobs", request_.sampling.logprobs);
        member("top_logprobs", request_.sampling.top_logprobs);
        write_preferences();
        write_format();
        write_tools();
        write_extra();
        json_.key("messages").raw({});
        write_messages(out_, request_, wire_);
        return end();
    }

    std::string write_completion(const TextCompletion& completion) {
        json_.begin_object().member("model", request_.model).key("prompt");
        write_prompt(completion);
        word("suffix", completion.suffix);
        member("echo", completion.echo);
        member("best_of", completion.best_of);
        write_stream();
        write_limit();
        write_sampling();
        member("logprobs", completion.logprobs);
        word("user", request_.user);
        write_extra();
        return end();
    }

private:
    void write_extra() {
        if (request_.protocol == own_protocol) append_members(out_, request_.extra);
    }

    void write_stream() {
        if (!wire_.stream) return;
        json_.member("stream", true);
        // Always requested: the gateway counts tokens and hides unrequested usage from the client.
        if (!begin("stream_options")) return;
        json_.begin_object().member("include_usage", true);
        append_members(out_, request_.stream_extra);
        json_.end_object();
    }

    void write_prompt(const TextCompletion& completion) {
        if (!completion.prompts.empty()) {
            json_.raw(completion.prompts.text);
            return;
        }
        // There is one message, unless a hook has added more.
        std::string text;
        for (const Message& message : request_.messages)
            text.append(text.empty() ? "" : "\n\n").append(text_of(message));
        json_.value(text);
    }

    void write_limit() {
        const Sampling& sampling = request_.sampling;
        if (wire_.limit == WireFormat::Limit::as_given) {
            member("max_tokens", sampling.max_tokens);
            member("max_completion_tokens", sampling.max_completion_tokens);
            return;
        }
        std::optional<std::int64_t> limit = sampling.output_limit();
        if (!limit) limit = wire_.default_limit;
        if (limit && wire_.most) limit = std::min(*limit, *wire_.most);
        member(wire_.limit == WireFormat::Limit::max_tokens ? "max_tokens" : "max_completion_tokens", limit);
    }

    void write_sampling() {
        const Sampling& sampling = request_.sampling;
        member("temperature", sampling.temperature);
        member("top_p", sampling.top_p);
        member("top_k", sampling.top_k);
        member("n", sampling.n);
        member("seed", sampling.seed);
        member("presence_penalty", sampling.presence_penalty);
        member("frequency_penalty", sampling.frequency_penalty);
        raw("logit_bias", sampling.logit_bias);
        if (!sampling.stop.empty() && begin("stop")) {
            json_.begin_array();
            for (const std::string& stop : sampling.stop) json_.value(stop);
            json_.end_array();
        }
    }

    void write_preferences() {
        word("reasoning_effort", request_.reasoning_effort);
        word("verbosity", request_.verbosity);
        word("service_tier", request_.service_tier);
        raw("prediction", request_.prediction);
        raw("web_search_options", request_.web_search_options);
        raw("modalities", request_.modalities);
        raw("audio", request_.audio);
        raw("metadata", request_.metadata);
        member("store", request_.store);
        word("user", request_.user);
        word("safety_identifier", request_.safety_identifier);
        word("prompt_cache_key", request_.prompt_cache_key);
    }

    void write_format() {
        const ResponseFormat& format = request_.response_format;
        using Kind = ResponseFormat::Kind;
        if (format.kind == Kind::unset || !begin("response_format")) return;
        if (format.kind == Kind::other) {
            json_.raw(format.json.text);
            return;
        }
        json_.begin_object().member("type", word_of(format.kind));
        if (format.kind == Kind::json_schema) write_schema(format);
        append_members(out_, format.extra);
        json_.end_object();
    }

    static std::string_view word_of(ResponseFormat::Kind kind) {
        using Kind = ResponseFormat::Kind;
        switch (kind) {
            case Kind::json_object: return "json_object";
            case Kind::json_schema: return "json_schema";
            case Kind::unset:
            case Kind::text:
            case Kind::other: return "text";
        }
        return "text";
    }

    void write_schema(const ResponseFormat& format) {
        json_.key("json_schema").begin_object().member("name", format.name);
        if (!format.description.empty()) json_.member("description", format.description);
        if (!format.schema.empty()) json_.key("schema").raw(format.schema.text);
        json_.member("strict", format.strict);
        append_members(out_, format.inner_extra);
        json_.end_object();
    }

    void write_tools() {
        const bool any =
            std::ranges::any_of(request_.tools, [this](const Tool& tool) { return is_written(tool); });
        if (any && begin("tools")) {
            json_.begin_array();
            for (const Tool& tool : request_.tools) write_tool(tool);
            json_.end_array();
        }
        member("parallel_tool_calls", request_.parallel_tool_calls);
        write_tool_choice();
    }

    bool is_written(const Tool& tool) const {
        if (tool.type == "function" || tool.type == "custom") return true;
        return request_.protocol == own_protocol && !tool.json.empty();
    }

    void write_tool(const Tool& tool) {
        if (!is_written(tool)) return;
        const bool custom = tool.type == "custom";
        if (tool.type != "function" && !custom) {
            json_.raw(tool.json.text);
            return;
        }
        json_.begin_object().member("type", tool.type).key(tool.type).begin_object();
        json_.member("name", tool.name);
        if (!tool.description.empty()) json_.member("description", tool.description);
        if (!tool.parameters.empty()) json_.key("parameters").raw(tool.parameters.text);
        if (!tool.format.empty()) json_.key("format").raw(tool.format.text);
        json_.member("strict", tool.strict);
        append_members(out_, tool.inner_extra);
        json_.end_object();
        append_members(out_, tool.extra);
        json_.end_object();
    }

    void write_tool_choice() {
        using Mode = ToolChoice::Mode;
        const ToolChoice& choice = request_.tool_choice;
        if (choice.mode == Mode::unset || !begin("tool_choice")) return;
        switch (choice.mode) {
            case Mode::none: json_.value("none"); break;
            case Mode::required: json_.value("required"); break;
            case Mode::other: json_.raw(choice.json.text); break;
            case Mode::named: write_named(choice); break;
            case Mode::unset:
            case Mode::automatic: json_.value("auto"); break;
        }
    }

    void write_named(const ToolChoice& choice) {
        const std::string_view kind = choice.custom ? "custom" : "function";
        json_.begin_object().member("type", kind).key(kind).begin_object().member("name", choice.name);
        append_members(out_, choice.inner_extra);
        json_.end_object();
        append_members(out_, choice.extra);
        json_.end_object();
    }

    const WireFormat& wire_;
};

}  // namespace

std::string write_chat(const ChatRequest& request, const WireFormat& wire) {
    return Writer(request, wire).write_chat();
}

std::string write_completion(const ChatRequest& request, const WireFormat& wire) {
    return Writer(request, wire).write_completion(*request.completion);
}

}  // namespace gatehouse::openai_format
