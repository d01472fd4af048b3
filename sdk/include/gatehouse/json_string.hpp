// SPDX-License-Identifier: Apache-2.0
// A text which may have come as a JSON string, and is kept in that spelling until
// somebody asks what it says: most of it goes to an upstream in JSON again, and
// need be neither read nor escaped anew.
//
// Use it like a std::string that is replaced, not changed:
//
//     if (part.text.empty()) …                      json.member("text", part.text);
//     const std::string& said = part.text.str();    part.text = "something else";
//
// A plain value: one thread at a time, also for what is const.
#pragma once

#include "gatehouse/json_unescape.hpp"

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse {

class JsonString {
public:
    JsonString() = default;
    JsonString(std::string text) : text_(std::move(text)) {}
    JsonString(std::string_view text) : text_(text) {}
    JsonString(const char* text) : text_(text) {}

    /// What stood between the quotes of a JSON string, and whether a backslash is in it.
    /// REQUIRES: it was checked to be valid JSON, in UTF-8.
    static JsonString spelled(std::string_view inside, bool has_escapes) {
        JsonString made(inside);
        made.form_ = has_escapes ? Form::escaped : Form::clean;
        return made;
    }

    bool empty() const { return text_.empty(); }
    /// Whether it says nothing but blanks and line ends.
    bool blank() const {
        constexpr std::string_view blanks = " \t\r\n";
        // Where a spelling begins with something else, that is certain already.
        if (form_ == Form::escaped && !text_.empty() && text_.front() != '\\' &&
            blanks.find(text_.front()) == blanks.npos)
            return false;
        return str().find_first_not_of(blanks) == std::string::npos;
    }
    /// What it says.
    const std::string& str() const {
        if (form_ == Form::escaped) {
            std::string said;
            detail::append_unescaped(said, text_);
            text_ = std::move(said);
            form_ = Form::plain;
        }
        return text_;
    }
    operator const std::string&() const { return str(); }
    operator std::string_view() const { return str(); }

    /// Appends it as a JSON string, quotes included: as it came, or escaped.
    void append_json_to(std::string& out) const {
        out += '"';
        if (form_ == Form::plain)
            detail::append_escaped(out, text_);
        else
            out += text_;
        out += '"';
    }
    /// About how many bytes that takes, without a look at each.
    std::size_t json_size() const {
        return text_.size() + (form_ == Form::plain ? text_.size() / 16 : 0) + 2;
    }

    friend bool operator==(const JsonString& a, const JsonString& b) { return a.str() == b.str(); }
    template <typename Text>
    requires(std::convertible_to<const Text&, std::string_view> &&
             !std::same_as<Text, JsonString>) friend bool
    operator==(const JsonString& a, const Text& b) {
        return a.str() == std::string_view(b);
    }

private:
    enum class Form : unsigned char {
        plain,    // what it says, of which anything may need an escape
        clean,    // what it says, which is its spelling too
        escaped,  // its spelling
    };
    mutable std::string text_;
    mutable Form form_ = Form::plain;
};

}  // namespace gatehouse
