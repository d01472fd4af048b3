// SPDX-License-Identifier: Apache-2.0
// Reads JSON without a tree and without a library: one pass checks the text, then values are
// found in it by their path.  Nothing is copied before it is asked for.
//
//     auto top = read_json(line);
//     if (!top) return top.error();                       // "invalid JSON at byte 7: …"
//     std::string word = (*top)["message"]["content"].str();
//     for (JsonValue call : (*top)["message"]["tool_calls"].items()) …
//     for (auto [key, value] : (*top)["usage"].members()) …
//
// A member that is absent is a value too.  Its accessors return nothing, so that a path needs
// one check at its end.  A lookup reads the members before it again: walk over a long array with
// items(), not with an index.
// A view of a text that must outlive it.  [any thread, if the text does not change]
#pragma once

#include "gatehouse/json_check.hpp"
#include "gatehouse/json_string.hpp"
#include "gatehouse/json_text.hpp"
#include "gatehouse/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

enum class JsonType { absent, object, array, string, number, boolean, null };

class JsonValue;
struct JsonMember;

namespace detail {

struct JsonEnd {};

/// Walks over the elements of an array, or the keys and values of an object.
class JsonCursor {
public:
    /// `inside` is the text between the brackets.
    explicit JsonCursor(std::string_view inside) : rest_(inside) { next(); }

    bool operator!=(JsonEnd) const { return !value_.empty(); }
    std::string_view value() const { return value_; }
    /// Moves to the next value, which may be a key.
    void next();

private:
    std::string_view rest_, value_;
};

class JsonItems {
public:
    class Iterator : public JsonCursor {
    public:
        using JsonCursor::JsonCursor;
        JsonValue operator*() const;
        Iterator& operator++() {
            next();
            return *this;
        }
    };
    explicit JsonItems(std::string_view inside) : inside_(inside) {}
    Iterator begin() const { return Iterator(inside_); }
    JsonEnd end() const { return {}; }

private:
    std::string_view inside_;
};

class JsonMembers {
public:
    class Iterator : public JsonCursor {
    public:
        explicit Iterator(std::string_view inside) : JsonCursor(inside) { take_key(); }
        JsonMember operator*() const;
        Iterator& operator++() {
            next();
            take_key();
            return *this;
        }

    private:
        void take_key();
        std::string_view key_;
        std::string decoded_;
        bool escaped_ = false;
    };
    explicit JsonMembers(std::string_view inside) : inside_(inside) {}
    Iterator begin() const { return Iterator(inside_); }
    JsonEnd end() const { return {}; }

private:
    std::string_view inside_;
};

}  // namespace detail

class JsonValue {
public:
    /// A value that is absent.
    JsonValue() = default;
    /// A value without a check.  REQUIRES: `json` is valid JSON, such as a JsonText of the core.
    /// Other text is read as some value, but never beyond its end.
    static JsonValue unchecked(std::string_view json) { return *detail::JsonItems(json).begin(); }

    JsonType type() const {
        switch (raw_.empty() ? '\0' : raw_.front()) {
            case '\0': return JsonType::absent;
            case '{': return JsonType::object;
            case '[': return JsonType::array;
            case '"': return JsonType::string;
            case 't':
            case 'f': return JsonType::boolean;
            case 'n': return JsonType::null;
            default: return JsonType::number;
        }
    }
    bool is(JsonType type) const { return this->type() == type; }
    /// Whether it is neither absent nor null.
    explicit operator bool() const { return !is(JsonType::absent) && !is(JsonType::null); }

    /// Its bytes in the text, without the blanks around them: a number in its spelling.
    std::string_view raw() const { return raw_; }
    /// The same as a JsonText.  Empty if it is absent or null.
    JsonText text() const { return *this ? JsonText{std::string(raw_)} : JsonText{}; }

    /// The first member with this key.  Absent without such a member, and in a value of another type.
    JsonValue operator[](std::string_view key) const;
    JsonValue operator[](const char* key) const { return (*this)[std::string_view(key)]; }
    /// The element at `index`.  Absent without such an element, and in a value of another type.
    template <std::integral Index>
    JsonValue operator[](Index index) const {
        for (const JsonValue item : items())
            if (index-- == 0) return item;
        return {};
    }

    /// The elements of an array.  Empty for another type.
    detail::JsonItems items() const { return detail::JsonItems(inside(JsonType::array)); }
    /// The members of an object in order, as JsonMember; a key may come twice.  Empty
    /// for another type.
    detail::JsonMembers members() const { return detail::JsonMembers(inside(JsonType::object)); }
    /// The number of elements or members.
    std::size_t size() const {
        std::size_t count = 0;
        for ([[maybe_unused]] const JsonValue item : items()) ++count;
        for (auto at = members().begin(); at != detail::JsonEnd(); ++at) ++count;
        return count;
    }
    bool empty() const { return size() == 0; }

