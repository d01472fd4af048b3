// SPDX-License-Identifier: Apache-2.0
// The events of a response that are held back until their texts are checked.
//
// Events come in order.  A batch ends at a sentence, after a number of pieces, or at the end.  The texts of
// the batch are checked together, then its events are passed on, changed or dropped.
// One thread at a time.
#pragma once

#include "plugins/hook/guardrails_oci/checker.hpp"

#include <gatehouse/event.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace gatehouse::guardrails_oci {

/// Where a batch ends.
struct Hold {
    bool sentences = true, to_the_end = false;
    std::size_t pieces = 64;
};

class HeldResponse {
public:
    explicit HeldResponse(Hold hold) : hold_(hold) {}

    /// Holds `event`.  After a block it is dropped, unless it is a Finish, usage or a fact.
    void add(Event event, EventSink& next);
    /// No more events follow.
    void end(EventSink& next);
    /// Whether a batch is complete and has a text to check.
    bool ready() const { return batch_ > 0; }
    /// The texts of the batch, joined as the model said them.  The batch does not grow until pass().
    std::string begin_check();
    /// Passes the batch on.
    void pass(const Decision& decision, EventSink& next);

private:
    bool ends_batch(std::string_view text) const;
    void close(EventSink& next);
    void emit_blocked(Event event, EventSink& next);

    Hold hold_;
    std::vector<Event> held_;
    std::size_t batch_ = 0;   // events of the complete batch
    std::size_t pieces_ = 0;  // events with text behind it
    bool has_text_ = false;   // behind the batch
    bool checking_ = false;
    bool closes_ = false;  // the next batch is complete too
    bool blocked_ = false;
};

}  // namespace gatehouse::guardrails_oci
