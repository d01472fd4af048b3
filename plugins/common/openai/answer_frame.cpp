// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/openai/answer_frame.hpp"

#include "plugins/common/openai/answer_parts.hpp"
#include "plugins/common/upstream/answer_parts.hpp"
#include "plugins/common/upstream/finish_reason.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <utility>

namespace gatehouse::openai_format {

namespace dom = upstream::dom;
using upstream::array;
using upstream::integer;
using upstream::integer_member;
using upstream::member;
using upstream::object;
using upstream::string;
using upstream::string_member;

namespace {

constexpr std::size_t max_beside = 64, max_beside_bytes = 4096;  // limits of remembered members

bool is_known(std::string_view name) {
    // `obfuscation` and `pad` only hide the lengths of the texts.
    switch (name.size()) {
        case 2: return name == "id";
        case 3: return name == "pad";
        case 5: return name == "model" || name == "usage" || name == "error";
        case 6: return name == "object";
        case 7: return name == "created" || name == "choices";
        case 11: return name == "obfuscation";
        case 12: return name == "service_tier";
        default: return false;
    }
}

std::optional<Usage> usage_in(dom::object from) {
    const auto usage = member(from, "usage");
    if (usage)
        if (auto read = read_usage(*usage)) return read;
    const auto groq = upstream::object_member(from, "x_groq");
    const auto inner = groq ? member(*groq, "usage") : std::nullopt;
    return inner ? read_usage(*inner) : std::nullopt;
}

}  // namespace

Result<void> AnswerFrame::read(dom::object top, EventSink& events) {
    read_info(top, events);
    read_beside(top, events);
    // Usage arrives with the last chunk, in a separate chunk, or with every chunk.
    usage_last_ = false;
    if (const auto usage = usage_in(top)) {
        usage_ = *usage;
        usage_last_ = true;
    }

    taken_.clear();
    if (const auto listed = member(top, "choices")) {
        const auto choices = array(*listed);
        if (!choices) return garbage("'choices' is not an array");
        std::int64_t position = 0;
        for (dom::element element : *choices) {
            const auto choice = object(element);
            if (!choice) return garbage("one of 'choices' is not an object");
            if (const auto usage = usage_in(*choice)) usage_ = *usage;  // Moonshot's place for it
            if (auto ok = read_choice(*choice, position++, events); !ok) return ok;
        }
        if (position > 0) usage_last_ = false;
    }
    // Only the upstream's end closes the choices: some send a finish reason with every piece.
    return {};
}

upstream::AnswerReader::Ending AnswerFrame::ending() const {
    if (!choices_.all_finished() || choices_.any_implied()) return Ending::missing;
    const bool may_follow = choices_.any_says_more() && !usage_last_;
    return may_follow || (wants_usage_ && !usage_) ? Ending::possible : Ending::likely;
}

void AnswerFrame::note_end(upstream::Choice& choice, std::size_t before) {
    if (choice.finish && choice.pieces() != before) choice.says_more = true;
}

Result<void> AnswerFrame::finish(EventSink& events) {
    if (!choices_.all_finished()) return upstream::unfinished(who_, "finish reason");
    if (auto ok = choices_.close(events); !ok) return ok;
    if (usage_) events.emit(*usage_);
    return {};
}

Result<void> AnswerFrame::done(EventSink& events) {
    // Some upstreams send [DONE] without a reason.  Half a tool call was cut off.
    if (choices_.ends_inside_call()) return upstream::unfinished(who_, "finish reason");
    choices_.finish_all(FinishReason::stop);
    return finish(events);
}

void AnswerFrame::read_info(dom::object top, EventSink& events) {
    if (std::exchange(begun_, true)) return;
    AnswerInfo info;
    info.created = std::max<std::int64_t>(0, integer_member(top, "created").value_or(0));
    if (const auto tier = string_member(top, "service_tier"); tier.size() <= 32) info.service_tier = tier;
    if (info.created || !info.service_tier.empty()) events.emit(std::move(info));
}

/// Emits unknown members.  Most are the same in every chunk and are emitted once.
void AnswerFrame::read_beside(dom::object top, EventSink& events) {
    std::string members;
    for (const auto entry : top) {
        const auto& [name, value] = entry;
        if (is_known(name)) continue;
        std::string text;
        upstream::append_value(text, entry);
        const auto last = beside_.find(name);
        if (last != beside_.end() && last->second == text) continue;
        members += members.empty() ? '{' : ',';
        append_json_string(members, name);
        members.append(":").append(text);
        if (text.size() > max_beside_bytes) continue;
        if (last != beside_.end())
            last->second = std::move(text);
        else if (beside_.size() < max_beside && name.size() <= max_beside_bytes)
            beside_.emplace(name, std::move(text));
    }
    if (!members.empty()) events.emit(Extra{Extra::Place::answer, {members + "}"}, 0});
}

Result<std::int64_t> AnswerFrame::number_of(dom::object choice, std::int64_t position, bool whole) {
    std::int64_t index = whole ? position : 0;
    if (const auto given = member(choice, "index")) {
        const auto number = integer(*given);
        if (!number || *number < 0 || *number >= most_choices_)
            return garbage("'index' is not the number of a choice");
        // Some servers send 0 for each choice.
        const bool taken = std::find(taken_.begin(), taken_.end(), *number) != taken_.end();
        if (!whole || !taken) index = *number;
    }
    if (index >= most_choices_) return garbage("it has too many choices");
    if (whole) taken_.push_back(index);
    return index;
}

Result<void> AnswerFrame::read_finish(dom::object from, upstream::Choice& choice) const {
    const auto given = member(from, "finish_reason");
    const auto word = given ? string(*given) : std::nullopt;
    if (given && !word) return garbage("'finish_reason' is not a string");
    if (!word || word->empty() || *word == "null") return {};
    const auto reason = upstream::read_finish_reason(*word);
    if (!reason)
        return Error{ErrorKind::upstream, "the model failed in the middle of its answer (finish reason " +
                                              std::string(word->substr(0, 64)) + ")"};
    choice.finish_with(*reason);
    return {};
}

}  // namespace gatehouse::openai_format
