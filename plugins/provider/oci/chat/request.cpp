// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/chat/request.hpp"

#include "plugins/common/text/text.hpp"
#include "plugins/common/upstream/error_body.hpp"
#include "plugins/provider/oci/schema/cache.hpp"
#include "plugins/provider/oci/text.hpp"

#include <algorithm>

namespace gatehouse::oci {

namespace {

constexpr std::size_t max_left_out = 32;  // fields named in one log line

std::size_t size_of(const ChatRequest& request) {
    std::size_t size = 512;
    for (const Message& message : request.messages) {
        size += 128 + message.refusal.size() + message.reasoning.size();
        for (const Part& part : message.parts) {
            size += 96;
            if (auto* text = std::get_if<Text>(&part)) size += text->text.json_size();
            if (auto* image = std::get_if<Image>(&part)) size += image->url.json_size();
            if (auto* audio = std::get_if<Audio>(&part)) size += audio->data.json_size();
            if (auto* file = std::get_if<File>(&part)) size += file->data.json_size();
            if (auto* thought = std::get_if<Thought>(&part)) size += thought->text.json_size();
        }
        for (const ToolCall& call : message.tool_calls) size += 128 + call.arguments.json_size();
    }
    for (const Tool& tool : request.tools)
        size += 128 + tool.description.json_size() + tool.parameters.text.size();
    return size + request.response_format.schema.text.size() + request.metadata.text.size();
}

/// Whether the array `modalities` names a modality other than text.
bool wants_more_than_text(const JsonText& modalities) {
    if (modalities.empty()) return false;
    std::string text = modalities.text;
    const auto tree = Tree::parse(text);
    const auto list = tree ? array(tree->root()) : std::nullopt;
    if (!list) return false;
    for (dom::element word : *list)
        if (string(word).value_or("text") != "text") return true;
    return false;
}

/// The object `schema` next to {"type":"json_object"}, or an empty text.
std::string schema_beside(const ResponseFormat& format) {
    if (format.kind != ResponseFormat::Kind::json_object) return {};
    std::string schema = json::member_of(format.extra, "schema");
    return common::trimmed(schema).starts_with('{') ? schema : std::string();
}

std::string quoted_type_of(const JsonText& format) {
    std::string text = format.text;
    const auto tree = Tree::parse(text);
    const auto top = tree ? object(tree->root()) : std::nullopt;
    const std::string_view type = top ? string_member(*top, "type") : std::string_view();
    return type.empty() ? std::string() : in_quotes(presentable(type, 64));
}

Error at(Error error, std::string param) {
    error.param = std::move(param);
    return error;
}

}  // namespace

std::string_view one_of(std::string_view value, std::initializer_list<std::string_view> words) {
    for (std::string_view word : words)
        if (word.size() == value.size() &&
            std::equal(word.begin(), word.end(), value.begin(),
                       [](char w, char v) { return w == v || (v >= 'a' && v <= 'z' && w == v - 32); }))
            return word;
    return {};
}

Error no_place(std::string message, std::string param) {
    return {.kind = ErrorKind::unsupported, .message = std::move(message), .param = std::move(param)};
}

RequestWriter::RequestWriter(const ChatRequest& request, const Model& model, bool stream)
    : request_(request),
      model_(model),
      stream_(stream),
      json_(out_.body),
      extras_(request.extra),
      schema_beside_{schema_beside(request.response_format)} {
    out_.body.reserve(size_of(request));
}

Result<void> RequestWriter::check() const {
    using Mode = ToolChoice::Mode;
    const bool has_functions = std::any_of(request_.tools.begin(), request_.tools.end(),
                                           [](const Tool& tool) { return tool.type == "function"; });
    if (has_functions && !model_.tools && request_.tool_choice.mode != Mode::none)
        return no_place("model \"" + model_.id.substr(0, 200) +
                            "\" does not support tools: omit tools, or use another model",
                        "tools");
    if (has_functions && request_.tool_choice.mode == Mode::other)
        return no_place(
            "OCI does not support this tool choice: use \"auto\", \"none\", \"required\" or one function",
            "tool_choice");
    if (wants_more_than_text(request_.modalities))
        return no_place("OCI's chats produce only text: omit modalities, or set it to [\"text\"]",
                        "modalities");
    return check_format();
}

Result<void> RequestWriter::check_format() const {
    const ResponseFormat& format = request_.response_format;
    if (format.kind != ResponseFormat::Kind::other || model_.drop.has(RequestField::response_format))
        return {};
    const std::string type = quoted_type_of(format.json);
    return no_place("OCI does not support " +
                        (type.empty() ? "this response_format.type" : "the response_format.type " + type) +
                        ": use \"text\", \"json_object\" or \"json_schema\"",
                    "response_format.type");
}

void RequestWriter::open(std::string_view compartment_id, std::string_view api_format) {
    json_.begin_object().member("compartmentId", compartment_id).key("servingMode").begin_object();
    if (model_.dedicated)
        json_.member("servingType", "DEDICATED").member("endpointId", model_.id);
    else
        json_.member("servingType", "ON_DEMAND").member("modelId", model_.id);
    json_.end_object().key("chatRequest").begin_object().member("apiFormat", api_format);
}

Written RequestWriter::close() {
    json_.end_object().end_object();
    leave_out(!request_.modalities.empty(), "modalities");
    leave_out(!request_.audio.empty(), "audio");
    leave_out(request_.store.has_value(), "store");
    leave_out(!request_.user.empty(), "user");
    leave_out(!request_.safety_identifier.empty(), "safety_identifier");
    leave_out(!request_.prompt_cache_key.empty(), "prompt_cache_key");
    for (const json::Extras::Member& member : extras_.all()) leave_out(!member.used, member.name);
    return std::move(out_);
}

bool RequestWriter::begin(RequestField field, std::string_view name) {
    if (model_.drop.has(field)) {
        leave_out(names_of(field).openai);
        return false;
    }
    out_.sent.add(field);
    json_.key(name);
    return true;
}

void RequestWriter::write_stream() {
    if (!stream_) return;
    json_.member("isStream", true);
    // Usage is always requested.  The gateway counts it, and hides it if the
    // client did not request it.
    if (begin(RequestField::stream_options)) json_.begin_object().member("isIncludeUsage", true).end_object();
}

void RequestWriter::write_token_limit() {
    std::int64_t limit = request_.sampling.output_limit().value_or(model_.max_tokens);
    if (model_.max_tokens_cap) limit = std::min(limit, *model_.max_tokens_cap);
    if (begin(RequestField::token_limit, model_.max_completion_tokens ? "maxCompletionTokens" : "maxTokens"))
        json_.value(limit);
}

void RequestWriter::write_stop(std::string_view name) {
    if (request_.sampling.stop.empty() || !begin(RequestField::stop, name)) return;
    json_.begin_array();
    for (const std::string& stop : request_.sampling.stop) json_.value(stop);
    json_.end_array();
}

void RequestWriter::leave_out(std::string_view name) {
    if (out_.left_out.size() < max_left_out) out_.left_out.emplace_back(name.substr(0, 64));
}

std::vector<std::size_t> RequestWriter::functions() {
    std::vector<std::size_t> found;
    if (!model_.tools) return found;
    found.reserve(request_.tools.size());
    for (std::size_t i = 0; i < request_.tools.size(); ++i) {
        if (request_.tools[i].type == "function")
            found.push_back(i);
        else
            leave_out("tools[" + std::to_string(i) + "] of type " + request_.tools[i].type.substr(0, 40));
    }
    return found;
}

Result<std::string_view> RequestWriter::acceptable(std::string_view schema, bool arguments) {
    return SchemaCache::of_this_thread().acceptable(
        schema, {.arguments = arguments, .exclusive_bounds = model_.exclusive_bounds}, budget_);
}

Result<std::string_view> RequestWriter::parameters(std::size_t index) {
    auto schema = acceptable(request_.tools[index].parameters.text, true);
    if (schema) return schema;
    return at(schema.error(), "tools[" + std::to_string(index) + "].function.parameters");
}

bool RequestWriter::wants_schema() const {
    return request_.response_format.kind == ResponseFormat::Kind::json_schema || !schema_beside_.empty();
}

Result<std::string_view> RequestWriter::response_schema() {
    const bool beside = !schema_beside_.empty();
    auto schema = acceptable(beside ? schema_beside_.text : request_.response_format.schema.text, false);
    if (schema) return schema;
    return at(schema.error(), beside ? "response_format.schema" : "response_format.json_schema.schema");
}

}  // namespace gatehouse::oci
