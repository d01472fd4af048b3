// SPDX-License-Identifier: Apache-2.0
// Reads byte by byte, because a model's fragments end anywhere.
#include "plugins/common/text/text.hpp"
#include "plugins/common/upstream/custom_tool.hpp"

#include <gatehouse/json_unescape.hpp>

#include <charconv>
#include <utility>

namespace gatehouse::upstream {

namespace {

constexpr std::string_view form = R"({"input":")";
constexpr std::size_t key_start = 1, key_end = 8;

using common::is_blank;
using common::is_hex;
bool is_high(unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low(unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; }

void append_character(std::string& out, unsigned code) {
    char eight[8] = {};
    out.append(eight, detail::write_utf8(code, eight));
}

/// The character of an escape such as \n, or 0.
char meaning_of(char c) {
    switch (c) {
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        case '"':
        case '\\':
        case '/': return c;
        default: return 0;
    }
}

}  // namespace

std::string CustomToolInput::feed(std::string_view arguments) {
    std::string out;
    for (const char c : arguments) switch (state_) {
            case State::before: before(c, out); break;
            case State::blank_object: blank_object(c, out); break;
            case State::text: in_text(c, out); break;
            case State::behind: break;
            case State::other: out += c; break;
        }
    return out;
}

std::string CustomToolInput::end(bool cut) {
    std::string out;
    if (state_ == State::before && !cut) become_other(out);
    if (state_ == State::text && !cut) end_half(out);
    state_ = State::behind;
    return out;
}

/// Compares with {"input":", where blanks may be around the key and the colon.
void CustomToolInput::before(char c, std::string& out) {
    held_ += c;
    const bool in_key = matched_ > key_start && matched_ < key_end;
    if (c == form[matched_])
        ++matched_;
    else if (c == '}' && matched_ == key_start)
        state_ = State::blank_object;
    else if (in_key || !is_blank(c))
        become_other(out);
    if (matched_ < form.size()) return;
    state_ = State::text;
    held_.clear();
}

/// {} stands for a call without arguments, unless more follows.
void CustomToolInput::blank_object(char c, std::string& out) {
    held_ += c;
    if (!is_blank(c)) become_other(out);
}

void CustomToolInput::become_other(std::string& out) {
    state_ = State::other;
    out += std::exchange(held_, {});
}

void CustomToolInput::in_text(char c, std::string& out) {
    if (!escape_.empty()) return in_escape(c, out);
    if (c == '\\') {
        escape_ = c;
        return;
    }
    end_half(out);
    if (c == '"')
        state_ = State::behind;
    else
        out += c;
}

void CustomToolInput::in_escape(char c, std::string& out) {
    const bool unicode = escape_.size() > 1;
    if (unicode && !is_hex(c)) {
        // Not JSON's: it stays as it is.
        end_half(out);
        out += std::exchange(escape_, {});
        return in_text(c, out);
    }
    escape_ += c;
    if (!unicode && c != 'u') {
        end_half(out);
        const char meant = meaning_of(c);
        meant ? out += meant : out += escape_;
        escape_.clear();
    } else if (escape_.size() == 6) {
        std::uint16_t unit = 0;
        std::from_chars(escape_.data() + 2, escape_.data() + 6, unit, 16);
        escape_.clear();
        add_unit(unit, out);
    }
}

void CustomToolInput::add_unit(std::uint16_t unit, std::string& out) {
    if (half_ && is_low(unit))
        return append_character(
            out, 0x10000u + (unsigned{std::exchange(half_, 0)} - 0xD800u) * 0x400u + (unit - 0xDC00u));
    end_half(out);
    if (is_high(unit))
        half_ = unit;
    else
        append_character(out, is_low(unit) ? 0xFFFD : unit);
}

void CustomToolInput::end_half(std::string& out) {
    if (std::exchange(half_, 0)) append_character(out, 0xFFFD);
}

}  // namespace gatehouse::upstream
