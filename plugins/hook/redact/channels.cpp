// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/redact/channels.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::redact {

void Shifts::mask(std::string_view mask) { shifts_.push_back({at_, 0, common::characters(mask)}); }

void Shifts::hidden(std::string_view bytes) {
    const std::int64_t count = common::characters(bytes);
    at_ += count;
    if (!shifts_.empty()) shifts_.back().length += count;
}

std::int64_t Shifts::moved(std::int64_t place, bool end) const {
    std::int64_t moved = place;
    for (const auto& [begin, length, mask_length] : shifts_) {
        if (place <= begin) break;
        if (place < begin + length) {
            moved += begin - place + (end ? mask_length : 0);
            break;
        }
        moved += mask_length - length;
    }
    return moved;
}

void CallChannel::feed(ToolCallDelta delta, EventSink& next) {
    const bool was_empty = delta.arguments.empty();
    std::string out;
    masker_.feed(delta.arguments, out);
    // The first delta of a call is sent at once, even if its arguments are delayed.
    if (out.empty() && !was_empty && delta.id.empty() && delta.name.empty()) return;
    delta.arguments = std::move(out);
    next.emit(std::move(delta));
}

void CallChannel::release(EventSink& next) {
    std::string out;
    masker_.release(out);
    send(std::move(out), next);
}

void CallChannel::finish(EventSink& next) {
    std::string out;
    masker_.finish(out);
    send(std::move(out), next);
}

void CallChannel::send(std::string arguments, EventSink& next) {
    if (!arguments.empty())
        next.emit(ToolCallDelta{.index = index_, .arguments = std::move(arguments), .choice = choice_});
}

bool MemberChannel::is_reasoning(std::string_view name) {
    return name == "reasoning" || name == "reasoning_text" || name == "thinking" || name == "thought";
}

std::string MemberChannel::feed(std::string_view text) {
    std::string out;
    TextOutput output(out);
    masker_.feed(text, output);
    if (!waits_) masker_.release(output);
    return out;
}

void MemberChannel::finish(EventSink& next) {
    std::string rest;
    TextOutput output(rest);
    masker_.finish(output);
    if (rest.empty()) return;
    Extra extra{.place = Extra::Place::message, .choice = choice_};
    JsonWriter(extra.members.text).begin_object().member(name_, rest).end_object();
    next.emit(std::move(extra));
}

void TokenChannel::feed(LogprobsDelta delta, EventSink& next) {
    std::string text;
    for (TokenLogprob& token : delta.tokens) {
        text += token.token;
        const std::size_t size = token.token.size();
        tokens_.push_back({std::move(token), size});
    }
    masker_.feed(text, *this);
    send(next);
}

void TokenChannel::finish(EventSink& next) {
    masker_.finish(*this);
    send(next);
}

void TokenChannel::take(std::string_view bytes, bool hidden) {
    while (!bytes.empty()) {
        Token& token = tokens_[told_];
        const std::size_t count = std::min(bytes.size(), token.left);
        if (count > 0 && hidden) {
            token.text += std::exchange(mask_, {});
            token.hidden = true;
        } else {
            token.text += bytes.substr(0, count);
        }
        token.left -= count;
        if (token.left == 0) ++told_;
        bytes.remove_prefix(count);
    }
}

void TokenChannel::send(EventSink& next) {
    while (told_ < tokens_.size() && tokens_[told_].left == 0) ++told_;
    if (told_ == 0) return;
    LogprobsDelta ready{.choice = choice_};
    for (; told_ > 0; --told_, tokens_.pop_front()) {
        Token& one = tokens_.front();
        one.token.token = std::move(one.text);
        if (one.hidden) one.token.top.clear();
        for (auto& alternative : one.token.top) alternative.token = masked(rules_, tally_, alternative.token);
        ready.tokens.push_back(std::move(one.token));
    }
    next.emit(std::move(ready));
}

}  // namespace gatehouse::redact
