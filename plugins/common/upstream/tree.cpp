// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/tree.hpp"

#include "plugins/common/upstream/half_characters.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace gatehouse::upstream {

namespace {

// A parser keeps the memory of its largest text.  Memory above this limit is freed, so that
// one huge response does not stay allocated in every thread.
constexpr std::size_t keep_capacity = 1024 * 1024;
constexpr std::size_t first_capacity = 16 * 1024;
constexpr std::size_t max_depth = 256;

thread_local std::optional<dom::parser> parser;
thread_local std::string_view source;  // the text of the parser's tree
// Each call of as_written() reads the whole tree.
constexpr int most_written = 100;
thread_local int written_left = 0;

bool is_low_surrogate(std::string_view escape) {  // "\udc00" to "\udfff"
    return escape.size() >= 6 && escape[0] == '\\' && escape[1] == 'u' &&
           (escape[2] == 'd' || escape[2] == 'D') &&
           ((escape[3] >= 'c' && escape[3] <= 'f') || (escape[3] >= 'C' && escape[3] <= 'F'));
}
bool is_high_surrogate(std::string_view escape) {  // "\ud800" to "\udbff"
    return escape.size() >= 6 && escape[0] == '\\' && escape[1] == 'u' &&
           (escape[2] == 'd' || escape[2] == 'D') &&
           (escape[3] == '8' || escape[3] == '9' || (escape[3] >= 'a' && escape[3] <= 'b') ||
            (escape[3] >= 'A' && escape[3] <= 'B'));
}

/// The value of an escape such as "\\ud83d".
std::uint16_t value_of(std::string_view escape) {
    std::uint16_t value = 0;
    std::from_chars(escape.data() + 2, escape.data() + 6, value, 16);
    return value;
}

/// A surrogate that is written as three bytes, which is not valid UTF-8.
bool is_raw_surrogate(std::string_view text) {
    auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    return text.size() >= 3 && byte(0) == 0xED && byte(1) >= 0xA0 && byte(1) <= 0xBF &&
           (byte(2) & 0xC0) == 0x80;
}
std::uint16_t value_of_raw(std::string_view text) {
    const auto high = static_cast<unsigned char>(text[1]), low = static_cast<unsigned char>(text[2]);
    return static_cast<std::uint16_t>(0xD000 | (high & 0x3F) << 6 | (low & 0x3F));
}

/// Replaces invalid UTF-8 and half surrogate pairs in `text`.  Some services cut a character
/// into two events: with `marks` a half becomes a mark.
std::string repaired(std::string_view text, bool marks) {
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    std::string out;
    out.reserve(text.size() + 16);
    for (std::size_t i = 0; i < text.size();) {
        const std::string_view rest = text.substr(i);
        if (is_high_surrogate(rest) && is_low_surrogate(rest.substr(6))) {
            out += rest.substr(0, 12);
            i += 12;
        } else if (is_high_surrogate(rest) || is_low_surrogate(rest)) {
            out += marks ? marked_half(value_of(rest)) : std::string(replacement);
            i += 6;
        } else if (marks && is_raw_surrogate(rest)) {
            out += marked_half(value_of_raw(rest));
            i += 3;
        } else if (rest[0] == '\\' && rest.size() > 1) {
            out += rest.substr(0, 2);
            i += 2;
        } else if (const std::size_t length = detail::utf8_length(rest)) {
            out += rest.substr(0, length);
            i += length;
        } else {
            out += replacement;
            ++i;
        }
    }
    return out;
}

/// The position behind the string that begins at `at`.
std::size_t behind_string(std::string_view json, std::size_t at) {
    for (++at; at < json.size() && json[at] != '"'; ++at)
        if (json[at] == '\\') ++at;
    return std::min(at + 1, json.size());
}

/// `json` with a fraction behind each integer that may need more than 64 bits.
std::string with_fractions(std::string_view json) {
    constexpr std::string_view of_numbers = "0123456789+-.eE";
    std::string out;
    for (std::size_t at = 0; at < json.size();) {
        std::size_t end = json[at] == '"' ? behind_string(json, at) : json.find_first_not_of(of_numbers, at);
        const bool other = end == at;
        end = other ? at + 1 : std::min(end, json.size());
        const std::string_view token = json.substr(at, end - at);
        out += token;
        const bool integer = !other && json[at] != '"' && token.find_first_of(".eE") == token.npos;
        if (integer && token.size() > 18) out += ".0";
        at = end;
    }
    return out;
}

simdjson::error_code parse_into(dom::element& root, std::string& text) {
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    if (!parser) {
        parser.emplace();
        if (auto code = parser->allocate(first_capacity, max_depth)) return code;
    }
    source = text;
    written_left = most_written;
    return parser->parse(text.data(), text.size(), false).get(root);
}

void trim() {
    if (parser && parser->capacity() > keep_capacity) parser.reset();
}

}  // namespace

