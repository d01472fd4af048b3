// SPDX-License-Identifier: Apache-2.0
// Structured fields that shape the answer.
#include "plugins/dialect/openai/fields.hpp"

namespace gatehouse::openai_dialect {

namespace {

bool read_json_schema(Reader& reader, json::Value& value, const Where& where, ResponseFormat& format) {
    json::Object object;
    if (!reader.open(value, where, "an object with name and schema", object)) return false;
    format = {.kind = ResponseFormat::Kind::json_schema};
    Unknown unknown;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "name") return reader.read(member, Where(where, "name"), format.name);
        if (key == "description") return reader.read(member, Where(where, "description"), format.description);
        if (key == "schema") return reader.read_object(member, Where(where, "schema"), format.schema);
        if (key == "strict") return reader.read(member, Where(where, "strict"), format.strict);
        unknown.add(key, json::raw(member));
        return true;
    });
    format.inner_extra = unknown.take();
    return read && (!format.name.empty() || reader.missing(Where(where, "name"), "a name for the schema"));
}

}  // namespace

bool read_response_format(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    using Kind = ResponseFormat::Kind;
    ResponseFormat& format = draft.request.response_format;
    format = {};
    if (json::is_null(value)) return true;
    json::Object object;
    std::string type;
    if (!reader.open(value, where, "an object with a type", object)) return false;
    if (!reader.read_type(object, where, type)) return false;
    if (type.empty()) return reader.refuse(Where(where, "type"), "must not be empty");
    format.kind = type == "text"          ? Kind::text
                  : type == "json_object" ? Kind::json_object
                  : type == "json_schema" ? Kind::json_schema
                                          : Kind::other;
    if (format.kind == Kind::other) {
        format.json.text = json::raw(object);  // the upstream knows its kinds
        return true;
    }
    const bool schema = format.kind == Kind::json_schema;
    const Where at(where, "json_schema");
    bool given = !schema;
    Unknown unknown;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "type") return true;
        if (!schema || key != "json_schema") {
            unknown.add(key, json::raw(member));
            return true;
        }
        if (json::is_null(member)) return true;
        given = true;
        return read_json_schema(reader, member, at, format);
    });
    format.extra = unknown.take();
    return read && (given || reader.missing(at, "an object with name and schema"));
}

bool read_stream_options(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    draft.request.include_usage = false;
    draft.request.stream_extra = {};
    if (json::is_null(value)) return true;
    json::Object object;
    if (!reader.open(value, where, "an object", object)) return false;
    Unknown unknown;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key != "include_usage") {
            unknown.add(key, json::raw(member));
            return true;
        }
        std::optional<bool> flag;
        if (!reader.read(member, Where(where, "include_usage"), flag)) return false;
        draft.request.include_usage = flag.value_or(false);
        return true;
    });
    draft.request.stream_extra = unknown.take();
    return read;
}

bool read_stop(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    std::vector<std::string>& stop = draft.request.sampling.stop;
    stop.clear();
    if (json::is_null(value)) return true;
    if (json::type_of(value) == json::Type::string) return json::take_string(value, stop.emplace_back());
    json::Array words;
    if (!reader.open(value, where, "a string or an array of strings", words)) return false;
    return reader.read_strings(words, where, draft.bounds.stop, stop);
}

bool read_logit_bias(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    JsonText& bias = draft.request.sampling.logit_bias;
    bias.text.clear();
    if (json::is_null(value)) return true;
    json::Object object;
    if (!reader.open(value, where, "an object of numbers by token id", object)) return false;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        const auto number = json::number(member);
        return (number && *number >= -100 && *number <= 100) ||
               reader.wrong_type(Where(where, key), "a number between -100 and 100", member);
    });
    if (read) bias.text = json::raw(object);
    return read;
}

bool read_modalities(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    JsonText& modalities = draft.request.modalities;
    modalities.text.clear();
    if (json::is_null(value)) return true;
    json::Array words;
    if (!reader.open(value, where, "an array of strings", words)) return false;
    const bool read = json::for_each(words, [&](json::Value& item, std::size_t index) {
        return json::type_of(item) == json::Type::string ||
               reader.wrong_type(Where(where, index), "a string", item);
    });
    if (read) modalities.text = json::raw(words);
    return read;
}

}  // namespace gatehouse::openai_dialect
