// SPDX-License-Identifier: Apache-2.0
// From the bytes of a good answer to JSON objects for an AnswerReader, however
// they arrive: an event stream or one JSON document, whichever it is, whatever
// was asked for (reference, section 4.1).  One thread at a time.
#pragma once

#include "plugins/provider/oci/chat_format.hpp"

#include <gatehouse/host.hpp>
#include <gatehouse/sse.hpp>

#include <functional>

namespace gatehouse::oci {

class AnswerStream {
public:
    /// `explain` turns an error that the upstream puts in the place of an answer,
    /// as JSON text, into ours.
    AnswerStream(std::unique_ptr<AnswerReader> reader, const Limits& limits,
                 std::function<Error(std::string_view)> explain)
        : reader_(std::move(reader)),
          limits_(limits),
          explain_(std::move(explain)),
          sse_(limits.max_event_bytes) {}

    Result<void> feed(std::string_view bytes, EventSink& events);
    Result<void> end(EventSink& events);

private:
    enum class Kind { unknown, events, document };

    Result<void> decide();
    Result<void> feed_events(std::string_view bytes, EventSink& events);
    Result<void> take_event(std::string_view data, bool may_be_lines, EventSink& events);
    Result<void> take_document(std::string& text, EventSink& events);

    std::unique_ptr<AnswerReader> reader_;
    Limits limits_;
    std::function<Error(std::string_view)> explain_;
    SseReader sse_;
    Kind kind_ = Kind::unknown;
    bool done_ = false;  // [DONE] was seen
    std::string text_;   // the beginning of an unknown answer, or a whole document
    std::string event_;  // the event being read, with room for the parser behind it
};

}  // namespace gatehouse::oci
