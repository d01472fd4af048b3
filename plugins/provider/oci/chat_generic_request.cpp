// SPDX-License-Identifier: Apache-2.0
// Writes a GENERIC request straight into one string, in the order of the
// reference's table 8.1.  Unknown fields make OCI refuse the request, so only
// what the table names is sent.
#include "plugins/provider/oci/chat_generic.hpp"
#include "plugins/provider/oci/chat_generic_messages.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::oci {

namespace {

/// Upper case if it is one of `words`, which are upper case, else empty.
std::string_view one_of(std::string_view value, std::initializer_list<std::string_view> words) {
    for (std::string_view word : words)
        if (word.size() == value.size() &&
            std::equal(word.begin(), word.end(), value.begin(),
                       [](char w, char v) { return w == v || (v >= 'a' && v <= 'z' && w == v - 32); }))
            return word;
    return {};
}

std::string_view reasoning_effort(std::string_view effort) {
    if (!one_of(effort, {"DISABLE", "DISABLED", "OFF"}).empty()) return "NONE";
    if (!one_of(effort, {"XHIGH", "MAX"}).empty()) return "HIGH";
    return one_of(effort, {"NONE", "MINIMAL", "LOW", "MEDIUM", "HIGH"});
}

std::size_t size_of(const ChatRequest& request) {
    std::size_t size = 2048;
    for (const Message& message : request.messages) {
        size += 128 + message.refusal.size() + message.reasoning.size();
        for (const Part& part : message.parts) {
            size += 96;
            if (auto* text = std::get_if<Text>(&part)) size += text->text.size() + text->text.size() / 16;
            if (auto* image = std::get_if<Image>(&part)) size += image->url.size();
            if (auto* audio = std::get_if<Audio>(&part)) size += audio->data.size();
            if (auto* file = std::get_if<File>(&part)) size += file->data.size();
        }
        for (const ToolCall& call : message.tool_calls)
            size += 128 + call.arguments.size() + call.arguments.size() / 8;
    }
    for (const Tool& tool : request.tools)
        size += 128 + tool.description.size() + tool.description.size() / 16 + tool.parameters.text.size();
    return size + request.response_format.schema.text.size() + request.metadata.text.size();
}

class Writer {
public:
    Writer(const ChatRequest& request, const Model& model, bool stream)
        : request_(request), model_(model), stream_(stream), json_(out_.body) {
        out_.body.reserve(size_of(request));
    }

    Result<Written> write(std::string_view compartment_id) {
        json_.begin_object().member("compartmentId", compartment_id).key("servingMode").begin_object();
        if (model_.dedicated)
            json_.member("servingType", "DEDICATED").member("endpointId", model_.id);
        else
            json_.member("servingType", "ON_DEMAND").member("modelId", model_.id);
        json_.end_object().key("chatRequest").begin_object().member("apiFormat", "GENERIC").key("messages");
        if (auto ok = write_generic_messages(json_, request_, model_); !ok) return ok.error();
        if (stream_) {
            json_.member("isStream", true);
            // Always: the gateway counts, and hides what the client did not ask for.
            if (begin(RequestField::stream_options))
                json_.begin_object().member("isIncludeUsage", true).end_object();
        }
        write_sampling();
        write_preferences();
        write_format();
        if (auto ok = write_tools(); !ok) return ok.error();
        write_web_search();
        json_.end_object().end_object();
        return std::move(out_);
    }

private:
    /// Writes the key of `field`, unless this model is not to get it.
    bool begin(RequestField field, std::string_view name) {
        if (model_.drop.has(field)) return false;
        out_.sent.add(field);
        json_.key(name);
        return true;
    }
    bool begin(RequestField field) { return begin(field, names_of(field).oci); }

    template <typename T>
    void number(RequestField field, const std::optional<T>& value) {
        if (value && begin(field)) json_.value(*value);
    }
    void word(RequestField field, std::string_view value) {
        if (!value.empty() && begin(field)) json_.value(value);
    }
    void raw(RequestField field, const JsonText& value) {
        if (!value.empty() && begin(field)) json_.raw(value.text);
    }

    void write_sampling() {
        const Sampling& sampling = request_.sampling;
        std::int64_t limit = sampling.output_limit().value_or(model_.max_tokens);
        if (model_.max_tokens_cap) limit = std::min(limit, *model_.max_tokens_cap);
        if (begin(RequestField::token_limit,
                  model_.max_completion_tokens ? "maxCompletionTokens" : "maxTokens"))
            json_.value(limit);
        number(RequestField::temperature, sampling.temperature);
        number(RequestField::top_p, sampling.top_p);
        number(RequestField::top_k, sampling.top_k);
        number(RequestField::frequency_penalty, sampling.frequency_penalty);
        number(RequestField::presence_penalty, sampling.presence_penalty);
        number(RequestField::seed, sampling.seed);
        if (!sampling.stop.empty() && begin(RequestField::stop)) {
            json_.begin_array();
            for (const std::string& stop : sampling.stop) json_.value(stop);
            json_.end_array();
        }
        if (sampling.n.value_or(1) != 1) number(RequestField::num_generations, sampling.n);
        if (sampling.logprobs.value_or(false) && begin(RequestField::log_probs))
            json_.value(std::max<std::int64_t>(1, sampling.top_logprobs.value_or(1)));
        raw(RequestField::logit_bias, sampling.logit_bias);
    }

