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
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse {

class JsonString {
public:
    /// Bytes: what is shorter is copied, so that it does not keep all that it came in.
    static constexpr std::size_t worth_sharing = 4096;

    JsonString() = default;
    JsonString(std::string text) : own_(std::move(text)) {}
    JsonString(std::string_view text) : own_(text) {}
    JsonString(const char* text) : own_(text) {}

    /// What stood between the quotes of a JSON string, and whether a backslash is in it.
    /// A long one is not copied if `text`, which it stands in, can be kept for it.
    /// REQUIRES: it was checked to be valid JSON, in UTF-8.
    static JsonString spelled(std::string_view inside, bool has_escapes,
                              const std::shared_ptr<const std::string>& text = {}) {
        JsonString made;
        if (text && inside.size() >= worth_sharing) {
            made.shared_ = text;
            made.view_ = inside;
        } else {
            made.own_ = inside;
        }
        made.form_ = has_escapes ? Form::escaped : Form::clean;
        return made;
    }

    bool empty() const { return bytes().empty(); }
    /// Whether it says nothing but blanks and line ends.
    bool blank() const {
        constexpr std::string_view blanks = " \t\r\n";
        // Where a spelling begins with something else, that is certain already.
        const std::string_view begin = bytes().substr(0, 1);
        if (form_ == Form::escaped && begin != "\\" && begin.find_first_not_of(blanks) == 0) return false;
        return std::string_view(*this).find_first_not_of(blanks) == std::string_view::npos;
    }
    /// What it says.  Valid until it is replaced or goes.  The first call may move the
    /// text: a std::string_view of it from before is void then.
    const std::string& str() const {
        if (form_ == Form::escaped) {
            std::string said;
            detail::append_unescaped(said, bytes());
            own_ = std::move(said);
            form_ = Form::plain;
        } else if (shared_) {
            own_ = view_;
        }
        shared_.reset();
        return own_;
    }
    operator const std::string&() const { return str(); }
    /// The same without a copy, if it has no escapes.
    operator std::string_view() const { return form_ == Form::escaped ? std::string_view(str()) : bytes(); }

    /// Appends it as a JSON string, quotes included: as it came, or escaped.
    void append_json_to(std::string& out) const {
        out += '"';
        if (form_ == Form::plain)
            detail::append_escaped(out, own_);
        else
            out += bytes();
        out += '"';
    }
    /// About how many bytes that takes, without a look at each.
    std::size_t json_size() const {
        const std::size_t size = bytes().size();
        return size + (form_ == Form::plain ? size / 16 : 0) + 2;
    }

    friend bool operator==(const JsonString& a, const JsonString& b) {
        return std::string_view(a) == std::string_view(b);
    }
    template <typename Text>
    requires(std::convertible_to<const Text&, std::string_view> &&
             !std::same_as<Text, JsonString>) friend bool
    operator==(const JsonString& a, const Text& b) {
        return std::string_view(a) == std::string_view(b);
    }

private:
    enum class Form : unsigned char {
        plain,    // what it says, of which anything may need an escape
        clean,    // what it says, which is its spelling too
        escaped,  // its spelling
    };
    std::string_view bytes() const { return shared_ ? view_ : std::string_view(own_); }

    mutable std::string own_;  // unless it is shared
    mutable std::shared_ptr<const std::string> shared_;
    std::string_view view_;  // into what is shared
    mutable Form form_ = Form::plain;
};

}  // namespace gatehouse
