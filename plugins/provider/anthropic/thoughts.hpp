// SPDX-License-Identifier: Apache-2.0
// Collects the thinking blocks of a response.  The client sends them back so that the model
// continues its thinking.  All blocks are kept, or none if they exceed the limit.
// One thread at a time.
#pragma once

#include <gatehouse/event.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::anthropic {

/// A thinking block that is still growing.
struct KeptThought {
    std::string text = {}, signature = {};
};

class Thoughts {
public:
    /// At most `most` bytes are kept.  `tells`: the client gets all blocks at the end, in the
    /// member `thinking_blocks`; otherwise only signatures are kept.
    Thoughts(std::size_t most, bool tells) : most_(most), tells_(tells) {}

    /// Appends `piece` to the text or to the signature, unless the limit is exceeded.
    void add_text(KeptThought& thought, std::string_view piece);
    void add_signature(KeptThought& thought, std::string_view piece);
    /// A block is complete.
    void end(const KeptThought& thought);
    /// Adds a block that only the API can read.
    void add_redacted(std::string_view data);
    /// Emits the blocks, once.
    void tell(EventSink& events);

private:
    bool count(std::size_t bytes);
    std::string& next();

    const std::size_t most_;
    const bool tells_;
    std::size_t kept_ = 0;
    bool keeps_ = true;   // false if the limit is exceeded
    std::string blocks_;  // for the next turn, as elements of an array
};

}  // namespace gatehouse::anthropic
