// SPDX-License-Identifier: Apache-2.0
// A text that may have come as a JSON string.  It is kept in that spelling and decoded
// only on demand, because most texts go to an upstream as JSON again.  They need not be
// read or escaped a second time.
//
// Use it like a std::string that is replaced and not modified:
//
//     if (part.text.empty()) …                      json.member("text", part.text);
//     const std::string& said = part.text.str();    part.text = "something else";
//
// A plain value: one thread at a time, also for const members.  The texts of an operation belong to
// the member of a plugin that gets the operation, during the call.
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
    /// In bytes.  A shorter text is copied, because a std::string holds it without an allocation.
    static constexpr std::size_t worth_sharing = 16;

    JsonString() = default;
    JsonString(std::string text) : own_(std::move(text)) {}
    JsonString(std::string_view text) : own_(text) {}
    JsonString(const char* text) : own_(text) {}

    /// The content of a JSON string without its quotes, and whether it has a backslash.
    /// It is not copied if `text`, which contains it, can be kept.
    /// REQUIRES: the content is valid JSON and UTF-8.
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

    bool empty() const { return own_.empty() && (!shared_ || view_.empty()); }
    /// Whether the text consists of spaces and line ends only.
    bool blank() const {
        constexpr std::string_view blanks = " \t\r\n";
        // A spelling that begins with another character decides it.
        const std::string_view begin = bytes().substr(0, 1);
        if (form_ == Form::escaped && begin != "\\" && begin.find_first_not_of(blanks) == 0) return false;
        return std::string_view(*this).find_first_not_of(blanks) == std::string_view::npos;
    }
    /// The decoded text.  Valid until this is replaced or destroyed.  The first call may
    /// move the text, which invalidates an earlier std::string_view of it.
    const std::string& str() const {
        if (form_ == Form::escaped) {
            std::string said;
            detail::append_unescaped(said, bytes());
            own_ = std::move(said);
            form_ = Form::plain;
        } else if (shared_) {
            own_ += view_;
        }
        shared_.reset();
        return own_;
    }
    operator const std::string&() const { return str(); }
    /// The same, without a copy if it has no escapes.
    operator std::string_view() const { return form_ == Form::escaped ? std::string_view(str()) : bytes(); }

    /// Appends it as a JSON string with quotes: as received, or escaped.
    void append_json_to(std::string& out) const {
        out += '"';
        append_content_to(out);
        out += '"';
    }
    /// The same without the quotes.
    void append_content_to(std::string& out) const {
        if (form_ == Form::plain)
            detail::append_escaped(out, own_);
        else
            out += own_;
        if (shared_) out += view_;
    }
    /// This text after `content`, the content of a JSON string.  The bytes of a shared text are not
    /// copied.
    JsonString after(std::string content) const {
        JsonString made;
        made.form_ = Form::escaped;
        made.own_ = std::move(content);
        if (shared_) {
            made.own_ += own_;
            made.shared_ = shared_;
            made.view_ = view_;
        } else {
            append_content_to(made.own_);
        }
        return made;
    }
    /// Its bytes as they are kept: decoded, or as in the JSON of the client.  Valid as a view of
    /// str().
    std::string_view spelling() const { return bytes(); }
    /// The first `size` bytes of spelling(), and those behind them, as texts in the same spelling.
    /// A long part of a long text is shared, not copied.  REQUIRES: no escape is cut, and `size`
    /// is at most that of spelling().
    JsonString first(std::size_t size) const { return part(0, size); }
    JsonString behind(std::size_t size) const { return part(size, std::string_view::npos); }
    /// The approximate number of bytes of that, without reading each byte.
    std::size_t json_size() const {
        const std::size_t size = own_.size() + (shared_ ? view_.size() : 0);
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
        plain,    // decoded text that may need escapes
        clean,    // decoded text that is also its spelling
        escaped,  // its spelling
    };
    std::string_view bytes() const {
        if (!shared_) return own_;
        if (own_.empty()) return view_;
        own_ += view_;
        shared_.reset();
        return own_;
    }

    JsonString part(std::size_t begin, std::size_t size) const {
        JsonString made;
        made.form_ = form_;
        const std::string_view bytes = this->bytes().substr(begin, size);
        if (shared_) {
            made.shared_ = shared_;
            made.view_ = bytes;
        } else {
            made.own_ = bytes;
        }
        return made;
    }

    mutable std::string own_;  // if shared: what is before view_
    mutable std::shared_ptr<const std::string> shared_;
    std::string_view view_;  // into shared_
    mutable Form form_ = Form::plain;
};

}  // namespace gatehouse
