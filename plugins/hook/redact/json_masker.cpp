// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/redact/json_masker.hpp"

#include "plugins/hook/redact/json_escape.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <utility>

namespace gatehouse::redact {

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view signs = "{}[],:\"";

/// Escapes `text` for a JSON string.
std::string escaped(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out.substr(1, out.size() - 2);
}

bool is_base64(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '-' || c == '_' || c == '=';
}

}  // namespace

bool is_base64_url(std::string_view text) {
    constexpr std::string_view mark = ";base64,";
    if (!text.starts_with("data:")) return false;
    const std::string_view head = text.substr(0, 200);
    const std::size_t at = head.find(mark);
    if (at == std::string_view::npos) return false;
    const std::string_view type = head.substr(5, at - 5), content = text.substr(at + mark.size());
    return type.find_first_of("@ ") == std::string_view::npos &&
           std::all_of(content.begin(), content.end(), is_base64);
}

JsonMasker::JsonMasker(const Rules& rules, Tally& tally)
    : rules_(rules), tally_(tally), inside_(rules, tally) {}

void JsonMasker::feed(std::string_view piece, std::string& out) {
    while (!piece.empty()) {
        std::size_t used = piece.size();
        switch (state_) {
            case State::start: used = begin(piece, out); break;
            case State::outside: used = outside(piece, out); break;
            case State::string: used = string(piece, out); break;
            case State::plain: {
                TextOutput text(out);
                inside_.feed(piece, text);
            }
        }
        piece.remove_prefix(used);
    }
    read(out);
}

// Decodes a piece first, so that the masker sees it without escapes.
void JsonMasker::read(std::string& out) {
    written_.out = &out;
    if (!meaning_.empty()) inside_.feed(meaning_, written_);
    meaning_.clear();
}

std::size_t JsonMasker::begin(std::string_view text, std::string& out) {
    const std::size_t first = std::min(text.find_first_not_of(blanks), text.size());
    out += text.substr(0, first);
    if (first < text.size())
        state_ = std::string_view("{[\"-0123456789").find(text[first]) != std::string_view::npos
                     ? State::outside
                     : State::plain;
    return first;
}

std::size_t JsonMasker::outside(std::string_view text, std::string& out) {
    std::size_t at = 0;
    if (scalar_.empty()) {
        at = std::min(text.find_first_not_of(blanks), text.size());
        out += text.substr(0, at);
    }
    const std::size_t end = std::min(text.find_first_of(signs, at), text.size());
    scalar_ += text.substr(at, end - at);
    if (scalar_.size() > longest_secret) {
        // A number is never this long: the text is not JSON.
        state_ = State::plain;
        TextOutput plain(out);
        inside_.feed(std::exchange(scalar_, {}), plain);
        return end;
    }
    if (end == text.size()) return end;
    end_scalar(out);
    out += text[end];
    if (text[end] == '"') {
        state_ = State::string;
        written_.begin_string();
    }
    return end + 1;
}

// Masks a number, a word or text that is not JSON as one value.
void JsonMasker::end_scalar(std::string& out) {
    if (scalar_.empty()) return;
    const std::size_t size = std::min(scalar_.find_last_not_of(blanks) + 1, scalar_.size());
    const std::string_view text = std::string_view(scalar_).substr(0, size);
    const std::string replaced = keeps_scalars_ ? std::string(text) : masked(rules_, tally_, text);
    if (replaced == text)
        out += text;
    else
        append_json_string(out, replaced);
    out += scalar_.substr(size);
    scalar_.clear();
}

std::size_t JsonMasker::string(std::string_view text, std::string& out) {
    if (!escape_.empty()) return escape(text);
    const std::size_t end = std::min(text.find_first_of("\"\\"), text.size());
    if (end > 0) {
        written_.fed += end;
        meaning_ += text.substr(0, end);
        return end;
    }
    if (text[0] == '\\') {
        escape_ = "\\";
        return 1;
    }
    read(out);
    inside_.finish(written_);
    out += '"';
    state_ = State::outside;
    return 1;
}

