// SPDX-License-Identifier: Apache-2.0
// Writes JSON straight into a string, without building a tree first.
//
//     JsonWriter json(out);
//     json.begin_object().member("index", 0).key("delta").raw("{}").end_object();
//
// It adds the commas.  Its output is valid UTF-8 for any input.  The caller must match
// begins and ends.  [one thread at a time]
#pragma once

#include "gatehouse/json_string.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace gatehouse {

/// Appends `text` as a JSON string with quotes.  A byte outside of a valid UTF-8 sequence
/// becomes U+FFFD.
inline void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    detail::append_escaped(out, text);
    out += '"';
}

class JsonWriter {
public:
    /// Appends to `out`, which must outlive the writer.
    explicit JsonWriter(std::string& out) : out_(out) {}

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }

    // Inlined, because the compiler then checks and copies a literal name when it compiles.
    [[gnu::always_inline]] JsonWriter& key(std::string_view name) {
        if (name.size() > max_short_key || !detail::is_plain(name)) return escaped_key(name);
        char text[max_short_key + 4];
        text[0] = ',';
        text[1] = '"';
        name.copy(text + 2, name.size());
        text[name.size() + 2] = '"';
        text[name.size() + 3] = ':';
        out_.append(text + !comma_, name.size() + 3 + comma_);
        comma_ = false;
        return *this;
    }

    JsonWriter& value(std::string_view text) {
        separate();
        append_json_string(out_, text);
        return *this;
    }
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    template <std::same_as<JsonString> Text>
    JsonWriter& value(const Text& text) {
        separate();
        text.append_json_to(out_);
        return *this;
    }
    JsonWriter& value(bool flag) { return raw(flag ? "true" : "false"); }
    template <typename Number>
    requires std::is_arithmetic_v<Number> JsonWriter& value(Number number) {
        if constexpr (std::is_floating_point_v<Number>)
            if (!std::isfinite(number)) return raw("null");  // JSON has no such number
        char text[32];
        const auto end = std::to_chars(text, text + sizeof text, number).ptr;
        return raw(std::string_view(text, static_cast<std::size_t>(end - text)));
    }
    /// An array.
    template <typename T>
    JsonWriter& value(const std::vector<T>& list) {
        begin_array();
        for (const T& one : list) value(one);
        return end_array();
    }
    /// Appends text that is already JSON.
    JsonWriter& raw(std::string_view json) {
        separate();
        out_ += json;
        return *this;
    }
    JsonWriter& null() { return raw("null"); }

    template <typename T>
    [[gnu::always_inline]] JsonWriter& member(std::string_view name, const T& content) {
        return key(name).value(content);
    }
    /// Appends a member only if its value is not empty.
    template <typename T>
    [[gnu::always_inline]] JsonWriter& member(std::string_view name, const std::optional<T>& content) {
        return content ? key(name).value(*content) : *this;
    }

private:
    static constexpr std::size_t max_short_key = 32;

    JsonWriter& escaped_key(std::string_view name) {
        separate();
        append_json_string(out_, name);
        out_ += ':';
        comma_ = false;
        return *this;
    }
    JsonWriter& open(char bracket) {
        separate();
        out_ += bracket;
        comma_ = false;
        return *this;
    }
    JsonWriter& close(char bracket) {
        out_ += bracket;
        comma_ = true;
        return *this;
    }
    void separate() {
        if (comma_) out_ += ',';
        comma_ = true;
    }

    std::string& out_;
    bool comma_ = false;
};

}  // namespace gatehouse
