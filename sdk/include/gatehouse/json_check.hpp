// SPDX-License-Identifier: Apache-2.0
// Checks a JSON text in one pass: grammar, UTF-8, escapes, numbers, depth.  It allocates
// nothing but one byte for each open object or array.
// Functions without state.  [any thread]
#pragma once

#include "gatehouse/json_number.hpp"
#include "gatehouse/json_unescape.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse {

/// The first defect of a text.
struct JsonDefect {
    const char* reason = nullptr;  // a clause such as "a string is not closed"; null: no defect
    std::size_t place = 0;         // its offset in bytes
};

namespace detail {

/// White space of JSON (RFC 8259, 2).
constexpr bool is_json_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

class JsonChecker {
public:
    JsonChecker(std::string_view text, std::size_t max_depth) : text_(text), max_depth_(max_depth) {}

    JsonDefect run() {
        if (text_.empty()) return {"it is empty", 0};
        // Each round reads one value, and the brackets and the comma behind it.
        do {
            skip_blanks();
            if (!value()) return defect_;
        } while (go_on());
        return defect_;
    }

private:
    bool fail(const char* reason) {
        defect_ = {reason, at_};
        return false;
    }
    bool is(char c) const { return at_ < text_.size() && text_[at_] == c; }
    bool accept(char c) {
        if (!is(c)) return false;
        ++at_;
        return true;
    }
    void skip_blanks() {
        while (at_ < text_.size() && is_json_blank(text_[at_])) ++at_;
    }

    /// A scalar, or the begin of an object or array up to its first value.
    bool value() {
        while (is('{') || is('[')) {
            if (open_.size() == max_depth_) return fail("it is nested too deeply");
            open_ += text_[at_++];
            skip_blanks();
            if (is(open_.back() == '{' ? '}' : ']')) return true;  // go_on() closes it
            if (open_.back() == '{' && !key()) return false;
        }
        return scalar();
    }

    /// After a value.  Returns whether another value follows.
    bool go_on() {
        for (;;) {
            skip_blanks();
            if (open_.empty()) {
                if (at_ < text_.size()) fail("a byte follows its end");
                return false;
            }
            const bool object = open_.back() == '{';
            if (accept(object ? '}' : ']')) {
                open_.pop_back();
                continue;
            }
            if (!accept(',')) return fail(at_ == text_.size() ? "it ends too early" : "a comma is missing");
            skip_blanks();
            return !object || key();
        }
    }

    bool key() {
        if (!is('"')) return fail("a key is missing");
        if (!string()) return false;
        skip_blanks();
        if (!accept(':')) return fail("a colon is missing");
        skip_blanks();
        return true;
    }

    bool scalar() {
        if (at_ == text_.size()) return fail("it ends too early");
        switch (text_[at_]) {
            case '"': return string();
            case 't': return word("true");
            case 'f': return word("false");
            case 'n': return word("null");
            default: return number();
        }
    }

    bool word(std::string_view expected) {
        if (!text_.substr(at_).starts_with(expected)) return fail("a word is not true, false or null");
        at_ += expected.size();
        return true;
    }

    bool number() {
        const std::size_t end = std::min(text_.find_first_not_of("0123456789+-.eE", at_), text_.size());
        if (end == at_) return fail("a value is missing");
        const NumberCheck found = check_number(text_.substr(at_, end - at_));
        if (found == NumberCheck::malformed) return fail("a number is malformed");
        if (found != NumberCheck::fine) return fail("a number is too large");
        at_ = end;
        return true;
    }

    bool string() {
        const std::size_t begin = at_++;
        for (;;) {
            skip_plain();
            if (at_ == text_.size()) {
                at_ = begin;
                return fail("a string is not closed");
            }
            if (accept('"')) return true;
            const std::size_t length = is('\\') ? escape_length() : utf8_length(text_.substr(at_));
            if (length == 0) return fail(wrong_in_string());
            // A control character is a character of UTF-8 too.
            if (static_cast<unsigned char>(text_[at_]) < 0x20) return fail(wrong_in_string());
            at_ += length;
        }
    }

    const char* wrong_in_string() const {
        if (is('\\')) return "a string has a wrong escape sequence";
        if (static_cast<unsigned char>(text_[at_]) >= 0x80) return "it is not valid UTF-8";
        return "a string has a control character that is not escaped";
    }

    std::size_t escape_length() const {
        if (at_ + 1 < text_.size() && meanings[static_cast<unsigned char>(text_[at_ + 1])]) return 2;
        return code_point(text_.substr(at_)).length;
    }

    /// Skips the bytes of a string that need no check.
    void skip_plain() {
        for (; text_.size() - at_ >= block_size; at_ += block_size)
            if (const std::uint64_t marks = find_special(text_.data() + at_)) {
                at_ += static_cast<std::size_t>(std::countr_zero(marks));
                return;
            }
        while (at_ < text_.size() && is_plain(text_[at_])) ++at_;
    }
    static bool is_plain(char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
    }

    const std::string_view text_;
    const std::size_t max_depth_;
    std::size_t at_ = 0;
    std::string open_;  // the brackets that are open
    JsonDefect defect_;
};

}  // namespace detail

/// The first defect of `text` as JSON.  Objects and arrays may be nested `max_depth` deep.  A
/// number must fit 64 bits or a double.  Half a surrogate pair is a defect.
inline JsonDefect check_json(std::string_view text, std::size_t max_depth = 200) {
    return detail::JsonChecker(text, max_depth).run();
}

}  // namespace gatehouse
