// SPDX-License-Identifier: Apache-2.0
// Members of an embedding request, with types and ranges.
#include "plugins/dialect/openai/embeddings.hpp"

#include "plugins/dialect/openai/body.hpp"

#include <limits>

namespace gatehouse::openai_dialect {

namespace {

constexpr std::int64_t max_dimensions = 65'536;
constexpr const char* expected_input = "a string, an array of token ids, or a non-empty array of either";

bool take_text(Reader& reader, json::Value& value, const Where& where, EmbeddingRequest& request) {
    if (!request.tokens.empty()) return reader.wrong_type(where, "an array of token ids", value);
    return json::take_string(value, request.inputs.emplace_back()) &&
           (!request.inputs.back().empty() || reader.refuse(where, "must not be an empty string"));
}

/// Ids of the tokens of one input.  The upstream knows their range.
bool take_tokens(Reader& reader, json::Value& value, const Where& where, EmbeddingRequest& request) {
    if (!request.inputs.empty()) return reader.wrong_type(where, "a string", value);
    json::Array ids;
    bool any = false;
    if (!reader.open(value, where, "an array of token ids", ids)) return false;
    const bool read = json::for_each(ids, [&](json::Value& id, std::size_t index) {
        std::optional<std::int64_t> number;
        any = true;
        return reader.read_integer(id, Where(where, index), 0, std::numeric_limits<std::int32_t>::max(),
                                   number) &&
               (number || reader.wrong_type(Where(where, index), "a token id", id));
    });
    if (read) request.tokens.push_back({std::string(json::raw(ids))});
    return read && (any || reader.refuse(where, "must not be an empty array"));
}

bool begins_with_number(json::Value& list) {
    const std::string_view text = json::raw(list);
    const std::size_t first = text.find_first_not_of(" \t\r\n", 1);
    return first != text.npos && (text[first] == '-' || (text[first] >= '0' && text[first] <= '9'));
}

bool read_inputs(Reader& reader, json::Value& value, const Where& where, const Bounds& bounds,
                 EmbeddingRequest& request) {
    request.inputs.clear();
    request.tokens.clear();
    if (json::is_null(value)) return true;  // missing; reported later
    if (json::type_of(value) == json::Type::string) return take_text(reader, value, where, request);
    if (json::type_of(value) == json::Type::array && begins_with_number(value))
        return take_tokens(reader, value, where, request);
    json::Array list;
    if (!reader.open(value, where, expected_input, list)) return false;
    return json::for_each(list, [&](json::Value& item, std::size_t index) {
        if (index >= bounds.inputs)
            return reader.refuse(where, "must have at most " + std::to_string(bounds.inputs) + " inputs");
        switch (json::type_of(item)) {
            case json::Type::string: return take_text(reader, item, Where(where, index), request);
            case json::Type::array: return take_tokens(reader, item, Where(where, index), request);
            case json::Type::number:
            case json::Type::object:
            case json::Type::boolean:
            case json::Type::null: break;
        }
        return reader.wrong_type(Where(where, index), "a string or an array of token ids", item);
    });
}

/// OpenAI's words, and those of models whose vectors have smaller numbers.
bool read_encoding(Reader& reader, json::Value& value, const Where& where, ParsedEmbeddings& parsed) {
    std::string word;
    if (!reader.read(value, where, word)) return false;
    parsed.base64 = word == "base64";
    if (parsed.base64 || word == "float" || json::is_null(value)) return true;
    for (const char* smaller : {"int8", "uint8", "binary", "ubinary"})
        if (word == smaller) {
            parsed.request.encoding = word;
            return true;
        }
    return reader.wrong_word(where, {"float", "base64", "int8", "uint8", "binary", "ubinary"}, word);
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
        if (key == "input") return read_inputs(reader, value, where, bounds, request);
        if (key == "encoding_format") return read_encoding(reader, value, where, parsed);
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
        return input_count(request) > 0 || reader.missing(Where("input"), expected_input);
    });
    if (!read) return read.error();
    request.extra = unknown.take();
    return parsed;
}

}  // namespace gatehouse::openai_dialect
