// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/tree.hpp"

#include "plugins/common/upstream/half_characters.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
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
    text.reserve(text.size() + Tree::padding);
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
        text = mended_json(text, marks);
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
