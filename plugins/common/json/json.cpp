// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/json/json.hpp"

#include <cmath>

namespace gatehouse::json {

namespace {

// A parser keeps the memory of the largest text that it has seen; past this
// it is given back, so that one huge body does not stay with every thread.
constexpr std::size_t keep_capacity = 1024 * 1024;

struct Parsers {
    std::optional<simdjson::dom::parser> validator;
    std::optional<simdjson::ondemand::parser> reader;

    void trim() {
        if (validator && validator->capacity() > keep_capacity) validator.reset();
        if (reader && reader->capacity() > keep_capacity) reader.reset();
    }
};

Parsers& parsers() {
    thread_local Parsers mine;
    return mine;
}

const char* reason(simdjson::error_code code) {
    switch (code) {
        case simdjson::EMPTY: return "it is empty";
        case simdjson::UTF8_ERROR: return "it is not valid UTF-8";
        case simdjson::DEPTH_ERROR: return "it is nested too deeply";
        case simdjson::UNCLOSED_STRING: return "a string is not closed";
        case simdjson::UNESCAPED_CHARS: return "a string has a control character that is not escaped";
        case simdjson::STRING_ERROR: return "a string has a wrong escape sequence";
        case simdjson::NUMBER_ERROR: return "a number is malformed or too large";
        case simdjson::T_ATOM_ERROR:
        case simdjson::F_ATOM_ERROR:
        case simdjson::N_ATOM_ERROR: return "a word is none of true, false and null";
        case simdjson::CAPACITY:
        case simdjson::MEMALLOC: return "it is too large";
        default: return "its syntax is wrong";
    }
}

Error invalid(simdjson::error_code code) {
    return {ErrorKind::bad_request, std::string("the body is not valid JSON: ") + reason(code)};
}

}  // namespace

Result<Document> Document::parse(std::string& text, std::size_t max_depth) {
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    Parsers& mine = parsers();
    if (!mine.validator) mine.validator.emplace();
    if (!mine.reader) mine.reader.emplace();

    simdjson::dom::parser& validator = *mine.validator;
    if (validator.capacity() < text.size() || validator.max_depth() != max_depth)
        if (auto code = validator.allocate(text.size(), max_depth)) return invalid(code);
    const auto whole = validator.parse(text.data(), text.size(), false);
    Document document;
    if (whole.error()) {
        mine.trim();
        return invalid(whole.error());
    }
    simdjson::ondemand::document read;
    if (auto code = mine.reader->iterate(simdjson::padded_string_view(text.data(), text.size(), text.capacity()))
                        .get(read))
        return invalid(code);
    document.document_ = std::move(read);
    return document;
}

Document::~Document() {
    if (!document_) return;
    document_.reset();
    parsers().trim();
}

std::optional<Object> Document::object() {
    Object top;
    if (document_->get_object().get(top)) return std::nullopt;
    return top;
}

Type type_of(Value& value) {
    Type type{};
    return value.type().get(type) ? Type{} : type;
}

std::optional<std::string_view> string(Value& value) {
    std::string_view text;
    if (value.get_string().get(text)) return std::nullopt;
    return text;
}

std::optional<bool> boolean(Value& value) {
    bool flag = false;
    if (value.get_bool().get(flag)) return std::nullopt;
    return flag;
}

std::optional<double> number(Value& value) {
    double found = 0;
    if (type_of(value) != Type::number || value.get_double().get(found)) return std::nullopt;
    return found;
}

std::optional<std::int64_t> integer(Value& value) {
    std::int64_t whole = 0;
    if (type_of(value) != Type::number) return std::nullopt;
    if (!value.get_int64().get(whole)) return whole;
    double found = 0;
    if (value.get_double().get(found)) return std::nullopt;
    if (std::trunc(found) != found || std::abs(found) > 9.0e15) return std::nullopt;
    return static_cast<std::int64_t>(found);
}

std::optional<Object> object(Value& value) {
    Object found;
    if (value.get_object().get(found)) return std::nullopt;
    return found;
}

std::optional<Array> array(Value& value) {
    Array found;
    if (value.get_array().get(found)) return std::nullopt;
    return found;
}

std::string_view raw(Value& value) {
    std::string_view text;
    if (simdjson::to_json_string(value).get(text)) return {};
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

}  // namespace gatehouse::json
