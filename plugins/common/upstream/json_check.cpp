// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/json_check.hpp"

#include "plugins/common/text/text.hpp"

namespace gatehouse::upstream {

using common::is_blank;
using common::is_digit;
using common::is_hex;

void JsonCheck::feed(std::string_view piece) {
    for (std::size_t i = 0; i < piece.size() && !broken_; ++i) take(piece[i]);
}

bool JsonCheck::complete() const {
    if (broken_ || !stack_.empty()) return false;
    return state_ == State::after_value || (in_number() && number_may_end());
}

bool JsonCheck::number_may_end() const {
    return state_ == State::zero || state_ == State::digits || state_ == State::fraction ||
           state_ == State::exponent_digits;
}

void JsonCheck::begin_value(char c) {
    switch (c) {
        case '{':
        case '[':
            if (stack_.size() >= max_depth) {
                broken_ = true;
                return;
            }
            stack_.push_back(c == '{');
            state_ = c == '{' ? State::first_key : State::first_value;
            return;
        case '"':
            key_ = false;
            state_ = State::string;
            return;
        case 't': word_left_ = "rue"; break;
        case 'f': word_left_ = "alse"; break;
        case 'n': word_left_ = "ull"; break;
        case '-': state_ = State::minus; return;
        case '0': state_ = State::zero; return;
        default:
            if (is_digit(c))
                state_ = State::digits;
            else
                broken_ = true;
            return;
    }
    state_ = State::word;
}

void JsonCheck::take_escape(char c) {
    if (c == 'u') {
        hex_left_ = 4;
        state_ = State::hex;
    } else if (std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos) {
        state_ = State::string;
    } else {
        broken_ = true;
    }
}

void JsonCheck::take_word(char c) {
    broken_ = c != word_left_.front();
    word_left_.remove_prefix(1);
    if (word_left_.empty()) end_value();
}

void JsonCheck::take_key(char c) {
    key_ = true;
    expect(c == '"', State::string);
}

void JsonCheck::take_after_value(char c) {
    if (stack_.empty()) {
        broken_ = true;
    } else if (c == ',') {
        state_ = stack_.back() ? State::key : State::value;
    } else if (c == (stack_.back() ? '}' : ']')) {
        stack_.pop_back();
    } else {
        broken_ = true;
    }
}

/// `c` is the byte after a number.
void JsonCheck::end_number(char c) {
    end_value();
    take(c);
}

void JsonCheck::take(char c) {
    if (between_tokens() && is_blank(c)) return;
    const bool digit = is_digit(c), e = c == 'e' || c == 'E';
    switch (state_) {
        case State::first_value:
            if (c == ']') return end_container();
            [[fallthrough]];
        case State::value: return begin_value(c);
        case State::first_key:
            if (c == '}') return end_container();
            [[fallthrough]];
        case State::key: return take_key(c);
        case State::colon: return expect(c == ':', State::value);
        case State::after_value: return take_after_value(c);
        case State::string:
            if (c == '"') return become(key_ ? State::colon : State::after_value);
            if (c == '\\') return become(State::escape);
            broken_ = static_cast<unsigned char>(c) < 0x20;
            return;
        case State::escape: return take_escape(c);
        case State::hex:
            broken_ = !is_hex(c);
            if (--hex_left_ == 0) become(State::string);
            return;
        case State::word: return take_word(c);
        case State::minus: return expect(digit, c == '0' ? State::zero : State::digits);
        case State::digits:
            if (digit) return;
            [[fallthrough]];
        case State::zero:
            if (c == '.') return become(State::point);
            return e ? become(State::exponent) : end_number(c);
        case State::point: return expect(digit, State::fraction);
        case State::fraction:
            if (digit) return;
            return e ? become(State::exponent) : end_number(c);
        case State::exponent:
            if (c == '+' || c == '-') return become(State::exponent_sign);
            [[fallthrough]];
        case State::exponent_sign: return expect(digit, State::exponent_digits);
        case State::exponent_digits: return digit ? void() : end_number(c);
    }
}

}  // namespace gatehouse::upstream
