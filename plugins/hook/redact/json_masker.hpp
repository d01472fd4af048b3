// SPDX-License-Identifier: Apache-2.0
// Masks JSON that comes in pieces: within its strings, as they mean and not as
// they are written, and numbers that are secrets as a whole, which become
// strings.  What is valid JSON stays it; what is not masked stays byte for byte.
//
// Text that does not begin like JSON is masked as plain text: what a model writes
// as arguments is meant to be JSON, and may be anything.
// One per text; one thread at a time.
#pragma once

#include "plugins/hook/redact/masker.hpp"

#include <deque>

namespace gatehouse::redact {

class JsonMasker {
public:
    /// Both outlive the masker.
    JsonMasker(const Rules& rules, Tally& tally);

    void feed(std::string_view piece, std::string& out);
    /// As for Masker.
    void release(std::string& out);
    void finish(std::string& out);
    std::size_t held() const { return inside_.held() + escape_.size() + scalar_.size(); }

private:
    enum class State { start, plain, outside, string };

    // Writes what is told of a string's meaning in the way it was written.
    class Written final : public Output {
    public:
        void plain(std::string_view bytes) override;
        void mask(std::string_view mask) override;
        void hidden(std::string_view bytes) override;
        /// The next byte fed is the first of `length` that were written as `text`.
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
        std::deque<Escape> escapes_;  // of what is fed and not told
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
    Masker inside_;  // of the string, or of the whole if it is plain
    Written written_;
    std::string meaning_;  // of the string, from the piece at hand
    std::string escape_;   // begun and not complete
    std::string scalar_;   // what stands between two of JSON's signs, so far
};

/// A JSON value, masked.  data: URLs of base64 are left as they are.
std::string masked_json(const Rules& rules, Tally& tally, std::string_view json);

/// Whether `text` is a data: URL whose content is base64: bytes, not text.
bool is_base64_url(std::string_view text);

}  // namespace gatehouse::redact
