// SPDX-License-Identifier: Apache-2.0
// Changes to the requests of clients that speak another protocol.  Such a client asks for an
// effort, and for as many tokens as Anthropic's models have, whatever the model is.  The
// provider leaves out what the model has refused, or lowers it, because the client cannot know it.
// Plain values: one thread at a time.
#pragma once

#include <gatehouse/chat.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace gatehouse::openai_provider {

struct Adjustments {
    unsigned dropped = 0;      // a bit for each optional field
    std::int64_t most = 0;     // tokens of an answer; 0: not known
    bool older_limit = false;  // max_tokens instead of max_completion_tokens

    void add(const Adjustments& more) {
        dropped |= more.dropped;
        most = most && more.most ? std::min(most, more.most) : std::max(most, more.most);
        older_limit |= more.older_limit;
    }
    bool drops(std::string_view name) const;
};

/// Learns from a refusal, whose text is in lower case.  Returns the field that the next request
/// has otherwise.  Empty if there is no such field.
std::string_view learn(Adjustments& known, const ChatRequest& request, std::string_view text);

}  // namespace gatehouse::openai_provider
