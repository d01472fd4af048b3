// SPDX-License-Identifier: Apache-2.0
// The input comes last: the body of a conversation's next turn then begins with the bytes of
// this one, so that a cache of prompts finds it again.
#include "plugins/common/openai/responses/request.hpp"

#include "plugins/common/json/extras.hpp"
#include "plugins/common/openai/chat_messages.hpp"
#include "plugins/common/openai/foreign_chat.hpp"
#include "plugins/common/openai/responses/input.hpp"

#include <gatehouse/conversation.hpp>

#include <algorithm>

namespace gatehouse::openai_format::responses {

namespace {

constexpr std::string_view empty_schema = R"({"type":"object","properties":{}})";
constexpr std::string_view of_thoughts = "\"reasoning.encrypted_content\"";
constexpr std::string_view of_logprobs = "\"message.output_text.logprobs\"";

/// The first field that changes the answer and that this API does not have.  Empty if there is
/// no such field.
std::string_view unsupported_name(const ChatRequest& request) {
    const Sampling& sampling = request.sampling;
    if (sampling.n.value_or(1) > 1) return "n";
    if (!sampling.stop.empty()) return "stop";
    if (!sampling.logit_bias.empty()) return "logit_bias";
    if (sampling.presence_penalty.value_or(0.0) != 0.0) return "presence_penalty";
    if (sampling.frequency_penalty.value_or(0.0) != 0.0) return "frequency_penalty";
    if (!request.audio.empty()) return "audio";
    if (!request.web_search_options.empty()) return "web_search_options";
    if (request.response_format.kind == ResponseFormat::Kind::other) return "response_format";
    if (request.tool_choice.mode == ToolChoice::Mode::other && !is_native(request)) return "tool_choice";
    return {};
}

/// `list`, an array of strings as JSON, with `word`.
std::string with_word(std::string list, std::string_view word) {
    if (list.find(word) != list.npos) return list;
    const std::size_t end = list.rfind(']');
    if (end == list.npos) return "[" + std::string(word) + "]";
    const bool empty = list.find('"') == list.npos;
    return list.insert(end, (empty ? "" : ",") + std::string(word));
}

class Writer : openai_format::RequestWriter {
public:
    Writer(const ChatRequest& request, const Wire& wire)
        : RequestWriter(request, wire.wants), wire_(wire), native_(is_native(request)) {}

    std::string write() {
        json_.begin_object().member("model", request_.model).member("store", false);
        if (request_.stream && !wire_.whole) json_.member("stream", true);
        write_sampling();
        write_preferences();
        write_reasoning();
        write_text();
        write_include();
        write_tools();
        write_extra();
        if (const Message* message = instructions_of(request_); message && begin("instructions"))
            json_.value(std::get<Text>(message->parts.front()).text);
        json_.key("input").raw({});
        write_input(out_, request_, wire_);
        return end();
    }

private:
    void write_sampling() {
        const Sampling& sampling = request_.sampling;
        std::optional<std::int64_t> limit = sampling.output_limit();
        if (limit && wire_.most) limit = std::min(*limit, *wire_.most);
        member("max_output_tokens", limit);
        member("temperature", sampling.temperature);
        member("top_p", sampling.top_p);
        member("top_logprobs", sampling.top_logprobs);
    }

    void write_preferences() {
        word("service_tier", request_.service_tier);
        raw("metadata", request_.metadata);
        word("user", request_.user);
        word("safety_identifier", request_.safety_identifier);
        word("prompt_cache_key", request_.prompt_cache_key);
    }

    void write_reasoning() {
        const std::string& effort = request_.reasoning_effort;
        const std::string& summary = request_.reasoning_summary;
        const JsonText more = unknown_members_of("reasoning");
        if ((effort.empty() && summary.empty() && more.empty()) || !begin("reasoning")) return;
        json_.begin_object();
        if (!effort.empty()) json_.member("effort", effort);
        if (!summary.empty()) json_.member("summary", summary);
        openai_format::append_members(out_, more);
        json_.end_object();
    }

    void write_text() {
        const bool format = request_.response_format.kind != ResponseFormat::Kind::unset;
        const JsonText more = unknown_members_of("text");
        if ((!format && request_.verbosity.empty() && more.empty()) || !begin("text")) return;
        json_.begin_object();
        if (format) write_format(request_.response_format);
        if (!request_.verbosity.empty()) json_.member("verbosity", request_.verbosity);
        openai_format::append_members(out_, more);
        json_.end_object();
    }

    /// Unknown members of the client's `text` or `reasoning`.
    JsonText unknown_members_of(std::string_view name) const {
        return {native_ ? json::member_of(request_.extra, name) : std::string()};
    }

    void write_format(const ResponseFormat& format) {
        using Kind = ResponseFormat::Kind;
        const bool schema = format.kind == Kind::json_schema;
        json_.key("format").begin_object();
        json_.member("type", schema                             ? "json_schema"
                             : format.kind == Kind::json_object ? "json_object"
                                                                : "text");
        if (schema) {
            json_.member("name", format.name);
            if (!format.description.empty()) json_.member("description", format.description);
            if (!format.schema.empty()) json_.key("schema").raw(format.schema.text);
            json_.member("strict", format.strict);
        }
        json_.end_object();
    }

