// SPDX-License-Identifier: Apache-2.0
// How each vendor's models write what the model said: whole, or as the events
// of a stream (reference, sections 3.2, 4.2 and 4.3).  Pure: [one thread at a time].
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

/// All events but the usage and `[DONE]`.  `pad` is asked for the padding of each.
std::vector<StreamEvent> stream_events(const ChatCall& call, const Answer& answer,
                                       const std::function<std::string()>& pad);

/// `{"usage":{...}}`, the event behind the finish.
std::string usage_event(const ChatCall& call, const Answer& answer, const std::function<std::string()>& pad);

/// The whole ChatResult.  `now` is the time in RFC 3339 form.
std::string whole_answer(const ChatCall& call, const Answer& answer, const std::string& now);

/// The finish reason in this vendor's words.
std::string finish_reason(const ChatCall& call, const Answer& answer);

}  // namespace gatehouse::emulator
