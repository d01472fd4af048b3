// SPDX-License-Identifier: Apache-2.0
// Writes a GENERIC request directly into one string, with the fields of
// PROTOCOL.md, sections 2.2 and 8.1, and no others, because OCI rejects a request
// with unknown fields.  The messages come last, and the tools before them: the body of a
// conversation's next turn then begins with the bytes of this one, so that a cache of
// prompts finds it again.
#include "plugins/provider/oci/chat/generic.hpp"
#include "plugins/provider/oci/chat/generic_messages.hpp"
#include "plugins/provider/oci/chat/request.hpp"

#include <algorithm>

namespace gatehouse::oci {

namespace {

std::string_view reasoning_effort(std::string_view effort) {
    if (!one_of(effort, {"DISABLE", "DISABLED", "OFF"}).empty()) return "NONE";
    if (!one_of(effort, {"XHIGH", "MAX"}).empty()) return "HIGH";
    return one_of(effort, {"NONE", "MINIMAL", "LOW", "MEDIUM", "HIGH"});
}

class Writer : RequestWriter {
public:
    Writer(const ChatRequest& request, const Model& model, bool stream)
        : RequestWriter(request, model, stream) {}

    Result<Written> write(std::string_view compartment_id) {
        if (auto ok = check(); !ok) return ok.error();
        open(compartment_id, "GENERIC");
        write_stream();
        write_sampling();
        write_preferences();
        if (auto ok = write_format(); !ok) return ok.error();
        write_web_search();
        if (auto ok = write_tools(); !ok) return ok.error();
        json_.key("messages");
        if (auto ok = write_generic_messages(json_, request_, model_); !ok) return ok.error();
        return close();
    }

private:
    void write_sampling() {
        const Sampling& sampling = request_.sampling;
        write_token_limit();
        number(RequestField::temperature, sampling.temperature);
        number(RequestField::top_p, sampling.top_p);
        number(RequestField::top_k, sampling.top_k);
        number(RequestField::frequency_penalty, sampling.frequency_penalty);
        number(RequestField::presence_penalty, sampling.presence_penalty);
        number(RequestField::seed, sampling.seed);
        write_stop("stop");
        if (sampling.n.value_or(1) != 1) number(RequestField::num_generations, sampling.n);
        if (sampling.logprobs.value_or(false) && begin(RequestField::log_probs))
            json_.value(std::max<std::int64_t>(1, sampling.top_logprobs.value_or(1)));
        raw(RequestField::logit_bias, sampling.logit_bias);
    }

    void write_preferences() {
        known_word(RequestField::reasoning_effort, request_.reasoning_effort,
                   reasoning_effort(request_.reasoning_effort));
        known_word(RequestField::verbosity, request_.verbosity,
                   one_of(request_.verbosity, {"LOW", "MEDIUM", "HIGH"}));
        known_word(RequestField::service_tier, request_.service_tier,
                   one_of(request_.service_tier, {"AUTO", "DEFAULT", "PRIORITY"}));
        raw(RequestField::metadata, request_.metadata);
        write_prediction();
    }

    /// An unknown word is omitted, because OCI would refuse the request.
    void known_word(RequestField field, std::string_view given, std::string_view known) {
        word(field, known);
        leave_out(!given.empty() && known.empty(), names_of(field).openai);
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

    Result<void> write_format() {
        using Kind = ResponseFormat::Kind;
        const ResponseFormat& format = request_.response_format;
        if (format.kind == Kind::unset || !begin(RequestField::response_format)) return {};
        json_.begin_object();
        if (!wants_schema())
            json_.member("type", format.kind == Kind::json_object ? "JSON_OBJECT" : "TEXT");
        else if (auto ok = write_json_schema(format); !ok)
            return ok.error();
        json_.end_object();
        return {};
    }

    Result<void> write_json_schema(const ResponseFormat& format) {
        const auto schema = response_schema();
        if (!schema) return schema.error();
        json_.member("type", "JSON_SCHEMA").key("jsonSchema").begin_object();
        json_.member("name", format.name.empty() ? std::string_view("response") : format.name);
        if (!format.description.empty()) json_.member("description", format.description);
        if (!schema->empty()) json_.key("schema").raw(*schema);
        json_.member("isStrict", format.strict).end_object();
        return {};
    }

    Result<void> write_tools() {
        const std::vector<std::size_t> tools = functions();
        if (tools.empty()) return {};
        json_.key("tools").begin_array();
        for (std::size_t index : tools) {
            const Tool& tool = request_.tools[index];
            const auto schema = parameters(index);
            if (!schema) return schema.error();
            json_.begin_object().member("type", "FUNCTION").member("name", tool.name);
            if (!tool.description.empty()) json_.member("description", tool.description);
            json_.key("parameters").raw(*schema).end_object();
        }
        json_.end_array();
        number(RequestField::parallel_tool_calls, request_.parallel_tool_calls);
        write_tool_choice();
        return {};
    }

    void write_tool_choice() {
        using Mode = ToolChoice::Mode;
        const ToolChoice& choice = request_.tool_choice;
        if (choice.mode == Mode::unset || !begin(RequestField::tool_choice)) return;
        json_.begin_object();
        switch (choice.mode) {
            case Mode::none: json_.member("type", "NONE"); break;
            case Mode::required: json_.member("type", "REQUIRED"); break;
            case Mode::named: json_.member("type", "FUNCTION").member("name", choice.name); break;
            case Mode::unset:
            case Mode::automatic:
            case Mode::other: json_.member("type", "AUTO"); break;
        }
        json_.end_object();
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
                const auto inner =
                    approximate ? object(*approximate) : outer;  // the Responses API has no inner object
                json_.key("userLocation").begin_object();
                for (std::string_view key : {"city", "region", "country", "timezone"})
                    if (const auto value = inner ? string_member(*inner, key) : std::string_view();
                        !value.empty())
                        json_.member(key, value);
                json_.end_object();
            }
        json_.end_object();
    }
};

}  // namespace

Result<Written> write_generic(const ChatRequest& request, const Model& model, std::string_view compartment_id,
                              bool stream) {
    return Writer(request, model, stream).write(compartment_id);
}

}  // namespace gatehouse::oci