std::optional<Tree> Tree::parse(std::string& text) { return parse(text, false); }
std::optional<Tree> Tree::parse_event(std::string& text) { return parse(text, true); }

std::optional<Tree> Tree::parse(std::string& text, bool marks) {
    dom::element root;
    auto code = parse_into(root, text);
    const bool broken = code == simdjson::UTF8_ERROR || code == simdjson::STRING_ERROR;
    if (broken) {
        text = repaired(text, marks);
        code = parse_into(root, text);
    }
    if (code == simdjson::NUMBER_ERROR) {
        std::string rounded = with_fractions(text);
        code = parse_into(root, rounded);
        source = text;
    }
    if (code) {
        trim();
        return std::nullopt;
    }
    return Tree(root, broken && marks);
}

Tree::~Tree() {
    if (owner_) trim();
}

namespace {

/// Counts the members in `value` up to the one whose key is at `key`.  Returns true at that one.
bool count_to(dom::element value, const char* key, std::size_t& count) {
    if (const auto list = array(value)) {
        for (dom::element element : *list)
            if (count_to(element, key, count)) return true;
        return false;
    }
    const auto members = object(value);
    if (!members) return false;
    for (const auto member : *members) {
        if (member.key.data() == key) return true;
        ++count;
        if (count_to(member.value, key, count)) return true;
    }
    return false;
}

/// The position behind the colon of the member with this number.
std::size_t behind_key(std::string_view json, std::size_t number) {
    for (std::size_t at = 0; at < json.size(); ++at) {
        if (json[at] == ':' && number-- == 0) return json.find_first_not_of(" \t\r\n", at + 1);
        if (json[at] == '"') at = behind_string(json, at) - 1;
    }
    return json.npos;
}

/// The value at `begin`.
std::string_view value_at(std::string_view json, std::size_t begin) {
    int depth = 0;
    std::size_t at = begin;
    while (at < json.size()) {
        const char c = json[at];
        if (depth == 0 && std::string_view(",]} \t\r\n").find(c) != std::string_view::npos) break;
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
        at = c == '"' ? behind_string(json, at) : at + 1;
    }
    return json.substr(begin, at - begin);
}

}  // namespace

std::optional<std::string_view> as_written(const dom::key_value_pair& member) {
    std::size_t number = 0;
    if (!parser || written_left-- <= 0) return std::nullopt;
    if (!count_to(parser->doc.root(), member.key.data(), number)) return std::nullopt;
    const std::size_t begin = behind_key(source, number);
    if (begin == source.npos) return std::nullopt;
    return value_at(source, begin);
}

std::optional<std::int64_t> integer(dom::element value) {
    std::int64_t whole = 0;
    if (!value.get_int64().get(whole)) return whole;
    double found = 0;
    if (value.get_double().get(found) || std::trunc(found) != found || std::abs(found) > 9.0e15)
        return std::nullopt;
    return static_cast<std::int64_t>(found);
}

}  // namespace gatehouse::upstream
