// SPDX-License-Identifier: Apache-2.0
// Facts of a response outside of its blocks: id, model, stop reason, unknown members.
// One thread at a time.
#pragma once

#include "plugins/common/upstream/tree.hpp"
#include "plugins/provider/anthropic/member_list.hpp"

#include <gatehouse/event.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::anthropic {

class MessageFacts {
public:
    /// `native`: the client speaks the same protocol.
    explicit MessageFacts(bool native) : native_(native) {}

    /// Emits what is known before the answer, if anything is.  `head` may be null.
    void begin(upstream::dom::object message, std::optional<std::int64_t> prompt_tokens,
               const http::ResponseHead* head, EventSink& events);
    /// Reads a complete message.
    void read_message(upstream::dom::object message);
    /// Reads the event message_delta.
    void read_delta(upstream::dom::object event);

    const std::optional<std::string>& reason() const { return reason_; }
    /// Emits what belongs before the Finish.
    void tell(EventSink& events) const;
    Finish finish(FinishReason reason) const;

private:
    void read_stop(upstream::dom::object from);

    const bool native_;
    std::optional<std::string> reason_;
    std::string stop_sequence_, details_, refusal_;
    MemberList extra_;
};

}  // namespace gatehouse::anthropic
