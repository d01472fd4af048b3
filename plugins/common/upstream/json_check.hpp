// SPDX-License-Identifier: Apache-2.0
// Checks whether text that arrives in pieces is valid JSON (RFC 8259), without storing it.
// The arguments of a tool call are forwarded as they arrive, and only their end shows
// whether they are complete.  One thread at a time.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

class JsonCheck {
public:
    void feed(std::string_view piece);

    /// Nothing but blanks so far.
    bool blank() const { return state_ == State::value && stack_.empty() && !broken_; }
    /// One complete value, with nothing after it.  A number may still grow.
    bool complete() const;
    /// The beginning of a value that more text could complete.
    bool unfinished() const { return !broken_ && !blank() && !complete(); }

private:
    enum class State : std::uint8_t {
        value,        // a value must come
        first_value,  // or the end of the array
        first_key,    // a key, or the end of the object
        key,          // a key must come
        colon,
        after_value,  // a comma or an end; at the top nothing more
        string,
        escape,
        hex,
        word,  // in true, false or null
        minus,
        zero,
        digits,
        point,
        fraction,
        exponent,
        exponent_sign,
        exponent_digits,
    };

    void take(char c);
    void begin_value(char c);
    void take_escape(char c);
    void take_word(char c);
    void take_key(char c);
    void take_after_value(char c);
    bool between_tokens() const { return state_ <= State::after_value; }
    bool in_number() const { return state_ >= State::minus; }
    bool number_may_end() const;
    void become(State next) { state_ = next; }
    void expect(bool good, State next) {
        broken_ = !good;
        state_ = next;
    }
    void end_value() { state_ = State::after_value; }
    void end_number(char c);
    void end_container() {
        stack_.pop_back();
        end_value();
    }

    static constexpr std::size_t max_depth = 1000;

    State state_ = State::value;
    bool broken_ = false;
    bool key_ = false;  // the string being read is a key
    std::uint8_t hex_left_ = 0;
    std::string_view word_left_ = {};
    std::vector<bool> stack_;  // true: an object
};

}  // namespace gatehouse::upstream
