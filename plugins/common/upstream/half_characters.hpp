// SPDX-License-Identifier: Apache-2.0
// Joins characters that an upstream has cut into two events.  JSON writes a character
// outside the BMP as two surrogates, "\ud83d\ude00", and some upstreams send each of them
// in an event of its own.  Tree::parse() marks such halves; this sink joins them.
// One thread at a time.
#pragma once

#include <gatehouse/event.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

namespace gatehouse::upstream {

/// The mark of a half: a private character of four bytes.  REQUIRES: `surrogate` is one.
std::string marked_half(std::uint16_t surrogate);

/// The halves that wait for their other half, by text.
class HalfCharacters {
public:
    /// Emits `event` to `to` without marks.  A half at the end of a text is kept back until
    /// the text continues or its choice finishes.  A half without the other one becomes U+FFFD.
    void emit(Event event, EventSink& to);

private:
    struct Mender;
    enum class Kind { text, reasoning, refusal, arguments };
    using Place = std::tuple<int, Kind, int>;  // choice, kind, index of the call

    void join(std::string& text, Place place);
    void flush(int choice, EventSink& to);

    std::map<Place, std::string> held_;
};

/// A sink in front of `to` that has these halves.
class JoiningSink final : public EventSink {
public:
    JoiningSink(HalfCharacters& halves, EventSink& to) : halves_(halves), to_(to) {}
    void emit(Event event) override { halves_.emit(std::move(event), to_); }

private:
    HalfCharacters& halves_;
    EventSink& to_;
};

}  // namespace gatehouse::upstream
