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
    /// An item that only an upstream of this API knows: a part of the message before it, or of the
    /// next one if there is no such message.
    void add_other(OtherPart item);
    /// Whether the last item is a text of the assistant.
    bool said() const;
    void add_call(ToolCall call);

    /// Returns false if no earlier item is the call with the id `message.tool_call_id`.
    bool add_result(Message message);

    /// The following items are those of the request, and the earlier ones are not.
    void begin_new() { new_ = true; }
    bool is_new() const { return new_; }
    /// Whether there is an item of the request.
    bool has_new() const { return has_new_; }

    struct Messages {
        std::vector<Message> all = {};
        std::vector<std::size_t> added = {};  // indexes of those from items of the request
    };
    /// A call without a result gets one, because upstreams require it.
    Messages take();

private:
    struct Result {
        Message message = {};
        bool added = false;
    };
    struct Turn {
        Message message = {};
        bool added = false;
        std::vector<Result> results = {};
    };

    Message& assistant();
    /// The last turn, if an item can follow its message directly.
    Turn* open_turn();
    void take_waiting(Message& message);
    static void answer_all(Turn& turn);

    std::vector<Turn> turns_;
    std::map<std::string, std::size_t, std::less<>> call_turns_;  // by the call's id
    std::vector<OtherPart> waiting_;                              // for the next message
    bool new_ = false, has_new_ = false;
};

}  // namespace gatehouse::openai_dialect::responses
