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
// A document, on one line or on several, is read by a LineExchange too.  Characters that the
// upstream has cut into two pieces are joined.
#pragma once

#include "gatehouse/half_characters.hpp"
#include "gatehouse/lines.hpp"
#include "gatehouse/sse.hpp"
#include "gatehouse/upstream.hpp"

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace gatehouse {

namespace detail {

/// Counts the open brackets of JSON, line by line.
class OpenBrackets {
public:
    void add(std::string_view json) {
        for (const char c : json) {
            if (in_string_) {
                in_string_ = escaped_ || c != '"';
                escaped_ = !escaped_ && c == '\\';
            } else if (c == '"') {
                in_string_ = true;
            } else if (c == '{' || c == '[') {
                ++depth_;
            } else if (c == '}' || c == ']') {
                --depth_;
            }
        }
    }
    /// Whether the value continues in the next line.
    bool any() const { return depth_ > 0 && !in_string_; }

private:
    int depth_ = 0;
    bool in_string_ = false, escaped_ = false;
};

}  // namespace detail

/// Reader: SseReader or LineReader.  A piece is the data of an event, or a line.  One thread at a
/// time, as every Exchange.
template <typename Reader>
class StreamExchange : public UpstreamExchange {
public:
    void head(const http::ResponseHead& head) override {
        UpstreamExchange::head(head);
        finished_ = begun_ = joins_ = false;
        silences_ = needed_silences_ = 0;
        halves_ = {};
        open_ = {};
        begin_.clear();
        reader_ = Reader(limit());
    }
    bool complete() const override {
        return finished_ || (needed_silences_ > 0 && silences_ >= needed_silences_);
    }
    bool may_end() const override { return needed_silences_ > 0; }

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
    /// Call it instead where nothing is missing, but some upstreams continue.  Further pieces are
    /// read.  The core ends a response whose upstream is silent for half a second, or for 5 s if
    /// `more_is_likely`.  on_done() follows.
    void may_finish(bool more_is_likely = false) { needed_silences_ = more_is_likely ? 10 : 1; }
    /// For the type of a server-sent event: reader().type().
    const Reader& reader() const { return reader_; }

    /// Passes `piece` to on_json().  An error if it is not JSON.
    Result<void> read(std::string_view piece, EventSink& events) {
        std::string mended;
        auto top = read_json(piece);
        if (!top && (mended = mended_json(piece, true)) != piece) {
            top = read_json(mended);
            joins_ = true;
        }
        if (!top) return invalid(top.error().message);
        return joined(events, [&](EventSink& to) { return on_json(*top, to); });
    }

private:
    Result<void> on_body(std::string_view bytes, EventSink& events) override {
        silences_ = bytes.empty() ? silences_ + 1 : 0;
        Result<void> state;
        if (!reader_.feed(bytes, [&](std::string_view piece) { take(piece, events, state); }))
            return too_large();
        return state;
    }
    Result<void> on_end(EventSink& events) override {
        Result<void> state;
        reader_.finish([&](std::string_view piece) { take(piece, events, state); });
        if (state && !begin_.empty()) state = on_piece(begin_, events);
        if (!state || finished_) return state;
        return joined(events, [&](EventSink& to) { return on_done(to); });
    }
    void take(std::string_view piece, EventSink& events, Result<void>& state) {
        if (!state || finished_) return;
        if (!std::exchange(begun_, true) && piece.starts_with("\xEF\xBB\xBF")) piece.remove_prefix(3);
        if constexpr (std::is_same_v<Reader, LineReader>) open_.add(piece);
        if (begin_.empty() && !open_.any()) {
            open_ = {};
            state = on_piece(piece, events);
            return;
        }
        // A document on several lines.
        if (begin_.size() + piece.size() >= limit()) return void(state = too_large());
        begin_.append(piece).append("\n");
        if (open_.any()) return;
        open_ = {};
        state = on_piece(std::exchange(begin_, {}), events);
    }

    /// Calls `call` with a sink that joins the halves of characters, if there were any.
    template <typename Call>
    Result<void> joined(EventSink& events, Call&& call) {
        if (!joins_) return call(events);
        JoiningSink joining(halves_, events);
        return call(joining);
    }
    std::size_t limit() const {
        const Limits& limits = host().limits();
        return whole_ ? limits.max_answer_bytes : limits.max_event_bytes;
    }
    [[gnu::cold]] Error too_large() const { return invalid("a piece of it exceeds its limit"); }

    Reader reader_;
    const bool whole_;
    bool finished_ = false, begun_ = false;
    bool joins_ = false;  // a piece had half a character
    HalfCharacters halves_;
    detail::OpenBrackets open_;
    std::string begin_;  // the first lines of a document
    int silences_ = 0;   // since the last bytes
    int needed_silences_ = 0;
};

using SseExchange = StreamExchange<SseReader>;
using LineExchange = StreamExchange<LineReader>;

}  // namespace gatehouse
