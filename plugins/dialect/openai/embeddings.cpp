// SPDX-License-Identifier: Apache-2.0
// Members of an embedding request, with types and ranges.
#include "plugins/dialect/openai/embeddings.hpp"

#include "plugins/dialect/openai/body.hpp"

namespace gatehouse::openai_dialect {

namespace {

constexpr std::int64_t max_dimensions = 65'536;
constexpr const char* expected_input = "a string or a non-empty array of strings";

// Numbers are tokens of OpenAI's own models.  Other models cannot read them.
bool refuse_tokens(Reader& reader, const Where& where) {
    return reader.refuse(where, std::string("must be ") + expected_input +
                                    "; arrays of tokens are not supported: send the text itself");
}

bool take_text(Reader& reader, json::Value& value, const Where& where, std::vector<std::string>& inputs) {
    return json::take_string(value, inputs.emplace_back()) &&
           (!inputs.back().empty() || reader.refuse(where, "must not be an empty string"));
}

bool read_inputs(Reader& reader, json::Value& value, const Where& where, const Bounds& bounds,
                 std::vector<std::string>& inputs) {
    inputs.clear();
    if (json::is_null(value)) return true;  // missing; reported later
    if (json::type_of(value) == json::Type::string) return take_text(reader, value, where, inputs);
    json::Array list;
    if (!reader.open(value, where, expected_input, list)) return false;
    return json::for_each(list, [&](json::Value& item, std::size_t index) {
        if (index >= bounds.inputs)
            return reader.refuse(where, "must have at most " + std::to_string(bounds.inputs) + " strings");
        switch (json::type_of(item)) {
            case json::Type::string: return take_text(reader, item, Where(where, index), inputs);
            case json::Type::number: return refuse_tokens(reader, where);
            case json::Type::array: return refuse_tokens(reader, Where(where, index));
            case json::Type::object:
            case json::Type::boolean:
            case json::Type::null: break;
        }
        return reader.wrong_type(Where(where, index), "a string", item);
    });
}

bool read_encoding(Reader& reader, json::Value& value, const Where& where, bool& base64) {
    std::string word;
    if (!reader.read(value, where, word)) return false;
    base64 = word == "base64";
    return base64 || word == "float" || json::is_null(value) ||
           reader.wrong_word(where, {"float", "base64"}, word);
}

}  // namespace

Result<ParsedEmbeddings> parse_embeddings(std::string& body, const Bounds& bounds) {
    Reader reader;
    ParsedEmbeddings parsed;
    EmbeddingRequest& request = parsed.request;
    Unknown unknown;
    std::string user;  // checked, but not sent upstream
    auto member = [&](std::string_view key, json::Value& value) {
        const Where where(key);
        if (key == "model") return read_model(reader, value, where, request.model);
        if (key == "input") return read_inputs(reader, value, where, bounds, request.inputs);
        if (key == "encoding_format") return read_encoding(reader, value, where, parsed.base64);
        if (key == "dimensions")
            return reader.read_integer(value, where, 1, max_dimensions, request.dimensions);
        if (key == "input_type") return reader.read(value, where, request.input_type);
        if (key == "truncate") return reader.read(value, where, request.truncate);
        if (key == "user") return reader.read(value, where, user);
        unknown.add(key, json::raw(value));
        return true;
    };
    auto read = read_body(body, bounds.json_depth, reader, [&](json::Object& top) {
        if (!json::for_each(top, member)) return false;
        if (request.model.empty()) return reader.missing(Where("model"), "the name of a model");
        return !request.inputs.empty() || reader.missing(Where("input"), expected_input);
    });
    if (!read) return read.error();
    request.extra = unknown.take();
    return parsed;
}

}  // namespace gatehouse::openai_dialect
