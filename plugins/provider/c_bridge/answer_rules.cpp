// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/c_bridge/answer_rules.hpp"

#include "plugins/common/c_door/mistake.hpp"

#include <algorithm>
#include <string>

namespace gatehouse::c_bridge {

namespace {

const char* name_of(Asked::What what) {
    switch (what) {
        case Asked::What::chat: return "a chat";
        case Asked::What::embed: return "embeddings";
        case Asked::What::rerank: return "a ranking";
        case Asked::What::models: return "a list of models";
    }
    return "a request";
}

/// Whether an event belongs to an answer.
struct BelongsTo {
    using What = Asked::What;
    What what;
    bool operator()(const Embedding&) const { return what == What::embed; }
    bool operator()(const Ranking&) const { return what == What::rerank; }
    bool operator()(const ModelInfo&) const { return what == What::models; }
    bool operator()(const Usage&) const { return what != What::models; }
    bool operator()(const AnswerInfo&) const { return what == What::chat; }
    bool operator()(const TextDelta&) const { return what == What::chat; }
    bool operator()(const ReasoningDelta&) const { return what == What::chat; }
    bool operator()(const RefusalDelta&) const { return what == What::chat; }
    bool operator()(const BlockEnd&) const { return what == What::chat; }
    bool operator()(const ThoughtEnd&) const { return what == What::chat; }
    bool operator()(const OtherBlock&) const { return what == What::chat; }
    bool operator()(const ToolCallDelta&) const { return what == What::chat; }
    bool operator()(const LogprobsDelta&) const { return what == What::chat; }
    bool operator()(const Citation&) const { return what == What::chat; }
    bool operator()(const Finish&) const { return what == What::chat; }
    bool operator()(const Extra&) const { return what == What::chat; }
    bool operator()(const TokenCount&) const { return false; }
    bool operator()(const RawBytes&) const { return false; }
};

struct ChoiceOf {
    template <typename Any>
    int operator()(const Any& event) const {
        if constexpr (requires { event.choice; })
            return event.choice;
        else
            return -1;
    }
};

}  // namespace

void AnswerRules::check_kind(const Event& event) const {
    if (!std::visit(BelongsTo{asked_.what}, event))
        throw Mistake(std::string("an event does not belong to the response of ") + name_of(asked_.what));
    if (used_) throw Mistake("an event came after the usage event, which must be the last event");
}

upstream::Choice& AnswerRules::choice(int number) {
    const std::size_t most = std::min<std::size_t>(asked_.count, upstream::Choices::most);
    if (static_cast<std::size_t>(number) >= most)
        throw Mistake("an event is for choice " + std::to_string(number) + ", but the client requested " +
                      std::to_string(most) + "; choices count from 0");
    return choices_.at(number);
}

void AnswerRules::once(int index, const char* what) {
    const auto at = static_cast<std::size_t>(index);
    if (at >= seen_.size())
        throw Mistake(std::string("an event has the index ") + std::to_string(index) + ", but there are " +
                      std::to_string(seen_.size()) + " " + what);
    if (seen_[at]) throw Mistake("two events have the index " + std::to_string(index));
    seen_[at] = true;
}

Result<void> AnswerRules::take(Event event, EventSink& sink) {
    check_kind(event);
    if (std::holds_alternative<AnswerInfo>(event) && begun_)
        throw Mistake("an info event came after another event");
    begun_ = true;
    if (asked_.what == Asked::What::chat) return take_chat(event, sink);
    if (auto* embedding = std::get_if<Embedding>(&event)) once(embedding->index, "inputs");
    if (auto* ranking = std::get_if<Ranking>(&event)) once(ranking->index, "documents");
    used_ = std::holds_alternative<Usage>(event);
    sink.emit(std::move(event));
    return {};
}

Result<void> AnswerRules::take_chat(Event& event, EventSink& sink) {
    if (std::holds_alternative<Usage>(event)) {
        end();
        used_ = true;
    }
    const int number = std::visit(ChoiceOf{}, event);
    const auto* extra = std::get_if<Extra>(&event);
    if (number < 0 || (extra && extra->place == Extra::Place::answer)) {
        sink.emit(std::move(event));
        return {};
    }
    upstream::Choice& one = choice(number);
    if (one.closed && !extra) throw Mistake("an event came after the finish of its choice");
    if (auto* call = std::get_if<ToolCallDelta>(&event))
        return one.calls.add_at(call->index,
                                {call->id, call->name, call->arguments, call->custom, std::move(call->extra),
                                 std::move(call->inner_extra)},
                                sink);
    if (auto* finish = std::get_if<Finish>(&event)) {
        one.closed = true;
        // Emits "{}" for calls without arguments, and the finish reason that matches the calls.
        auto reason = one.calls.finish(finish->reason, sink);
        if (!reason) return reason.error();
        one.finish = finish->reason = *reason;
    }
    sink.emit(std::move(event));
    return {};
}

void AnswerRules::end() const {
    if (asked_.what == Asked::What::embed) {
        const auto missing = std::find(seen_.begin(), seen_.end(), false);
        if (missing != seen_.end())
            throw Mistake("input " + std::to_string(missing - seen_.begin()) + " has no embedding");
    }
    if (asked_.what != Asked::What::chat) return;
    if (const auto open = choices_.first_unfinished())
        throw Mistake("choice " + std::to_string(*open) + " ends without a finish event");
    if (!choices_.all_finished()) throw Mistake("the response ends without a finish event");
}

}  // namespace gatehouse::c_bridge
