// SPDX-License-Identifier: Apache-2.0
// Checks a JSON text and finds the places of its values.
//
// simdjson finds the places (its stage 1: UTF-8, strings, brackets, words, 64 bytes
// per step).  One walk over the places checks the grammar and records the partner of each
// bracket.  No tree is built, and any value can be read or skipped in constant time.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::json {

/// Holds one text at a time.  The place of a value is its number among the brackets,
/// commas, colons, strings and words of the text.
class Scan {
public:
    using Place = std::uint32_t;

    /// Reads `text`.  REQUIRES: `text` outlives all later calls, and a zero and 63 more
    /// readable bytes follow it.  Objects and arrays may be nested `max_depth` deep.  A
    /// well-formed number that is too large is NUMBER_ERROR.  If `huge` is given, an integer of more than
    /// 64 bits is accepted, and `huge` is set for a number that is too large for a double.
    simdjson::error_code read(std::string_view text, std::size_t max_depth, bool* huge);

    // REQUIRES for all below: read() found no error, and `at` is the place of a value.

    /// The first byte at the place: '{' '[' '"' '-' '0'-'9' 't' 'f' 'n', ',' ':' ']' '}'.
    char first(Place at) const { return text_.data()[starts_[at]]; }
    /// The place after the value.
    Place after(Place at) const { return is_container(at) ? ends_[at] : at + 1; }
    /// Its bytes, without blanks around.
    std::string_view raw(Place at) const {
        return is_container(at) ? between(starts_[at], starts_[ends_[at] - 1] + 1) : token(at);
    }
    /// The bytes between the quotes of a string, and whether they have escapes.
    std::string_view inside(Place at) const { return between(starts_[at] + 1, ends_[at] >> 1); }
    bool has_escapes(Place at) const { return ends_[at] & 1; }

    /// The owner of the text, shared with strings found in it.  Null if it cannot be shared.
    void share(std::shared_ptr<const std::string> text) { shared_ = std::move(text); }
    const std::shared_ptr<const std::string>& shared() const { return shared_; }

    /// The longest text that read() accepts without allocating.
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
        ends_;  // for a bracket: the place after its partner; for a string: its end, and a bit
    std::vector<Place> open_;
};

}  // namespace gatehouse::json
