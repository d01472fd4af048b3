// SPDX-License-Identifier: Apache-2.0
// Divides the events of a response for a hook that only reads texts: into pieces of text, ends of a run of
// text, and events that pass.  One thread at a time.
#pragma once

#include <gatehouse/event.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace gatehouse::hook_texts {

/// The channels of a response.  The numbers are those of c_hook.h.
enum class Channel : std::int32_t { answer = 0, reasoning = 1, refusal = 2 };

/// A text of a channel as an event.
inline Event event_of(Channel channel, std::int32_t choice, std::string text) {
    switch (channel) {
        case Channel::reasoning: return ReasoningDelta{std::move(text), choice};
        case Channel::refusal: return RefusalDelta{std::move(text), choice};
        case Channel::answer: break;
    }
    return TextDelta{std::move(text), choice};
}

/// `Reader` has these members; a run is the text of a choice in one channel until another event follows:
///     void text(Channel, std::int32_t choice, const std::string& piece)
///     void flush(Channel, std::int32_t choice)   the run ends: pass on the text that was held back
///     void pass(Event)
template <typename Reader>
class TextRuns {
public:
    explicit TextRuns(Reader& reader) : reader_(reader) {}

    /// Log probabilities are dropped, because they quote the unchanged text.
    void event(Event event) {
        if (auto* answer = std::get_if<TextDelta>(&event))
            return text(Channel::answer, answer->choice, answer->text);
        if (auto* reasoning = std::get_if<ReasoningDelta>(&event))
            return text(Channel::reasoning, reasoning->choice, reasoning->text);
        if (auto* refusal = std::get_if<RefusalDelta>(&event))
            return text(Channel::refusal, refusal->choice, refusal->text);
        if (std::holds_alternative<LogprobsDelta>(event)) return;
        // An Extra has no place among the texts.  A flush would let a word pass that it cuts.
        const auto choice = std::visit(ChoiceOf{}, event);
        if (choice && !std::holds_alternative<Extra>(event)) flush(*choice);
        reader_.pass(std::move(event));
    }
    /// No more events follow.
    void end() {
        while (!open_.empty()) flush(open_.begin()->first);
    }
    /// Another attempt begins.
    void clear() { open_.clear(); }

private:
    struct ChoiceOf {
        template <typename Any>
        std::optional<std::int32_t> operator()(const Any& event) const {
            if constexpr (requires { event.choice; })
                return event.choice;
            else
                return std::nullopt;
        }
    };

    void text(Channel channel, std::int32_t choice, const std::string& piece) {
        if (const auto open = open_.find(choice); open != open_.end() && open->second != channel)
            flush(choice);
        open_[choice] = channel;
        reader_.text(channel, choice, piece);
    }
    void flush(std::int32_t choice) {
        const auto open = open_.find(choice);
        if (open == open_.end()) return;
        const Channel channel = open->second;
        open_.erase(open);
        reader_.flush(channel, choice);
    }

    Reader& reader_;
    std::map<std::int32_t, Channel> open_;  // the channel of each choice that may hold text back
};

}  // namespace gatehouse::hook_texts
