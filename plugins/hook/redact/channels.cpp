// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/redact/channels.hpp"

#include <gatehouse/json_escape.hpp>
#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::redact {

namespace {

// A mask may follow a part of a character.
std::string valid_utf8(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = gatehouse::detail::utf8_length(text);
        out += length ? text.substr(0, length) : std::string_view("\uFFFD");
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

}  // namespace

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
    if (delta.custom && !custom_) masker_.treat_as_text();
    custom_ |= delta.custom;
    const bool was_empty = delta.arguments.empty();
    for (JsonText* members : {&delta.extra, &delta.inner_extra})
        members->text = masked_json(rules_, tally_, members->text);
    std::string out;
    masker_.feed(delta.arguments, out);
    // The first delta of a call is sent at once, even if its arguments are delayed.
    const bool only_arguments =
        delta.id.empty() && delta.name.empty() && delta.extra.empty() && delta.inner_extra.empty();
    if (out.empty() && !was_empty && only_arguments) return;
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
        next.emit(ToolCallDelta{
            .index = index_, .arguments = std::move(arguments), .choice = choice_, .custom = custom_});
}

bool MemberChannel::is_reasoning(std::string_view name) {
    return name == "reasoning" || name == "reasoning_text" || name == "thinking" || name == "thought";
}

std::string MemberChannel::feed(std::string_view text, const std::string& protocol) {
    protocol_ = protocol;
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
    Extra extra{.place = Extra::Place::message, .choice = choice_, .protocol = protocol_};
    JsonWriter(extra.members.text).begin_object().member(name_, rest).end_object();
    next.emit(std::move(extra));
}

void TokenChannel::feed(LogprobsDelta delta, EventSink& next) {
    if (!delta.extra.empty())
        next.emit(LogprobsDelta{.choice = choice_,
                                .refusal = refusal_,
                                .extra = {masked_json(rules_, tally_, delta.extra.text)}});
    std::string text;
    for (TokenLogprob& token : delta.tokens) {
        // `token` cannot show a part of a character.
        const bool has_bytes = token.bytes && !token.bytes->empty();
        const std::string_view content = has_bytes ? *token.bytes : token.token;
        text += content;
        const std::size_t size = content.size();
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
    LogprobsDelta ready{.choice = choice_, .refusal = refusal_};
    for (; told_ > 0; --told_, tokens_.pop_front())
        ready.tokens.push_back(cleaned(std::move(tokens_.front())));
    next.emit(std::move(ready));
}

TokenLogprob TokenChannel::cleaned(Token one) const {
    TokenLogprob& token = one.token;
    if (one.hidden) {
        token.token = valid_utf8(one.text);
        token.bytes.reset();
        token.extra = {};
        token.top.clear();
    } else if (token.bytes) {
        clean(token);
    }
    mask_extra(token);
    for (auto& alternative : token.top) {
        clean(alternative);
        mask_extra(alternative);
    }
    return std::move(token);
}

template <typename Logprob>
void TokenChannel::mask_extra(Logprob& token) const {
    if (!token.extra.empty()) token.extra.text = masked_json(rules_, tally_, token.extra.text);
}

// Masks a token on its own, and drops its bytes if they would reveal it.
template <typename Logprob>
void TokenChannel::clean(Logprob& token) const {
    std::string text = masked(rules_, tally_, token.token);
    const bool reveals = token.bytes && rules_.first(*token.bytes, 0) != std::string::npos;
    if (reveals || text != token.token) token.bytes.reset();
    token.token = std::move(text);
}

}  // namespace gatehouse::redact
