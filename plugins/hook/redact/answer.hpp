// SPDX-License-Identifier: Apache-2.0
// Masks the events of one response.  Each of its texts (the text of a choice, its reasoning,
// its refusal, the arguments of each of its tool calls) has its own masker, so that
// alternating texts do not affect each other.
// Belongs to one attempt of one request; one thread at a time.
#pragma once

#include "plugins/hook/redact/json_masker.hpp"

#include <gatehouse/event.hpp>

#include <map>
#include <memory>
#include <tuple>

namespace gatehouse::redact {

class Channel;

class Answer {
public:
    /// REQUIRES: both outlive this object.
    Answer(const Rules& rules, Tally& tally);
    ~Answer();

    void event(Event event, EventSink& next);
    /// Call it after the last event.
    void end(EventSink& next);

private:
    enum class Kind { text, reasoning, refusal, call, member, logprobs };
    // choice, kind, index of the call, name of the member
    using Key = std::tuple<int, Kind, int, std::string>;

    template <typename T>
    T& channel(int choice, Kind kind, int index = 0, const std::string& name = {});
    void release_others(int choice, Kind kind, EventSink& next);
    void release_all(int choice, EventSink& next) { release_others(choice, Kind::member, next); }
    void mask(JsonText& json) const;
    void finish(int choice, EventSink& next);

    template <typename One>
    void on(One event, EventSink& next);
    void members(Extra extra, EventSink& next);

    const Rules& rules_;
    Tally& tally_;
    std::map<Key, std::unique_ptr<Channel>> channels_;
};

}  // namespace gatehouse::redact