    /// The client's words.  Thoughts of this API are readable for it alone, so that a later turn
    /// has them only if they are requested in this form.
    void write_include() {
        std::string list = native_ ? json::member_of(request_.extra, "include") : std::string();
        if (native_ && wire_.encrypted) list = with_word(std::move(list), of_thoughts);
        if (request_.sampling.logprobs.value_or(false)) list = with_word(std::move(list), of_logprobs);
        if (!list.empty() && begin("include")) json_.raw(list);
    }

    void write_tools() {
        const bool any = std::ranges::any_of(request_.tools, [&](const Tool& tool) { return is_sent(tool); });
        if (any && begin("tools")) {
            json_.begin_array();
            std::string space;
            for (const Tool& tool : request_.tools)
                if (is_sent(tool)) write_placed(tool, space);
            if (!space.empty()) json_.end_array().end_object();
            json_.end_array();
        }
        member("parallel_tool_calls", request_.parallel_tool_calls);
        write_tool_choice();
    }

    /// Whether the tool has a place in `tools`.  The input has those of items.
    bool is_sent(const Tool& tool) const {
        if (native_ && !json::member_of(tool.inner_extra, "item").empty()) return false;
        return tool.type == "function" || tool.type == "custom" || (native_ && !tool.json.empty());
    }

    /// Writes a tool, in its namespace.  `open`: the namespace that is open.
    void write_placed(const Tool& tool, std::string& open) {
        const JsonText space = {native_ ? json::member_of(tool.inner_extra, "namespace") : std::string()};
        const std::string name = json::member_of(space, "name");
        if (name != open) {
            if (!open.empty()) json_.end_array().end_object();
            open = name;
            if (!open.empty()) {
                json_.begin_object().member("type", "namespace");
                openai_format::append_members(out_, space);
                json_.key("tools").begin_array();
            }
        }
        write_tool(tool);
    }

    void write_tool(const Tool& tool) {
        const bool custom = tool.type == "custom";
        if (native_ && !tool.json.empty()) {
            json_.raw(tool.json.text);
            return;
        }
        json_.begin_object().member("type", tool.type).key("name");
        const std::string native = native_ ? json::member_of(tool.inner_extra, "name") : std::string();
        native.empty() ? json_.value(tool.name) : json_.raw(native);
        if (!tool.description.empty()) json_.member("description", tool.description);
        custom ? write_custom(tool) : write_function(tool);
        if (native_) openai_format::append_members(out_, tool.extra);
        json_.end_object();
    }

    /// The API takes an absent `strict` for true, Chat Completions for false.
    void write_function(const Tool& tool) {
        const std::string_view schema = tool.parameters.text;
        json_.key("parameters").raw(schema.empty() ? empty_schema : schema);
        if (tool.strict || !native_) json_.member("strict", tool.strict.value_or(false));
    }

    /// Chat Completions has the grammar in an object of its own.
    void write_custom(const Tool& tool) {
        if (tool.format.empty()) return;
        const std::string grammar = json::member_of(tool.format, "grammar");
        json_.key("format");
        if (grammar.empty()) {
            json_.raw(tool.format.text);
            return;
        }
        json_.begin_object().member("type", "grammar");
        openai_format::append_members(out_, {grammar});
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

    /// A tool that is not a function for this API has its own type and name here.
    void write_named(const ToolChoice& choice) {
        const auto tool = std::ranges::find(request_.tools, choice.name, &Tool::name);
        const bool found = native_ && tool != request_.tools.end();
        const std::string type = found ? json::member_of(tool->json, "type") : std::string();
        const std::string name = found ? json::member_of(tool->inner_extra, "name") : std::string();
        const JsonText space = {found ? json::member_of(tool->inner_extra, "namespace") : std::string()};
        json_.begin_object().key("type");
        type.empty() ? json_.value(choice.custom ? "custom" : "function") : json_.raw(type);
        if (type != "\"tool_search\"") {
            json_.key("name");
            name.empty() ? json_.value(choice.name) : json_.raw(name);
        }
        if (!space.empty()) json_.key("namespace").raw(json::member_of(space, "name"));
        json_.end_object();
    }

    void write_extra() {
        if (!native_) return;
        const json::Extras extras(request_.extra);
        for (const json::Extras::Member& extra : extras.all())
            if (!is_written(extra.name) && begin(extra.name)) json_.raw(extra.json);
    }

    /// Whether the member has been written with others of its object.
    static bool is_written(std::string_view name) {
        return name == "include" || name == "text" || name == "reasoning";
    }

    const Wire& wire_;
    const bool native_;
};

}  // namespace

bool is_native(const ChatRequest& request) { return request.protocol == openai_format::responses_protocol; }

std::vector<std::string> left_out(const ChatRequest& request) {
    std::vector<std::string> names;
    if (request.sampling.seed) names.emplace_back("seed");
    if (request.sampling.top_k) names.emplace_back("top_k");
    if (!request.prediction.empty()) names.emplace_back("prediction");
    if (!request.modalities.empty()) names.emplace_back("modalities");
    if (!is_native(request) && !request.extra.empty()) names.emplace_back("unknown fields");
    return names;
}

Result<std::string> write_request(const ChatRequest& request, const Wire& wire) {
    if (const std::string_view name = unsupported_name(request); !name.empty())
        return unsupported_field(std::string(name),
                                 "the Responses API of this model's provider has no such field");
    return Writer(request, wire).write();
}

}  // namespace gatehouse::openai_format::responses
