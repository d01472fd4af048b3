// SPDX-License-Identifier: Apache-2.0
// simdjson's parsers, one pair per thread, and values read from the validated text.
#include "plugins/common/json/json.hpp"

#include "plugins/common/json/huge_numbers.hpp"

#include <algorithm>
#include <cmath>

namespace gatehouse::json {

namespace {

// A parser keeps the memory of the largest text that it has seen; past this
// it is given back, so that one huge body does not stay with every thread.
constexpr std::size_t keep_capacity = 1024 * 1024;
// Grown to at once, so that a session's slowly growing bodies do not allocate anew each time.
constexpr std::size_t first_capacity = 128 * 1024;

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

bool has_escape(std::string_view inside) { return inside.find('\\') != std::string_view::npos; }

Error invalid(simdjson::error_code code) {
    return {ErrorKind::bad_request, std::string("the body is not valid JSON: ") + reason(code)};
}

/// Whether nothing but the size of numbers is wrong with `text`.
bool has_huge_numbers_only(simdjson::dom::parser& validator, std::string_view text) {
    std::string rest = without_huge_numbers(text);
    if (rest.empty()) return false;
    rest.reserve(rest.size() + simdjson::SIMDJSON_PADDING);
    return !validator.parse(rest.data(), rest.size(), false).error();
}

}  // namespace

Result<Document> Document::parse(std::string& text, std::size_t max_depth, std::optional<Error>* huge) {
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    Parsers& mine = parsers();
    if (!mine.validator) mine.validator.emplace();
    if (!mine.reader) mine.reader.emplace();

    simdjson::dom::parser& validator = *mine.validator;
    if (validator.capacity() < text.size() || validator.max_depth() != max_depth)
        if (auto failed = validator.allocate(std::max(text.size(), first_capacity), max_depth))
            return invalid(failed);
    auto code = validator.parse(text.data(), text.size(), false).error();
    if (code == simdjson::NUMBER_ERROR && huge && has_huge_numbers_only(validator, text)) {
        *huge = invalid(code);
        code = simdjson::SUCCESS;
    }
    // What the validator has built of a large text goes before the reader needs as much again.
    if (validator.capacity() > keep_capacity) mine.validator.reset();
    if (code) return invalid(code);

    Document document;
    if (mine.reader->capacity() < text.size())
        if (code = mine.reader->allocate(std::max(text.size(), first_capacity)); code) return invalid(code);
    code = mine.reader->iterate(simdjson::padded_string_view(text.data(), text.size(), text.capacity()))
               .get(document.document_);
    if (code) {
        mine.trim();
        return invalid(code);
    }
    document.live_ = true;
    return document;
}

Document::~Document() {
    if (live_) parsers().trim();
}

std::optional<Object> Document::object() {
    Object top;
    if (document_.get_object().get(top)) return std::nullopt;
    return top;
}

Type Document::type() {
    Type type{};
    return document_.type().get(type) ? Type{} : type;
}

Type type_of(Value& value) {
    Type type{};
    return value.type().get(type) ? Type{} : type;
}

namespace {

// The inside of a string value, escapes and all, or nothing if it is none.
std::optional<std::string_view> inside(Value& value) {
    const std::string_view token = value.raw_json_token();
    if (token.empty() || token.front() != '"') return std::nullopt;
    const std::size_t last = token.rfind('"');  // after it come blanks only
    if (last == 0) return std::nullopt;
    return token.substr(1, last - 1);
}

}  // namespace

std::optional<std::string_view> string(Value& value) {
    const auto text = inside(value);
    if (!text || !has_escape(*text)) return text;
    std::string_view unescaped;
    if (value.get_string().get(unescaped)) return std::nullopt;
    return unescaped;
}

bool take_string(Value& value, std::string& out) {
    const auto text = inside(value);
    if (!text) return false;
    out.clear();
    detail::append_unescaped(*text, out);
    return true;
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

namespace {

std::string_view without_blanks(std::string_view text) {
    const std::size_t last = text.find_last_not_of(" \n\r\t");
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

std::string_view raw(Value& value) {
    std::string_view text;
    return simdjson::to_json_string(value).get(text) ? std::string_view() : without_blanks(text);
}

std::string_view raw(Object& object) {
    std::string_view text;
    if (object.reset().error() || object.raw_json().get(text)) return {};
    return without_blanks(text);
}

std::string_view raw(Array& array) {
    std::string_view text;
    if (array.reset().error() || array.raw_json().get(text)) return {};
    return without_blanks(text);
}

namespace detail {

std::string_view inside_of(const char* begin) {
    const char* end = begin;
    for (; *end != '"'; ++end)
        if (*end == '\\') ++end;
    return {begin, static_cast<std::size_t>(end - begin)};
}

namespace {

// Four hexadecimal digits, which have been checked.
unsigned code_unit(const char* digits) {
    unsigned value = 0;
    for (int i = 0; i < 4; ++i) {
        const char c = digits[i];
        value = value * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
}

void append_utf8(unsigned code, std::string& out) {
    auto tail = [&](int shift) { out += static_cast<char>(0x80 | (code >> shift & 0x3F)); };
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0 | code >> 6);
        tail(0);
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0 | code >> 12);
        tail(6), tail(0);
    } else {
        out += static_cast<char>(0xF0 | code >> 18);
        tail(12), tail(6), tail(0);
    }
}

}  // namespace

void append_unescaped(std::string_view inside, std::string& out) {
    out.reserve(out.size() + inside.size());
    while (!inside.empty()) {
        const std::size_t plain = std::min(inside.find('\\'), inside.size());
        out.append(inside, 0, plain);
        inside.remove_prefix(plain);
        if (inside.size() < 2) return;
        const char escape = inside[1];
        std::size_t length = 2;
        switch (escape) {
            case 'b': out += '\b'; break;
            case 'f': out += '\f'; break;
            case 'n': out += '\n'; break;
            case 'r': out += '\r'; break;
            case 't': out += '\t'; break;
            case 'u': {
                if (inside.size() < 6) return;
                unsigned code = code_unit(inside.data() + 2);
                length = 6;
                if (code >= 0xD800 && code < 0xDC00 && inside.size() >= 12) {
                    code = 0x10000 + ((code - 0xD800) << 10) + (code_unit(inside.data() + 8) - 0xDC00);
                    length = 12;
                }
                append_utf8(code, out);
                break;
            }
            default: out += escape;  // a quote, a slash or a backslash
        }
        inside.remove_prefix(length);
    }
}

}  // namespace detail

}  // namespace gatehouse::json
