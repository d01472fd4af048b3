// SPDX-License-Identifier: Apache-2.0
// Masks one text that comes in pieces.  However it is cut, what comes out is what
// would come out of the whole: the bytes that belong to no match of any pattern,
// and one mask for each stretch of overlapping matches.
//
// It keeps back what may still become a match, at most longest_secret bytes.
// One per text; one thread at a time.
#pragma once

#include "plugins/hook/redact/rules.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::redact {

/// What becomes of a text, in its order: every byte that went in is told once.
class Output {
public:
    /// Bytes that stay.
    virtual void plain(std::string_view bytes) = 0;
    /// A mask takes the place of the bytes that follow.
    virtual void mask(std::string_view mask) = 0;
    /// Bytes that go.
    virtual void hidden(std::string_view bytes) = 0;

protected:
    ~Output() = default;
};

class Masker {
public:
    /// Both outlive the masker.
    Masker(const Rules& rules, Tally& tally);

    void feed(std::string_view piece, Output& out);
    /// Passes on what is kept back, as if the text ended here, and yet remembers
    /// it: a match that goes on afterwards is masked from there.
    void release(Output& out);
    /// The text ends.  The masker is as new.
    void finish(Output& out);

    /// How many bytes are kept back.
    std::size_t held() const { return text_.size() - sent_; }

private:
    struct Match {
        std::size_t begin, end, name;
    };

    void scan(bool is_end, Output& out);
    std::size_t find_all(std::string_view text, std::size_t window, bool is_end);
    void send(std::size_t limit, Output& out);
    void send_bytes(std::size_t limit, Output& out);
    void forget();

    const Rules& rules_;
    Tally& tally_;
    std::string text_;                  // what is not decided, and a little before it
    std::size_t sent_ = 0;              // of it, so much is out
    std::size_t seen_ = 0;              // so much has been looked at
    std::size_t covered_ = 0;           // and so much is known to be hidden
    std::vector<std::size_t> cursors_;  // where each rule goes on looking
    std::vector<Match> matches_;        // found, and not sent yet
};

/// Appends to a string.
class TextOutput final : public Output {
public:
    explicit TextOutput(std::string& out) : out_(out) {}
    void plain(std::string_view bytes) override { out_ += bytes; }
    void mask(std::string_view mask) override { out_ += mask; }
    void hidden(std::string_view) override {}

private:
    std::string& out_;
};

/// A whole text, masked.
std::string masked(const Rules& rules, Tally& tally, std::string_view text);

}  // namespace gatehouse::redact
