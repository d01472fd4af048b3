// SPDX-License-Identifier: Apache-2.0
// Parses the bytes of a successful response into JSON objects for an AnswerReader.  It
// detects whether the response is an event stream or one JSON document, independent of
// the request.  One thread at a time.
#pragma once

#include "plugins/common/upstream/half_characters.hpp"
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

/// Makes an error: the response of `who` is invalid.
Error garbage(std::string_view who, std::string_view what);

/// Reads one response.  One thread at a time.
class AnswerReader {
public:
    virtual ~AnswerReader() = default;

    /// Reads an event of a stream or a non-streaming response; the members of `top` decide.
    virtual Result<void> read(dom::object top, EventSink& events) = 0;

    /// Called when the upstream is done.  Emits each choice's Finish, then Usage.  Returns an
    /// error if the response is not complete.
    virtual Result<void> finish(EventSink& events) = 0;

    /// The same, after the upstream's [DONE].
    virtual Result<void> done(EventSink& events) { return finish(events); }

    /// Whether the last event ended the response in the upstream's own protocol.  finish()
    /// follows when the upstream is done.
    virtual bool stopped() const { return false; }

    /// Whether the response may end here, if the upstream sends nothing more.
    enum class Ending {
        missing,   // something is missing
        possible,  // nothing is missing, but a piece of the answer came with the finish reason
        likely,    // nothing is missing
    };
    virtual Ending ending() const { return Ending::missing; }
};

class AnswerStream {
public:
    /// `who` is the upstream's name in messages, such as "OCI".  REQUIRES: it outlives this.
    /// `explain` converts an upstream's error, which is JSON text, into an Error.
    AnswerStream(std::unique_ptr<AnswerReader> reader, std::string_view who, const Limits& limits,
                 std::function<Error(std::string_view)> explain)
        : reader_(std::move(reader)),
          who_(who),
          limits_(limits),
          explain_(std::move(explain)),
          sse_(limits.max_event_bytes) {}

    /// No bytes mean that the upstream has been silent for a while.
    Result<void> feed(std::string_view bytes, EventSink& events);
    Result<void> end(EventSink& events);

    /// Whether the upstream has sent [DONE] or its own end event, after which bytes are ignored,
    /// or has been silent since a point at which the response may end.
    bool done() const { return done_ || reader_->stopped() || (silences_ > 0 && silent()); }
    /// Whether silence can make it done.
    bool may_end() const {
        return kind_ == Kind::document ||
               (kind_ == Kind::events && reader_->ending() != AnswerReader::Ending::missing);
    }

private:
    enum class Kind { unknown, events, document };

    bool silent() const;
    Result<void> decide();
    Result<void> feed_events(std::string_view bytes, EventSink& events);
    Result<void> take_event(std::string_view data, bool may_be_lines, EventSink& events);
    Result<void> take_document(std::string& text, bool is_event, EventSink& events);
    template <typename Call>
    Result<void> joined(EventSink& events, Call&& call);
    Error too_large(std::string_view what, std::string_view limit) const;

    std::unique_ptr<AnswerReader> reader_;
    std::string_view who_;
    Limits limits_;
    std::function<Error(std::string_view)> explain_;
    SseReader sse_;
    Kind kind_ = Kind::unknown;
    bool begun_ = false;  // a byte order mark would come too late
    bool done_ = false;
    bool has_halves_ = false;  // an event had half a character
    HalfCharacters halves_;
    int silences_ = 0;   // since the last bytes
    std::string text_;   // the start of a response of unknown kind, or a complete document
    std::string event_;  // the event being parsed, with padding for the parser
};

}  // namespace gatehouse::upstream
