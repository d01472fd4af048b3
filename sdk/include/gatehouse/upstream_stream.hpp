// SPDX-License-Identifier: Apache-2.0
// The base of an exchange whose response is read as it arrives: server-sent events or JSON lines.
//
//     class Chat final : public SseExchange {
//         Result<void> on_json(JsonValue top, EventSink& events) override {
//             …
//             if (top["done"].boolean() == true) finished();
//             return {};
//         }
//         Result<void> on_done(EventSink&) override { return invalid("it has no end"); }
//
// A response of one line, such as a document, is read by a LineExchange too.
#pragma once

#include "gatehouse/lines.hpp"
#include "gatehouse/sse.hpp"
#include "gatehouse/upstream.hpp"

#include <string_view>

namespace gatehouse {

/// Reader: SseReader or LineReader.  A piece is the data of an event, or a line.  One thread at a
/// time, as every Exchange.
template <typename Reader>
class StreamExchange : public UpstreamExchange {
public:
    void head(const http::ResponseHead& head) override {
        UpstreamExchange::head(head);
        finished_ = false;
        const Limits& limits = host().limits();
        reader_ = Reader(whole_ ? limits.max_answer_bytes : limits.max_event_bytes);
    }
    bool complete() const override { return finished_; }

protected:
    /// `whole`: the response may be one piece, so that the limit of a complete response holds.
    StreamExchange(Host& host, std::string_view who, bool whole = false)
        : UpstreamExchange(host, who), whole_(whole) {}

    /// Reads a piece.  An error ends the exchange.  By default on_json() reads it: override this
    /// for pieces that are not JSON, such as [DONE].
    virtual Result<void> on_piece(std::string_view piece, EventSink& events) { return read(piece, events); }
    /// The response has ended, and finished() has not been called.
    virtual Result<void> on_done(EventSink& events) = 0;

    /// Call it at the upstream's own end of the response: further pieces are ignored, and the core
    /// does not wait for the end of the connection.
    void finished() { finished_ = true; }
    /// For the type of a server-sent event: reader().type().
    const Reader& reader() const { return reader_; }

private:
    Result<void> on_body(std::string_view bytes, EventSink& events) override {
        Result<void> state;
        if (!reader_.feed(bytes, [&](std::string_view piece) { take(piece, events, state); }))
            return invalid("a piece of it exceeds its limit");
        return state;
    }
    Result<void> on_end(EventSink& events) override {
        Result<void> state;
        reader_.finish([&](std::string_view piece) { take(piece, events, state); });
        return !state || finished_ ? state : on_done(events);
    }
    void take(std::string_view piece, EventSink& events, Result<void>& state) {
        if (state && !finished_) state = on_piece(piece, events);
    }

    Reader reader_;
    const bool whole_;
    bool finished_ = false;
};

using SseExchange = StreamExchange<SseReader>;
using LineExchange = StreamExchange<LineReader>;

}  // namespace gatehouse
