// SPDX-License-Identifier: Apache-2.0
// Fields that shape the answer.
#include "plugins/dialect/openai/responses/draft.hpp"

namespace gatehouse::openai_dialect::responses {

namespace {

/// {type, name, schema, strict, description}: Chat Completions has an object within it.
bool read_schema(Reader& reader, json::Object& object, const Where& where, ResponseFormat& format) {
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "name") return reader.read(member, Where(where, "name"), format.name);
        if (key == "description") return reader.read(member, Where(where, "description"), format.description);
        if (key == "schema") return reader.read_object(member, Where(where, "schema"), format.schema);
        if (key == "strict") return reader.read(member, Where(where, "strict"), format.strict);
        return true;
    });
    if (!read) return false;
    if (format.name.empty()) return reader.missing(Where(where, "name"), "a name for the schema");
    return !format.schema.empty() || reader.missing(Where(where, "schema"), "a JSON schema");
}

bool read_format(Reader& reader, json::Value& value, const Where& where, ResponseFormat& format) {
    using Kind = ResponseFormat::Kind;
    format = {};
    if (json::is_null(value)) return true;
    json::Object object;
    std::string type;
    if (!reader.open(value, where, "an object with a type", object)) return false;
    if (!reader.read_type(object, where, type)) return false;
    if (type == "text") return true;
    if (type != "json_object" && type != "json_schema")
        return reader.wrong_word(Where(where, "type"), {"text", "json_object", "json_schema"}, type);
    format.kind = type == "json_object" ? Kind::json_object : Kind::json_schema;
    return format.kind == Kind::json_object || read_schema(reader, object, where, format);
}

}  // namespace

bool read_text(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft) {
    draft.request.response_format = {};
    draft.request.verbosity.clear();
    draft.text = {};
    if (json::is_null(value)) return true;
    json::Object object;
    if (!reader.open(value, where, "an object", object)) return false;
    return json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "format")
            return read_format(reader, member, Where(where, "format"), draft.request.response_format);
        if (key == "verbosity")
            return reader.read(member, Where(where, "verbosity"), draft.request.verbosity);
        if (!json::is_null(member)) draft.text.add(key, json::raw(member));
        return true;
    });
}

bool read_reasoning(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft) {
    ChatRequest& request = draft.request;
    request.reasoning_effort.clear();
    request.reasoning_summary.clear();
    draft.reasoning = {};
    if (json::is_null(value)) return true;
    json::Object object;
    if (!reader.open(value, where, "an object", object)) return false;
    return json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "effort") return reader.read(member, Where(where, "effort"), request.reasoning_effort);
        if (json::is_null(member)) return true;
        if (key == "summary" || key == "generate_summary")
            return reader.read(member, Where(where, key), request.reasoning_summary);
        draft.reasoning.add(key, json::raw(member));
        return true;
    });
}

bool read_include(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft) {
    draft.logprobs = draft.encrypted = false;
    if (json::is_null(value)) return true;
    json::Array words;
    if (!reader.open(value, where, "an array of strings", words)) return false;
    return json::for_each(words, [&](json::Value& item, std::size_t index) {
        std::string word;
        if (!json::take_string(item, word)) return reader.wrong_type(Where(where, index), "a string", item);
        draft.logprobs |= word == "message.output_text.logprobs";
        draft.encrypted |= word == "reasoning.encrypted_content";
        return true;
    });
}

bool read_stream_options(Reader& reader, json::Value& value, const Where& where, ResponseDraft&) {
    json::Object object;
    return json::is_null(value) || reader.open(value, where, "an object", object);
}

}  // namespace gatehouse::openai_dialect::responses
