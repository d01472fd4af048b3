// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/redact/answer.hpp"

#include "plugins/common/json/json.hpp"
#include "plugins/hook/redact/channels.hpp"

#include <gatehouse/json_writer.hpp>

#include <limits>
#include <stdexcept>
#include <utility>

namespace gatehouse::redact {

namespace {

// Limits the memory that one response can use.
constexpr std::size_t max_channels = 4096;

}  // namespace

Answer::Answer(const Rules& rules, Tally& tally) : rules_(rules), tally_(tally) {}
Answer::~Answer() = default;

template <typename T>
T& Answer::channel(int choice, Kind kind, int index, const std::string& name) {
    auto& slot = channels_[{choice, kind, index, name}];
    if (!slot) {
        if (channels_.size() > max_channels) throw std::runtime_error("an answer of too many parts");
        slot = std::make_unique<T>(rules_, tally_, choice, index, name);
    }
    return static_cast<T&>(*slot);
}

// Events without text.
template <typename Other>
void Answer::on(Other other, EventSink& next) {
    next.emit(std::move(other));
}

template <>
void Answer::on(TextDelta delta, EventSink& next) {
    release_others(delta.choice, Kind::text, next);
    channel<TextChannel<TextDelta>>(delta.choice, Kind::text).feed(delta.text, next);
}

template <>
void Answer::on(ReasoningDelta delta, EventSink& next) {
    release_others(delta.choice, Kind::reasoning, next);
    channel<TextChannel<ReasoningDelta>>(delta.choice, Kind::reasoning).feed(delta.text, next);
}

template <>
void Answer::on(RefusalDelta delta, EventSink& next) {
    release_others(delta.choice, Kind::refusal, next);
    channel<TextChannel<RefusalDelta>>(delta.choice, Kind::refusal).feed(delta.text, next);
}

template <>
void Answer::on(BlockEnd end, EventSink& next) {
    release_all(end.choice, next);
    next.emit(end);
}

// A changed thought would not match its signature, and the encrypted one has the secret.
template <>
void Answer::on(ThoughtEnd end, EventSink& next) {
    release_others(end.choice, Kind::reasoning, next);
    auto& thought = channel<TextChannel<ReasoningDelta>>(end.choice, Kind::reasoning);
    thought.finish(next);
    if (thought.take_masked()) end.signature.clear(), end.encrypted.clear();
    next.emit(std::move(end));
}

template <>
void Answer::on(OtherBlock block, EventSink& next) {
    release_all(block.choice, next);
    mask(block.json);
    next.emit(std::move(block));
}

template <>
void Answer::on(ToolCallDelta delta, EventSink& next) {
    release_others(delta.choice, Kind::call, next);
    delta.name = masked(rules_, tally_, delta.name);
    channel<CallChannel>(delta.choice, Kind::call, delta.index).feed(std::move(delta), next);
}

template <>
void Answer::on(LogprobsDelta delta, EventSink& next) {
    channel<TokenChannel>(delta.choice, Kind::logprobs, delta.refusal ? 1 : 0).feed(std::move(delta), next);
}

template <>
void Answer::on(Citation citation, EventSink& next) {
    citation.url = masked(rules_, tally_, citation.url);
    citation.title = masked(rules_, tally_, citation.title);
    mask(citation.extra), mask(citation.inner_extra);
    channel<TextChannel<TextDelta>>(citation.choice, Kind::text).move(citation);
    next.emit(std::move(citation));
}

template <>
void Answer::on(Extra extra, EventSink& next) {
    if (extra.place == Extra::Place::message) return members(std::move(extra), next);
    mask(extra.members);
    next.emit(std::move(extra));
}

template <>
void Answer::on(Finish finished, EventSink& next) {
    finish(finished.choice, next);
    finished.stop_sequence = masked(rules_, tally_, finished.stop_sequence);
    mask(finished.details);
    next.emit(std::move(finished));
}

template <>
void Answer::on(Usage usage, EventSink& next) {
    for (JsonText* members : {&usage.extra, &usage.prompt_extra, &usage.completion_extra})
        members->text = masked_strings(rules_, tally_, members->text);
    next.emit(std::move(usage));
}

void Answer::mask(JsonText& json) const { json.text = masked_json(rules_, tally_, json.text); }

// A string in the unknown members of a message may be a text that arrives in pieces, or a
// word that is repeated in each piece.
void Answer::members(Extra extra, EventSink& next) {
    std::string text = extra.members.text;
    auto document = json::Document::parse(text);
    auto object = document ? document->object() : std::nullopt;
    if (!object) {
        mask(extra.members);
        return next.emit(std::move(extra));
    }
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json::for_each(*object, [&](std::string_view name, json::Value& value) {
        std::string content;
        if (json::take_string(value, content)) {
            auto& member = channel<MemberChannel>(extra.choice, Kind::member, 0, std::string(name));
            const std::string ready = member.feed(content, extra.protocol);
            if (!ready.empty() || content.empty()) json.member(member.name(), ready);
        } else {
            json.key(masked(rules_, tally_, name)).raw(masked_json(rules_, tally_, json::raw(value)));
        }
        return true;
    });
    json.end_object();
    if (out == "{}") return;
    extra.members.text = std::move(out);
    next.emit(std::move(extra));
}

// When a choice changes to another kind of output, its delayed text is sent first.
void Answer::release_others(int choice, Kind kind, EventSink& next) {
    for (auto at = channels_.lower_bound({choice, Kind::text, std::numeric_limits<int>::min(), ""});
         at != channels_.end() && std::get<0>(at->first) == choice && std::get<1>(at->first) <= Kind::call;
         ++at)
        if (std::get<1>(at->first) != kind) at->second->release(next);
}

void Answer::finish(int choice, EventSink& next) {
    auto at = channels_.lower_bound({choice, Kind::text, std::numeric_limits<int>::min(), ""});
    while (at != channels_.end() && std::get<0>(at->first) == choice) {
        at->second->finish(next);
        at = channels_.erase(at);
    }
}

void Answer::event(Event event, EventSink& next) {
    std::visit([&](auto& one) { on(std::move(one), next); }, event);
}

void Answer::end(EventSink& next) {
    while (!channels_.empty()) finish(std::get<0>(channels_.begin()->first), next);
}

}  // namespace gatehouse::redact
