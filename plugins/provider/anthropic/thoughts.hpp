// SPDX-License-Identifier: Apache-2.0
// What a model thinks in an answer, as the client must send it back for the model
// to go on from its thoughts: all of it, or nothing if it has become too much.
// One thread at a time.
#pragma once

#include <gatehouse/event.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::anthropic {

/// A block of thoughts, so far.
struct Thought {
    std::string text = {}, signature = {};
};

class Thoughts {
public:
    /// At most `most` bytes are kept.
    explicit Thoughts(std::size_t most) : most_(most) {}

    /// Adds to `text`, a part of a Thought, what is still to be kept.
    void add(std::string& text, std::string_view piece);
    /// A block is complete.
    void end(const Thought& thought);
    /// A block that only the API can read.
    void add_redacted(std::string_view data);
    /// Emits the blocks, once.
    void tell(EventSink& events);

private:
    bool count(std::size_t bytes);
    std::string& next();

    const std::size_t most_;
    std::size_t kept_ = 0;
    bool keeps_ = true;   // false: it has become too much
    std::string blocks_;  // for the next turn, as elements of an array
};

}  // namespace gatehouse::anthropic
