// SPDX-License-Identifier: Apache-2.0
// The messages of refusals.
#include "plugins/common/client/reader.hpp"

#include "plugins/common/text/text.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <charconv>
#include <numeric>

namespace gatehouse::client {

namespace {

// Most bytes of a client's text in a message.
constexpr std::size_t echo_bytes = 64;

std::string_view cut(std::string_view text) { return common::beginning(text, echo_bytes); }

std::string number_text(double number) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

std::string range_text(std::string_view what, const std::string& low, const std::string& high) {
    return std::string(what).append(" between ").append(low).append(" and ").append(high);
}

}  // namespace

std::string quoted_for_client(std::string_view text) {
    const std::string_view shown = cut(text);
    std::string out;
    append_json_string(out, shown);
    if (shown.size() < text.size()) out.insert(out.size() - 1, "…");
    return out;
}

std::string Where::text(PathStyle style) const {
    std::string out = parent_ ? parent_->text(style) : std::string();
    if (index_ != none && style == PathStyle::dots) return out.append(".").append(std::to_string(index_));
    if (index_ != none) return out.append("[").append(std::to_string(index_)).append("]");
    if (parent_) out += '.';
    // A client's own name, such as one in logit_bias, stays on one line.
    for (char c : cut(name_)) out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    return out;
}

bool Reader::fail(const Where& where, std::string_view complaint, const char* code) {
    error_ = {.kind = ErrorKind::bad_request, .code = code, .param = where.text(style_)};
    error_.message.append(error_.param).append(style_ == PathStyle::dots ? ": " : " ").append(complaint);
    return false;
}

bool Reader::read_strings(json::Array& list, const Where& where, std::size_t most,
                          std::vector<std::string>& out) {
    out.clear();
    return json::for_each(list, [&](json::Value& item, std::size_t index) {
        if (index >= most) return refuse(where, "must have at most " + std::to_string(most) + " strings");
        return json::take_string(item, out.emplace_back()) ||
               wrong_type(Where(where, index), "a string", item);
    });
}

bool Reader::fail(Error error) {
    error_ = std::move(error);
    return false;
}

bool Reader::missing(const Where& where, std::string_view expected) {
    const bool dots = style_ == PathStyle::dots;  // the words of Anthropic's service
    const std::string complaint = (dots ? "Field required: " : "is required: ") + std::string(expected);
    return fail(where, complaint, "missing_required_parameter");
}

bool Reader::wrong_type(const Where& where, std::string_view expected, json::Value& value) {
    std::string complaint = std::string("must be ").append(expected).append("; got ");
    switch (json::type_of(value)) {
        case json::Type::object: complaint += "an object"; break;
        case json::Type::array: complaint += "an array"; break;
        case json::Type::string: complaint += "a string"; break;
        case json::Type::number: complaint += cut(json::raw(value)); break;
        case json::Type::boolean:
        case json::Type::null: complaint += json::raw(value); break;
    }
    return fail(where, complaint, "invalid_type");
}

bool Reader::wrong_word(const Where& where, std::initializer_list<std::string_view> words,
                        std::string_view came) {
    std::string complaint = words.size() == 1 ? "must be " : "must be one of ";
    complaint += common::joined(words);
    return fail(where, complaint.append("; got ").append(quoted_for_client(came)), "invalid_value");
}

bool Reader::refuse(const Where& where, std::string_view complaint) {
    return fail(where, complaint, "invalid_value");
}

bool Reader::read(json::Value& value, const Where& where, std::string& out) {
    if (json::take_string(value, out)) return true;
    out.clear();
    return json::is_null(value) || wrong_type(where, "a string", value);
}

bool Reader::read(json::Value& value, const Where& where, JsonString& out) {
    if (json::take_string(value, out)) return true;
    out = {};
    return json::is_null(value) || wrong_type(where, "a string", value);
}

bool Reader::read(json::Value& value, const Where& where, std::optional<bool>& out) {
    out.reset();
    if (json::is_null(value)) return true;
    out = json::boolean(value);
    return out || wrong_type(where, "true or false", value);
}

bool Reader::read_number(json::Value& value, const Where& where, double low, double high,
                         std::optional<double>& out) {
    out.reset();
    if (json::is_null(value)) return true;
    out = json::number(value);
    if (out && *out >= low && *out <= high) return true;
    return wrong_type(where, range_text("a number", number_text(low), number_text(high)), value);
}

bool Reader::read_integer(json::Value& value, const Where& where, std::int64_t low, std::int64_t high,
                          std::optional<std::int64_t>& out) {
    out.reset();
    if (json::is_null(value)) return true;
    out = json::integer(value);
    if (out && *out >= low && *out <= high) return true;
    return wrong_type(where, range_text("an integer", std::to_string(low), std::to_string(high)), value);
}

bool Reader::read_object(json::Value& value, const Where& where, JsonText& out) {
    out.text.clear();
    if (json::is_null(value)) return true;
    if (json::type_of(value) != json::Type::object) return wrong_type(where, "an object", value);
    out.text = json::raw(value);
    return true;
}

bool Reader::read_object(json::Value& value, const Where& where, SharedJson& out) {
    out = {};
    if (json::is_null(value)) return true;
    if (json::type_of(value) != json::Type::object) return wrong_type(where, "an object", value);
    out.text = json::shared_raw(value);
    return true;
}

bool Reader::open(json::Value& value, const Where& where, const char* expected, json::Object& out) {
    auto object = json::object(value);
    if (!object) return wrong_type(where, expected, value);
    out = *object;
    return true;
}

bool Reader::open(json::Value& value, const Where& where, const char* expected, json::Array& out) {
    auto array = json::array(value);
    if (!array) return wrong_type(where, expected, value);
    out = *array;
    return true;
}

bool Reader::read_type(json::Object& object, const Where& where, std::string& out) {
    const Where at(where, "type");
    bool found = false;
    const bool ok = json::for_each(object, [&](std::string_view key, json::Value& value) {
        if (key != "type") return true;
        found = json::take_string(value, out);
        return found || wrong_type(at, "a string", value);
    });
    if (!ok) return false;
    return found || missing(at, "a string");
}

void Unknown::add(std::string_view key, std::string_view value) {
    text_.reserve(text_.size() + key.size() + value.size() + 8);
    text_ += text_.empty() ? '{' : ',';
    const std::size_t begin = text_.size();
    append_json_string(text_, key);
    const std::size_t key_size = text_.size() - begin;
    text_.append(":").append(value);
    members_.push_back({begin, key_size, text_.size() - begin});
}

JsonText Unknown::take() {
    if (members_.size() > 1) keep_last();
    if (!text_.empty()) text_ += '}';
    return {std::move(text_)};
}

void Unknown::keep_last() {
    // Keeps the last of several members with the same name.  Sorted by name and position, it
    // is the member whose successor has another name.
    std::vector<std::size_t> order(members_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    auto key = [&](std::size_t i) {
        return std::string_view(text_).substr(members_[i].begin, members_[i].key_size);
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
    bool repeated = false;
    for (std::size_t i = 0; i + 1 < order.size(); ++i) {
        if (key(order[i]) != key(order[i + 1])) continue;
        members_[order[i]].size = 0;
        repeated = true;
    }
    if (repeated) drop_repeated();
}

void Unknown::drop_repeated() {
    std::string kept;
    for (const Member& member : members_) {
        if (!member.size) continue;
        kept += kept.empty() ? '{' : ',';
        kept.append(text_, member.begin, member.size);
    }
    text_ = std::move(kept);
}

}  // namespace gatehouse::client
