// SPDX-License-Identifier: Apache-2.0
// Splits the large deltas of a non-streaming response into words, for `streaming =
// "simulated"` on a deployment that cannot stream.  One thread at a time.
#pragma once

#include <gatehouse/event.hpp>

#include <string_view>

namespace gatehouse::oci {

/// Forwards events to `to`, with text and tool arguments in pieces.
class CuttingSink final : public EventSink {
public:
    explicit CuttingSink(EventSink& to) : to_(to) {}
    void emit(Event event) override;
    bool full() const override { return to_.full(); }

private:
    EventSink& to_;
};

/// Returns the next piece of `text`: a word with the blanks before it, at most
/// `most` bytes.  It never splits a character.
std::string_view next_piece(std::string_view text, std::size_t least, std::size_t most);

}  // namespace gatehouse::oci
