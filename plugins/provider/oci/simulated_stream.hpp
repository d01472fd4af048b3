// SPDX-License-Identifier: Apache-2.0
// Cuts the large deltas of a whole answer into words, for a deployment that
// cannot stream: `streaming = "simulated"`.  One thread at a time.
#pragma once

#include <gatehouse/event.hpp>

#include <string_view>

namespace gatehouse::oci {

/// Passes events on to `to`, text and tool arguments in pieces.
class CuttingSink final : public EventSink {
public:
    explicit CuttingSink(EventSink& to) : to_(to) {}
    void emit(Event event) override;

private:
    EventSink& to_;
};

/// The next piece of `text`: a word with the blanks before it, at most `most`
/// bytes, though a character is never cut.
std::string_view next_piece(std::string_view text, std::size_t least, std::size_t most);

}  // namespace gatehouse::oci
