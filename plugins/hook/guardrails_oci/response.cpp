// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/guardrails_oci/response.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace gatehouse::guardrails_oci {

namespace {

/// The text of an event that a client may see; null if it has none.
std::string* text_in(Event& event) {
    if (auto* text = std::get_if<TextDelta>(&event)) return &text->text;
    if (auto* thought = std::get_if<ReasoningDelta>(&event)) return &thought->text;
    if (auto* refusal = std::get_if<RefusalDelta>(&event)) return &refusal->text;
    if (auto* call = std::get_if<ToolCallDelta>(&event)) return &call->arguments;
    if (auto* other = std::get_if<OtherBlock>(&event)) return &other->json.text;
    return nullptr;
}

const std::string* text_in(const Event& event) { return text_in(const_cast<Event&>(event)); }

constexpr std::array<std::string_view, 9> sentence_ends = {
    ". ", "! ", "? ", ".\n", "\n", "\xe3\x80\x82", "\xef\xbc\x81", "\xef\xbc\x9f", "; "};

/// The text of a response to which a piece belongs: a kind of event, a choice, and a tool call in it.
struct Place {
    std::size_t kind = 0;
    int choice = 0, index = 0;
    bool operator==(const Place&) const = default;
};

std::optional<Place> place_of(const Event& event) {
    if (auto* text = std::get_if<TextDelta>(&event)) return Place{event.index(), text->choice};
    if (auto* thought = std::get_if<ReasoningDelta>(&event)) return Place{event.index(), thought->choice};
    if (auto* refusal = std::get_if<RefusalDelta>(&event)) return Place{event.index(), refusal->choice};
    if (auto* call = std::get_if<ToolCallDelta>(&event))
        return Place{event.index(), call->choice, call->index};
    return std::nullopt;
}

/// Whether the event has more than a piece of the text that an earlier event began.
bool begins_text(const Event& event) {
    auto* const call = std::get_if<ToolCallDelta>(&event);
    return call && (!call->id.empty() || !call->extra.empty());
}

/// The choice whose current texts end with this event.
std::optional<int> ended_choice(const Event& event) {
    if (auto* block = std::get_if<BlockEnd>(&event)) return block->choice;
    if (auto* thought = std::get_if<ThoughtEnd>(&event)) return thought->choice;
    return std::nullopt;
}

/// For each event the event that has begun its text.  Pieces of other choices and events without a text may lie
/// between the pieces of a text.
std::vector<std::size_t> first_pieces(std::span<const Event> events) {
    std::vector<std::size_t> first(events.size());
    std::vector<std::pair<Place, std::size_t>> open;
    for (std::size_t i = 0; i < events.size(); ++i) {
        first[i] = i;
        if (const auto ended = ended_choice(events[i]))
            std::erase_if(open, [&](const auto& one) { return one.first.choice == *ended; });
        const auto place = place_of(events[i]);
        if (!place) continue;
        const auto found = std::ranges::find(open, *place, &std::pair<Place, std::size_t>::first);
        if (found == open.end())
            open.emplace_back(*place, i);
        else if (begins_text(events[i]))
            found->second = i;
        else
            first[i] = found->second;
    }
    return first;
}

/// Joins the pieces of each text, so that a mask finds what several pieces contain.
std::vector<Event> joined(std::vector<Event> events) {
    const std::vector<std::size_t> first = first_pieces(events);
    for (std::size_t i = 0; i < events.size(); ++i)
        if (first[i] != i) *text_in(events[first[i]]) += *text_in(events[i]);
    std::vector<Event> out;
    for (std::size_t i = 0; i < events.size(); ++i)
        if (first[i] == i) out.push_back(std::move(events[i]));
    return out;
}

/// The texts of `events`, joined as the model said them.
std::string texts_in(std::span<const Event> events) {
    std::string all;
    for (const Event& event : joined({events.begin(), events.end()})) {
        const std::string* const text = text_in(event);
        if (!text || text->empty()) continue;
        if (!all.empty()) all += '\n';
        all += *text;
    }
    return all;
}

/// Whether `text` has something that a mask should have replaced.
bool has_any(std::string_view text, const Decision& decision) {
    return std::ranges::any_of(decision.masks,
                               [&](const auto& one) { return text.find(one.first) != text.npos; });
}

/// A thought that was changed has no valid signature, and the tokens of a text that was changed would show
/// it.
std::vector<Event> masked_batch(std::vector<Event> events, const Decision& decision) {
    bool changed = false;
    events = joined(std::move(events));
    for (Event& event : events) {
        if (std::string* const text = text_in(event)) {
            std::string now = masked(*text, decision);
            changed = changed || now != *text;
            *text = std::move(now);
        }
        auto* const end = std::get_if<ThoughtEnd>(&event);
        if (!end || !changed) continue;
        end->signature.clear();
        end->encrypted.clear();
    }
    if (changed)
        std::erase_if(events, [](const Event& one) { return std::holds_alternative<LogprobsDelta>(one); });
    return events;
}

}  // namespace

bool HeldResponse::ends_batch(std::string_view text) const {
    if (hold_.to_the_end) return false;
    if (pieces_ >= hold_.pieces) return true;
    if (!hold_.sentences) return false;
    for (const std::string_view end : sentence_ends)
        if (text.find(end) != text.npos) return true;
    return text.ends_with('.') || text.ends_with('!') || text.ends_with('?');
}

void HeldResponse::add(Event event, EventSink& next) {
    if (blocked_) return emit_blocked(std::move(event), next);
    const std::string* const text = text_in(std::as_const(event));
    const bool says = text && !text->empty();
    const bool ends = says && (++pieces_, ends_batch(*text));
    has_text_ = has_text_ || says;
    held_.push_back(std::move(event));
    if (ends) close(next);
}

void HeldResponse::end(EventSink& next) {
    if (!blocked_) close(next);
}

// Events without a text behind a batch need no check, but stay in their order.
void HeldResponse::close(EventSink& next) {
    pieces_ = 0;
    if (checking_) {
        closes_ = true;
        return;
    }
    if (std::exchange(has_text_, false) || batch_ > 0) {
        batch_ = held_.size();
        return;
    }
    for (Event& event : std::exchange(held_, {})) next.emit(std::move(event));
}

std::string HeldResponse::begin_check() {
    checking_ = true;
    return texts_in({held_.data(), batch_});
}

void HeldResponse::pass(const Decision& decision, EventSink& next) {
    std::vector<Event> batch(std::make_move_iterator(held_.begin()),
                             std::make_move_iterator(held_.begin() + static_cast<std::ptrdiff_t>(batch_)));
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(std::exchange(batch_, 0)));
    checking_ = false;
    if (!decision.masks.empty()) batch = masked_batch(std::move(batch), decision);
    blocked_ = !decision.blocked_for.empty() || has_any(texts_in(batch), decision);
    for (Event& event : batch) blocked_ ? emit_blocked(std::move(event), next) : next.emit(std::move(event));
    if (blocked_)
        for (Event& event : std::exchange(held_, {})) emit_blocked(std::move(event), next);
    else if (std::exchange(closes_, false))
        close(next);
}

/// A client still gets the end of a blocked response, and its usage.
void HeldResponse::emit_blocked(Event event, EventSink& next) {
    if (auto* finish = std::get_if<Finish>(&event)) {
        finish->reason = FinishReason::content_filter;
        finish->native = "guardrail";
        next.emit(std::move(event));
    } else if (std::holds_alternative<Usage>(event) || std::holds_alternative<AnswerInfo>(event)) {
        next.emit(std::move(event));
    }
}

}  // namespace gatehouse::guardrails_oci
