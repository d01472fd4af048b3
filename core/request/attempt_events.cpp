// SPDX-License-Identifier: Apache-2.0
// The events of an attempt, which come from the hooks: they are counted and formatted.
#include "core/request/attempt.hpp"

#include "core/request/event_size.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

namespace {

// One call of a provider may produce more of a stream than a slow client takes at once.
constexpr std::size_t min_stream_limit = 32 * 1024 * 1024;

bool carries_answer(const Event& event) {
    return std::holds_alternative<TextDelta>(event) || std::holds_alternative<ToolCallDelta>(event) ||
           std::holds_alternative<ReasoningDelta>(event);
}

}  // namespace

// The upstream's bytes may be compressed, so a non-streaming response is counted and limited by its events.
// Events above the limit are dropped, and the attempt fails after the call that has emitted them.
bool Attempt::hold(const Event& event) {
    if (!deadline_.whole) return !too_large();
    const std::size_t bytes = size_of(event);
    event_bytes_ += bytes;
    if (too_large()) return false;
    held_.add(bytes);
    return true;
}

// The bytes of a stream count until they are sent.
bool Attempt::too_large() const {
    const std::size_t limit = policy_.max_response_bytes;
    return event_bytes_ > limit || (!deadline_.whole && out_.size() > std::max(limit, min_stream_limit));
}

bool Attempt::full() const { return over_ || too_large(); }

// Returns true if a hook or the size of the events has failed the attempt.
bool Attempt::fails_by_events() {
    if (hooks_.failure()) {
        fail(*hooks_.failure());
        return true;
    }
    if (!too_large()) return fails_by_held_events();
    fail(quoted({ErrorKind::upstream, "the upstream's response is larger than max_response_bytes"}));
    return true;
}

// Returns true if the hooks hold back more of a response than one response may have.
bool Attempt::fails_by_held_events() {
    if (!deadline_.whole) held_.set(hooks_.held());
    if (hooks_.held() <= policy_.max_response_bytes) return false;
    fail({ErrorKind::internal, "the response is larger than the gateway may hold back",
          "hooks hold back more than max_response_bytes"});
    return true;
}

void Attempt::emit(Event event) {
    hooks_.passed(event);
    if (over_ || !hold(event)) return;
    has_output_ = true;
    if (telling_) tell(event);
    if (!record_.first_token && carries_answer(event)) record_.first_token = RequestRecord::Clock::now();
    if (std::holds_alternative<Finish>(event)) ++finished_;
    if (auto* usage = std::get_if<Usage>(&event)) record_.usage = *usage;
    if (auto* text = std::get_if<TextDelta>(&event)) record_.text_bytes += text->text.size();
    if (auto* thought = std::get_if<ReasoningDelta>(&event)) record_.text_bytes += thought->text.size();
    if (auto* refusal = std::get_if<RefusalDelta>(&event)) record_.text_bytes += refusal->text.size();
    if (auto* call = std::get_if<ToolCallDelta>(&event)) record_.text_bytes += call->arguments.size();
    const CallNote note({record_.dialect, "ResponseFormatter::event", record_.request_id});
    formatter_->event(event, out_);
}

}  // namespace gatehouse::core
