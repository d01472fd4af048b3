// SPDX-License-Identifier: Apache-2.0
// A JSON text, checked whole, and where its values stand in it.
//
// simdjson finds the places (its stage 1: UTF-8, strings, brackets, words, 64 bytes
// a step); one walk over them checks the rest and notes for each bracket where its
// partner is.  So nothing is built, and any value can be taken or passed over at once.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::json {

/// Of one text at a time; a value is named by its place: its number among the
/// brackets, commas, colons, strings and words of the text.
class Scan {
public:
    using Place = std::uint32_t;

    /// Reads `text`, which must stay as long as it is asked about, with a zero and 63
    /// more bytes behind it that may be read.  Objects and arrays may be nested `max_depth` deep.  A number
    /// that is well-formed and too large is NUMBER_ERROR, unless `huge` is given: then that is set.
    simdjson::error_code read(std::string_view text, std::size_t max_depth, bool* huge);

    // REQUIRES of all below: read() found no error, and there is a value at `at`.

    /// The first byte of what stands there: '{' '[' '"' '-' '0'-'9' 't' 'f' 'n', ',' ':' ']' '}'.
    char first(Place at) const { return text_.data()[starts_[at]]; }
    /// The place behind the value.
    Place after(Place at) const { return is_container(at) ? ends_[at] : at + 1; }
    /// Its bytes, without blanks around.
    std::string_view raw(Place at) const {
        return is_container(at) ? between(starts_[at], starts_[ends_[at] - 1] + 1) : token(at);
    }
    /// Of a string: what stands between its quotes, and whether it has escapes.
    std::string_view inside(Place at) const { return between(starts_[at] + 1, ends_[at] >> 1); }
    bool has_escapes(Place at) const { return ends_[at] & 1; }

    /// Who may keep the text, and hence what is found in it.  Null: nobody.
    void share(std::shared_ptr<const std::string> text) { shared_ = std::move(text); }
    const std::shared_ptr<const std::string>& shared() const { return shared_; }

    /// The longest text that it could read without growing.
    std::size_t capacity() const { return finder_ ? finder_->capacity() : 0; }

private:
    bool is_container(Place at) const { return first(at) == '{' || first(at) == '['; }
    std::string_view between(std::size_t begin, std::size_t end) const {
        return text_.substr(begin, end - begin);
    }
    std::string_view token(Place at) const;
    simdjson::error_code walk(std::size_t max_depth, bool* huge);
    simdjson::error_code check_scalar(Place at, bool* huge);
    simdjson::error_code check_string(Place at);

    std::string_view text_;
    std::shared_ptr<const std::string> shared_;
    std::unique_ptr<simdjson::internal::dom_parser_implementation> finder_;
    const std::uint32_t* starts_ = nullptr;  // offsets in the text; one more than there are places
    std::vector<std::uint32_t>
        ends_;  // of a bracket: the place behind its partner; of a string: its end, and a bit
    std::vector<Place> open_;
};

}  // namespace gatehouse::json
