// SPDX-License-Identifier: Apache-2.0
// Writes the model's output in each vendor's wire format: as a non-streaming
// response or as the events of a stream (plugins/provider/oci/PROTOCOL.md,
// sections 3 and 4).  Pure: [one thread at a time].
#pragma once

#include "tools/oci_emulator/model.hpp"

#include <functional>
#include <string>
#include <vector>

namespace gatehouse::emulator {

/// One event of a stream: the JSON behind `data: `.
struct StreamEvent {
    std::string data;
    bool is_word = false;   // text or a tool call; mock:drip waits before it
    std::string type = {};  // for a line `event: `; empty: none
};

/// Returns the padding of an event.
using Pad = std::function<std::string()>;

/// Returns all events.  In GENERIC the usage and `[DONE]` are separate.
std::vector<StreamEvent> stream_events(const ChatCall& call, const Answer& answer, const Pad& pad);

/// Returns an error event of this format; `said` is the text so far.
std::string error_event(const ChatCall& call, const std::string& said, const Pad& pad);

/// `{"usage":{...}}`, the event after the finish.
std::string usage_event(const ChatCall& call, const Answer& answer, const Pad& pad);

/// Returns the complete ChatResult.  `now` is the time in RFC 3339 form.
std::string whole_answer(const ChatCall& call, const Answer& answer, const std::string& now);

/// Returns the finish reason in this vendor's words, or null where Cohere sends
/// null.
Json finish_reason(const ChatCall& call, const Answer& answer);

// Parts of the functions above.

Json usage_of(const ChatCall& call, const Answer& answer);
/// Cohere's own two formats (cohere_wire_format.cpp).
std::vector<StreamEvent> cohere_events(const ChatCall& call, const Answer& answer, const Pad& pad);
Json cohere_response(const ChatCall& call, const Answer& answer);
Json cohere_finish_reason(const ChatCall& call, const Answer& answer);
/// The format of the OpenAI-compatible surface (openai_wire_format.cpp).
std::vector<StreamEvent> openai_events(const ChatCall& call, const Answer& answer);
std::string openai_usage_event(const ChatCall& call, const Answer& answer);
std::string openai_error_event();
std::string openai_answer(const ChatCall& call, const Answer& answer);
/// The format of its Responses API (responses_wire_format.cpp).
std::vector<StreamEvent> responses_events(const ChatCall& call, const Answer& answer);
std::string responses_error_event();
std::string responses_answer(const ChatCall& call, const Answer& answer);
std::string joined(const std::vector<std::string>& pieces);

}  // namespace gatehouse::emulator
