// SPDX-License-Identifier: Apache-2.0
// From the bytes of a good answer to JSON objects for an AnswerReader, however
// they arrive: an event stream or one JSON document, whichever it is, whatever
// was asked for.  One thread at a time.
#pragma once

#include "plugins/common/upstream/tree.hpp"

#include <gatehouse/event.hpp>
#include <gatehouse/host.hpp>
#include <gatehouse/result.hpp>
#include <gatehouse/sse.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::upstream {

/// An error that says "the answer is not what answers of `who` look like".
Error garbage(std::string_view who, std::string_view what);

/// Reads one answer.  One thread at a time.
class AnswerReader {
public:
    virtual ~AnswerReader() = default;

    /// An event of a stream, or a whole answer: what is in `top` tells.
    virtual Result<void> read(dom::object top, EventSink& events) = 0;

    /// The upstream is done: emits each choice's Finish, then Usage.  An error
    /// if the answer is not complete.
    virtual Result<void> finish(EventSink& events) = 0;

    /// The same, when the upstream has said so by [DONE].
    virtual Result<void> done(EventSink& events) { return finish(events); }

    /// Whether the last event was the last one of the answer, by the upstream's own
    /// protocol; finish() follows when the upstream is done.
    virtual bool stopped() const { return false; }
};

class AnswerStream {
public:
    /// `who` is named in messages, such as "OCI", and outlives this.  `explain` turns
    /// an error that the upstream puts in the place of an answer, as JSON text, into ours.
    AnswerStream(std::unique_ptr<AnswerReader> reader, std::string_view who, const Limits& limits,
                 std::function<Error(std::string_view)> explain)
        : reader_(std::move(reader)),
          who_(who),
          limits_(limits),
          explain_(std::move(explain)),
          sse_(limits.max_event_bytes) {}

    Result<void> feed(std::string_view bytes, EventSink& events);
    Result<void> end(EventSink& events);

    /// Whether the upstream has said [DONE], or its own word for it: nothing that it
    /// sends afterwards counts.
    bool done() const { return done_ || reader_->stopped(); }

private:
    enum class Kind { unknown, events, document };

    Result<void> decide();
    Result<void> feed_events(std::string_view bytes, EventSink& events);
    Result<void> take_event(std::string_view data, bool may_be_lines, EventSink& events);
    Result<void> take_document(std::string& text, EventSink& events);
    Error too_large(std::string_view what, std::string_view limit) const;

    std::unique_ptr<AnswerReader> reader_;
    std::string_view who_;
    Limits limits_;
    std::function<Error(std::string_view)> explain_;
    SseReader sse_;
    Kind kind_ = Kind::unknown;
    bool begun_ = false;  // a byte order mark would come too late
    bool done_ = false;
    std::string text_;   // the beginning of an unknown answer, or a whole document
    std::string event_;  // the event being read, with room for the parser behind it
};

}  // namespace gatehouse::upstream
