// SPDX-License-Identifier: Apache-2.0
// Masks JSON that arrives in pieces.  It decodes strings before it masks them.  It replaces a
// number that is a secret by a string.  Valid JSON stays valid, and all other bytes stay
// unchanged.
//
// Text that does not begin like JSON is masked as plain text, because a model may write
// arguments that are not JSON.
// One per text; one thread at a time.
#pragma once

#include "plugins/hook/redact/masker.hpp"

#include <deque>

namespace gatehouse::redact {

class JsonMasker {
public:
    /// REQUIRES: both outlive the masker.
    JsonMasker(const Rules& rules, Tally& tally);

    void feed(std::string_view piece, std::string& out);
    /// As for Masker.
    void release(std::string& out);
    void finish(std::string& out);
    /// The text is not JSON, even if it begins like JSON.  Call it before the first feed().
    void treat_as_text() { state_ = State::plain; }
    /// Numbers and words stay unchanged.
    void keep_scalars() { keeps_scalars_ = true; }
    std::size_t held() const { return inside_.held() + escape_.size() + scalar_.size(); }

private:
    enum class State { start, plain, outside, string };

    // Writes the masked string with the original escapes.
    class Written final : public Output {
    public:
        void plain(std::string_view bytes) override;
        void mask(std::string_view mask) override;
        void hidden(std::string_view bytes) override;
        /// The next `length` bytes fed were written as the escape `text`.
        void add(std::size_t length, std::string text) {
            escapes_.push_back({fed, length, std::move(text)});
            fed += length;
        }
        void begin_string() { fed = told_ = 0, escapes_.clear(); }

        std::string* out = nullptr;
        std::size_t fed = 0;

    private:
        struct Escape {
            std::size_t at, length;
            std::string text;
        };
        std::deque<Escape> escapes_;  // fed and not yet written
        std::size_t told_ = 0;
    };

    std::size_t begin(std::string_view text, std::string& out);
    std::size_t outside(std::string_view text, std::string& out);
    std::size_t string(std::string_view text, std::string& out);
    std::size_t escape(std::string_view text);
    void end_escape();
    void read(std::string& out);
    void end_scalar(std::string& out);

    const Rules& rules_;
    Tally& tally_;
    State state_ = State::start;
    Masker inside_;  // for the current string, or for the complete text if it is plain
    Written written_;
    std::string meaning_;  // decoded part of the current string in the current piece
    std::string escape_;   // incomplete escape sequence
    std::string scalar_;   // characters between two structural characters so far
    bool keeps_scalars_ = false;
};

/// Masks a JSON value.  data: URLs of base64 stay unchanged.
std::string masked_json(const Rules& rules, Tally& tally, std::string_view json);

/// Masks the strings of a JSON value.  Its numbers are counts or prices.
std::string masked_strings(const Rules& rules, Tally& tally, std::string_view json);

/// Returns whether `text` is a data: URL whose content is base64: bytes, not text.
bool is_base64_url(std::string_view text);

}  // namespace gatehouse::redact
