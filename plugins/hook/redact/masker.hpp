// SPDX-License-Identifier: Apache-2.0
// Masks one text that arrives in pieces.  The result does not depend on the cuts.  It has the
// bytes outside all matches, and one mask for each group of overlapping matches.
//
// The masker delays text that may still become a match, at most longest_secret bytes.
// One per text; one thread at a time.
#pragma once

#include "plugins/hook/redact/rules.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::redact {

/// Receives the result in order: each input byte is passed to plain() or hidden() once.
class Output {
public:
    /// Bytes that stay unchanged.
    virtual void plain(std::string_view bytes) = 0;
    /// A mask that replaces the hidden() bytes that follow.
    virtual void mask(std::string_view mask) = 0;
    /// Bytes that the last mask replaces.
    virtual void hidden(std::string_view bytes) = 0;

protected:
    ~Output() = default;
};

class Masker {
public:
    /// REQUIRES: both outlive the masker.
    Masker(const Rules& rules, Tally& tally);

    void feed(std::string_view piece, Output& out);
    /// Sends the delayed text as if the text ended here, but remembers it: if a match
    /// continues in the next piece, its continuation is masked.
    void release(Output& out);
    /// The text ends.  The masker can then be used for another text.
    void finish(Output& out);

    /// The number of delayed bytes.
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
    std::string text_;                  // the undecided text and a few bytes before it
    std::size_t sent_ = 0;              // end of the sent part of text_
    std::size_t seen_ = 0;              // end of the scanned part
    std::size_t covered_ = 0;           // end of the last match
    std::vector<std::size_t> cursors_;  // where each rule continues its search
    std::vector<Match> matches_;        // found and not yet sent
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

/// Masks a complete text.
std::string masked(const Rules& rules, Tally& tally, std::string_view text);

}  // namespace gatehouse::redact