    // The value, or nothing if it has another type.

    std::optional<bool> boolean() const {
        if (!is(JsonType::boolean)) return std::nullopt;
        return raw_.front() == 't';
    }
    std::optional<double> number() const {
        if (!is(JsonType::number)) return std::nullopt;
        return double_of(raw_);
    }
    /// An integer, also written 1.0 or 1e3.  Nothing if it does not fit.
    std::optional<std::int64_t> integer() const {
        if (!is(JsonType::number)) return std::nullopt;
        return integer_of(raw_);
    }
    std::optional<std::string> string() const {
        if (!is(JsonType::string)) return std::nullopt;
        return str();
    }

    /// The text of a string.  Empty for another type.
    std::string str() const {
        std::string out;
        detail::append_unescaped(out, spelling());
        return out;
    }
    /// The bytes of a string between its quotes.  Empty for another type.
    std::string_view spelling() const { return inside(JsonType::string); }
    /// The text of a string, which keeps its spelling.
    JsonString json_string() const {
        const std::string_view said = spelling();
        return JsonString::spelled(said, said.find('\\') != said.npos);
    }

private:
    friend class detail::JsonItems::Iterator;
    friend class detail::JsonMembers::Iterator;
    explicit JsonValue(std::string_view raw) : raw_(raw) {}

    std::string_view inside(JsonType type) const {
        return is(type) && raw_.size() >= 2 ? raw_.substr(1, raw_.size() - 2) : std::string_view();
    }

    std::string_view raw_;
};

/// A member of an object.  `key` is decoded, and valid until the next one.
struct JsonMember {
    std::string_view key = {};
    JsonValue value = {};
};

/// The value that `text` consists of.  It stays a view of `text`.  Objects and arrays may be
/// nested `max_depth` deep.  The error names the place, does not quote the text, and has the kind
/// `upstream`; check_json() has both facts for other errors.
inline Result<JsonValue> read_json(std::string_view text, std::size_t max_depth = 200) {
    if (const JsonDefect defect = check_json(text, max_depth); defect.reason)
        return Error{ErrorKind::upstream,
                     "invalid JSON at byte " + std::to_string(defect.place) + ": " + defect.reason};
    return JsonValue::unchecked(text);
}
/// A temporary string would end before its values.
template <std::same_as<std::string> Text>
Result<JsonValue> read_json(Text&& text, std::size_t max_depth = 200) = delete;

namespace detail {

/// The length of the string at the start of `text`, with its quotes.
inline std::size_t json_string_length(std::string_view text) {
    for (std::size_t at = 1;;) {
        const std::size_t quote = text.find('"', at);
        if (quote == text.npos) return text.size();
        std::size_t first = quote;
        while (first > at && text[first - 1] == '\\') --first;
        if ((quote - first) % 2 == 0) return quote + 1;
        at = quote + 1;
    }
}

/// The length of the value at the start of `text`.
inline std::size_t json_length(std::string_view text) {
    std::size_t depth = 0;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '"') {
            at += json_string_length(text.substr(at));
            if (depth == 0) return at;
            continue;
        }
        const bool closes = c == '}' || c == ']';
        if (depth == 0 && (closes || c == ',' || c == ':' || is_json_blank(c))) return at;
        ++at;
        if (c == '{' || c == '[') ++depth;
        if (closes && --depth == 0) return at;
    }
    return text.size();
}

inline void JsonCursor::next() {
    while (!rest_.empty() && (is_json_blank(rest_.front()) || rest_.front() == ',' || rest_.front() == ':'))
        rest_.remove_prefix(1);
    value_ = rest_.substr(0, json_length(rest_));
    rest_.remove_prefix(value_.size());
}

inline JsonValue JsonItems::Iterator::operator*() const { return JsonValue(value()); }

/// The cursor is at a key.  Moves it to the value.
inline void JsonMembers::Iterator::take_key() {
    const JsonValue key{value()};
    key_ = key.spelling();
    escaped_ = key_.find('\\') != key_.npos;
    if (escaped_) decoded_ = key.str();
    next();
}

inline JsonMember JsonMembers::Iterator::operator*() const {
    return {escaped_ ? std::string_view(decoded_) : key_, JsonValue(value())};
}

}  // namespace detail

inline JsonValue JsonValue::operator[](std::string_view key) const {
    for (const JsonMember& member : members())
        if (member.key == key) return member.value;
    return {};
}

}  // namespace gatehouse
