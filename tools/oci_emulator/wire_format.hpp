// SPDX-License-Identifier: Apache-2.0
// How each vendor's models write what the model said: whole, or as the events
// of a stream (plugins/provider/oci/PROTOCOL.md, sections 3 and 4).  Pure: [one thread at a time].
#pragma once

#include "tools/oci_emulator/model.hpp"

#include <functional>
#include <string>
#include <vector>

namespace gatehouse::emulator {

/// One event of a stream: the JSON behind `data: `.
struct StreamEvent {
    std::string data;
    bool is_word = false;  // text or a tool call: what mock:drip waits for
};

/// Asked for the padding of each event.
using Pad = std::function<std::string()>;

/// All events but, in GENERIC, the usage and `[DONE]`.
std::vector<StreamEvent> stream_events(const ChatCall& call, const Answer& answer, const Pad& pad);

/// An error of the service amid a stream, as this format writes it; `said` is the text so far.
std::string error_event(const ChatCall& call, const std::string& said, const Pad& pad);

/// `{"usage":{...}}`, the event behind the finish.
std::string usage_event(const ChatCall& call, const Answer& answer, const Pad& pad);

/// The whole ChatResult.  `now` is the time in RFC 3339 form.
std::string whole_answer(const ChatCall& call, const Answer& answer, const std::string& now);

/// The finish reason in this vendor's words; null where Cohere has none.
Json finish_reason(const ChatCall& call, const Answer& answer);

// What the above are made of.

Json usage_of(const ChatCall& call, const Answer& answer);
/// Cohere's own two formats (cohere_wire_format.cpp).
std::vector<StreamEvent> cohere_events(const ChatCall& call, const Answer& answer, const Pad& pad);
Json cohere_response(const ChatCall& call, const Answer& answer);
Json cohere_finish_reason(const ChatCall& call, const Answer& answer);
/// Those of the OpenAI-compatible surface (openai_wire_format.cpp).
std::vector<StreamEvent> openai_events(const ChatCall& call, const Answer& answer);
std::string openai_usage_event(const ChatCall& call, const Answer& answer);
std::string openai_error_event();
std::string openai_answer(const ChatCall& call, const Answer& answer);
std::string joined(const std::vector<std::string>& pieces);

}  // namespace gatehouse::emulator
