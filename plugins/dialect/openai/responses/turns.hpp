// SPDX-License-Identifier: Apache-2.0
// Makes messages from the items of a conversation.  Neighbouring items of the assistant become
// one message.  The result of a call follows the message with the call directly, because
// upstreams require it.  One thread at a time.
#pragma once

#include <gatehouse/chat.hpp>

#include <map>
#include <string>
#include <vector>

namespace gatehouse::openai_dialect::responses {

class Turns {
public:
    void add(Message message);

    /// A part of the assistant's message.
    void add_part(Part part);
    void add_call(ToolCall call);

    /// Returns false if no earlier item is the call with the id `message.tool_call_id`.
    bool add_result(Message message);

    std::size_t size() const { return size_; }
    bool empty() const { return turns_.empty(); }

    /// The messages.  A call without a result gets one, because upstreams require it.
    std::vector<Message> take();

private:
    struct Turn {
        Message message = {};
        std::vector<Message> results = {};
    };

    Message& assistant();
    static void answer_all(Turn& turn);

    std::vector<Turn> turns_;
    std::map<std::string, std::size_t, std::less<>> call_turns_;  // by the call's id
    std::size_t size_ = 0;                                        // the number of messages
};

}  // namespace gatehouse::openai_dialect::responses
