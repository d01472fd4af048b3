// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/json_check.hpp"

namespace gatehouse::upstream {

namespace {
bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
}  // namespace

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

void JsonCheck::take(char c) {
    switch (state_) {
        case State::string:
            if (c == '"')
                state_ = key_ ? State::colon : State::after_value;
            else if (c == '\\')
                state_ = State::escape;
            else if (static_cast<unsigned char>(c) < 0x20)
                broken_ = true;
            return;
        case State::escape:
            if (c == 'u') {
                hex_left_ = 4;
                state_ = State::hex;
            } else if (std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos) {
                state_ = State::string;
            } else {
                broken_ = true;
            }
            return;
        case State::hex:
            if (!is_hex(c))
                broken_ = true;
            else if (--hex_left_ == 0)
                state_ = State::string;
            return;
        case State::word:
            if (c != word_left_.front()) {
                broken_ = true;
                return;
            }
            word_left_.remove_prefix(1);
            if (word_left_.empty()) end_value();
            return;
        default: break;
    }

    if (in_number()) {
        const bool digit = is_digit(c);
        const bool e = c == 'e' || c == 'E';
        switch (state_) {
            case State::minus:
                if (digit) return void(state_ = c == '0' ? State::zero : State::digits);
                break;
            case State::digits:
                if (digit) return;
                [[fallthrough]];
            case State::zero:
                if (c == '.') return void(state_ = State::point);
                if (e) return void(state_ = State::exponent);
                break;
            case State::point:
                if (digit) return void(state_ = State::fraction);
                break;
            case State::fraction:
                if (digit) return;
                if (e) return void(state_ = State::exponent);
                break;
            case State::exponent:
                if (c == '+' || c == '-') return void(state_ = State::exponent_sign);
                [[fallthrough]];
            case State::exponent_sign:
                if (digit) return void(state_ = State::exponent_digits);
                break;
            case State::exponent_digits:
                if (digit) return;
                break;
            default: break;
        }
        if (!number_may_end()) {
            broken_ = true;
            return;
        }
        end_value();  // c is the byte after it
    }

    if (is_blank(c)) return;
    switch (state_) {
        case State::first_value:
            if (c == ']') {
                stack_.pop_back();
                return end_value();
            }
            [[fallthrough]];
        case State::value: return begin_value(c);
        case State::first_key:
            if (c == '}') {
                stack_.pop_back();
                return end_value();
            }
            [[fallthrough]];
        case State::key:
            key_ = true;
            if (c == '"')
                state_ = State::string;
            else
                broken_ = true;
            return;
        case State::colon:
            if (c == ':')
                state_ = State::value;
            else
                broken_ = true;
            return;
        case State::after_value:
            if (stack_.empty()) {
                broken_ = true;
            } else if (c == ',') {
                state_ = stack_.back() ? State::key : State::value;
            } else if (c == (stack_.back() ? '}' : ']')) {
                stack_.pop_back();
            } else {
                broken_ = true;
            }
            return;
        default: broken_ = true;
    }
}

}  // namespace gatehouse::upstream