// Adds one byte to the escape sequence.  An invalid sequence stands for its own characters.
std::size_t JsonMasker::escape(std::string_view text) {
    const char c = text[0];
    const std::size_t size = escape_.size();
    const std::size_t within = size % 6;  // position in \uXXXX
    bool fits = true, complete = false;
    if (within == 0) {  // a high surrogate needs a low surrogate
        fits = c == '\\';
    } else if (within == 1) {
        fits = size == 1 || c == 'u';
        complete = size == 1 && c != 'u';
    } else {
        fits = hex_digit(c) >= 0;
        complete = within == 5;
    }
    if (!fits) {
        end_escape();
        return 0;
    }
    escape_ += c;
    if (!complete) return 1;
    if (escape_.size() == 6 && is_high(code_unit(escape_))) return 1;
    end_escape();
    return 1;
}

void JsonMasker::end_escape() {
    const std::string escape = std::exchange(escape_, {});
    auto add = [&](std::string_view text, const std::string& means) {
        written_.add(means.size(), std::string(text));
        meaning_ += means;
    };
    const bool is_unit = code_unit(escape) >= 0;
    if (escape.size() == 2 && escape[1] != 'u') return add(escape, meaning(escape));
    if (escape.size() == 6 && is_unit) return add(escape, meaning(escape));
    if (escape.size() == 12 && is_low(code_unit(std::string_view(escape).substr(6))))
        return add(escape, meaning(escape));
    // An unpaired surrogate or an invalid sequence; the byte may begin another sequence.
    const std::size_t first = is_unit ? 6 : escape.size();
    const std::string head = escape.substr(0, first), rest = escape.substr(first);
    add(head, is_unit ? meaning(head) : head);
    std::string_view left = rest;
    while (!left.empty()) {
        if (escape_.empty() && left[0] == '\\') {
            escape_ = "\\";
            left.remove_prefix(1);
        } else {
            left.remove_prefix(this->escape(left));
        }
    }
}

void JsonMasker::release(std::string& out) {
    written_.out = &out;
    TextOutput text(out);
    if (state_ == State::plain) inside_.release(text);
    if (state_ == State::string) inside_.release(written_);
}

void JsonMasker::finish(std::string& out) {
    written_.out = &out;
    TextOutput text(out);
    if (state_ == State::string) {
        if (!escape_.empty()) end_escape();
        read(out);
        inside_.finish(written_);
        out += std::exchange(escape_, {});
    } else {
        inside_.finish(text);
    }
    end_scalar(out);
    state_ = State::start;
}

void JsonMasker::Written::plain(std::string_view bytes) {
    while (!bytes.empty()) {
        if (!escapes_.empty() && escapes_.front().at <= told_) {
            const auto& [at, length, text] = escapes_.front();
            const std::size_t left = at + length - told_, used = std::min(left, bytes.size());
            if (at == told_) *out += text;
            told_ += used;
            bytes.remove_prefix(used);
            if (used == left) escapes_.pop_front();
            continue;
        }
        const std::size_t until =
            escapes_.empty() ? bytes.size() : std::min(bytes.size(), escapes_.front().at - told_);
        *out += bytes.substr(0, until);
        told_ += until;
        bytes.remove_prefix(until);
    }
}

void JsonMasker::Written::mask(std::string_view mask) { *out += escaped(mask); }

void JsonMasker::Written::hidden(std::string_view bytes) {
    told_ += bytes.size();
    while (!escapes_.empty() && escapes_.front().at + escapes_.front().length <= told_) escapes_.pop_front();
}

std::string masked_json(const Rules& rules, Tally& tally, std::string_view json) {
    std::string out;
    out.reserve(json.size());
    JsonMasker masker(rules, tally);
    while (!json.empty()) {
        const std::size_t data = json.find("\"data:");
        if (data == std::string_view::npos) break;
        const std::size_t begin = data + 1, end = json.find('"', begin);
        if (end == std::string_view::npos) break;
        const bool skip =
            is_base64_url(json.substr(begin, end - begin)) && (data == 0 || json[data - 1] != '\\');
        masker.feed(json.substr(0, begin), out);
        if (!skip) {
            json.remove_prefix(begin);
            continue;
        }
        out += json.substr(begin, end - begin);
        json.remove_prefix(end);
    }
    masker.feed(json, out);
    masker.finish(out);
    return out;
}

std::string masked_strings(const Rules& rules, Tally& tally, std::string_view json) {
    std::string out;
    JsonMasker masker(rules, tally);
    masker.keep_scalars();
    masker.feed(json, out);
    masker.finish(out);
    return out;
}

}  // namespace gatehouse::redact