    void write_preferences() {
        word(RequestField::reasoning_effort, reasoning_effort(request_.reasoning_effort));
        word(RequestField::verbosity, one_of(request_.verbosity, {"LOW", "MEDIUM", "HIGH"}));
        word(RequestField::service_tier, one_of(request_.service_tier, {"AUTO", "DEFAULT", "PRIORITY"}));
        raw(RequestField::metadata, request_.metadata);
        write_prediction();
    }

    /// {"type":"content","content": a string or text parts}
    void write_prediction() {
        if (request_.prediction.empty()) return;
        std::string text = request_.prediction.text;
        const auto tree = Tree::parse(text);
        const auto top = tree ? object(tree->root()) : std::nullopt;
        const auto content = top ? member(*top, "content") : std::nullopt;
        if (!content) return;
        const auto parts = array(*content);
        const auto whole = string(*content);
        if ((!parts && !whole) || !begin(RequestField::prediction)) return;
        json_.begin_object().member("type", "CONTENT").key("content").begin_array();
        auto write = [&](std::string_view words) {
            json_.begin_object().member("type", "TEXT").member("text", words).end_object();
        };
        if (whole) write(*whole);
        if (parts)
            for (dom::element part : *parts)
                if (const auto one = object(part)) write(string_member(*one, "text"));
        json_.end_array().end_object();
    }

    void write_format() {
        const ResponseFormat& format = request_.response_format;
        if (format.kind == ResponseFormat::Kind::unset || !begin(RequestField::response_format)) return;
        json_.begin_object();
        switch (format.kind) {
            case ResponseFormat::Kind::unset:
            case ResponseFormat::Kind::text: json_.member("type", "TEXT"); break;
            case ResponseFormat::Kind::json_object: json_.member("type", "JSON_OBJECT"); break;
            case ResponseFormat::Kind::json_schema:
                json_.member("type", "JSON_SCHEMA").key("jsonSchema").begin_object();
                json_.member("name", format.name.empty() ? std::string_view("response") : format.name);
                if (!format.description.empty()) json_.member("description", format.description);
                if (!format.schema.empty()) json_.key("schema").raw(format.schema.text);
                json_.member("isStrict", format.strict).end_object();
                break;
        }
        json_.end_object();
    }

    Result<void> write_tools() {
        // A tool of a type that OCI does not have is skipped: some clients always send one.
        auto is_function = [](const Tool& tool) { return tool.type == "function"; };
        if (std::none_of(request_.tools.begin(), request_.tools.end(), is_function)) return {};
        json_.key("tools").begin_array();
        for (const Tool& tool : request_.tools) {
            if (!is_function(tool)) continue;
            json_.begin_object().member("type", "FUNCTION").member("name", tool.name);
            if (!tool.description.empty()) json_.member("description", tool.description);
            json_.key("parameters")
                .raw(tool.parameters.empty() ? std::string_view(R"({"type":"object","properties":{}})")
                                             : std::string_view(tool.parameters.text));
            json_.end_object();
        }
        json_.end_array();
        number(RequestField::parallel_tool_calls, request_.parallel_tool_calls);
        return write_tool_choice();
    }

    Result<void> write_tool_choice() {
        using Mode = ToolChoice::Mode;
        const ToolChoice& choice = request_.tool_choice;
        if (choice.mode == Mode::other)
            return Error{
                .kind = ErrorKind::unsupported,
                .message =
                    "OCI has no such tool choice: give \"auto\", \"none\", \"required\" or one function",
                .param = "tool_choice"};
        if (choice.mode == Mode::unset || !begin(RequestField::tool_choice)) return {};
        json_.begin_object();
        switch (choice.mode) {
            case Mode::none: json_.member("type", "NONE"); break;
            case Mode::required: json_.member("type", "REQUIRED"); break;
            case Mode::named: json_.member("type", "FUNCTION").member("name", choice.name); break;
            default: json_.member("type", "AUTO");
        }
        json_.end_object();
        return {};
    }

    void write_web_search() {
        if (request_.web_search_options.empty()) return;
        std::string text = request_.web_search_options.text;
        const auto tree = Tree::parse(text);
        const auto top = tree ? object(tree->root()) : std::nullopt;
        if (!top || !begin(RequestField::web_search_options)) return;
        json_.begin_object();
        const auto size = one_of(string_member(*top, "search_context_size"), {"LOW", "MEDIUM", "HIGH"});
        if (!size.empty()) json_.member("searchContextSize", size);
        if (const auto location = member(*top, "user_location"))
            if (const auto outer = object(*location)) {
                const auto approximate = member(*outer, "approximate");
                const auto inner = approximate ? object(*approximate) : outer;  // flat in the Responses API
                json_.key("userLocation").begin_object();
                for (std::string_view key : {"city", "region", "country", "timezone"})
                    if (const auto value = inner ? string_member(*inner, key) : std::string_view();
                        !value.empty())
                        json_.member(key, value);
                json_.end_object();
            }
        json_.end_object();
    }

    const ChatRequest& request_;
    const Model& model_;
    const bool stream_;
    Written out_;
    JsonWriter json_;
};

}  // namespace

Result<Written> write_generic(const ChatRequest& request, const Model& model, std::string_view compartment_id,
                              bool stream) {
    return Writer(request, model, stream).write(compartment_id);
}

}  // namespace gatehouse::oci
