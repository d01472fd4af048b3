// SPDX-License-Identifier: Apache-2.0
// A part of the answer with a wrong type is an upstream error.  An optional member (usage,
// citations) with a wrong type is dropped.  Unknown types of events, blocks and deltas are
// skipped, because the API reserves the right to add more.
#include "plugins/provider/anthropic/answer.hpp"

#include "plugins/common/text/text.hpp"
#include "plugins/common/upstream/answer_parts.hpp"
#include "plugins/common/upstream/finish_reason.hpp"
#include "plugins/provider/anthropic/citations.hpp"
#include "plugins/provider/anthropic/text.hpp"

#include <algorithm>

namespace gatehouse::anthropic {

namespace {

using namespace upstream;

constexpr std::size_t max_blocks = 10'000;
constexpr std::size_t max_citations = 1'000;  // citations of a block

}  // namespace

Result<void> MessageReader::read(dom::object top, EventSink& events) {
    if (stopped_) return {};
    const std::string_view type = string_member(top, "type");
    if (type == "message" || (type.empty() && member(top, "content"))) return read_message(top, events);

    if (type == "message_start") {
        const auto inner = member(top, "message");
        const auto message = inner ? object(*inner) : std::nullopt;
        if (!message) return bad("'message' is not an object");
        begin_message(*message, events);
        return {};
    }
    if (type == "message_delta") {
        facts_.read_delta(top);
        tokens_.read(top);
        return {};
    }
    if (type == "message_stop") {
        tokens_.read(top);
        stopped_ = true;
        return {};
    }
    if (!type.starts_with("content_block_")) return {};  // ping, and unknown types

    if (facts_.reason() && type != "content_block_stop") goes_on_ = true;
    const auto index = integer_member(top, "index");
    if (!index || *index < 0) return bad("'index' of a content block is not a number");
    if (type == "content_block_stop") {
        Block* block = find(*index);
        return block ? end_block(*block, events) : Result<void>();
    }
    const bool start = type == "content_block_start";
    if (!start && type != "content_block_delta") return {};
    const auto inner = member(top, start ? "content_block" : "delta");
    const auto content = inner ? object(*inner) : std::nullopt;
    if (!content) return bad(start ? "'content_block' is not an object" : "'delta' is not an object");
    return start ? begin_block(*index, *content, events) : read_delta(*index, *content, events);
}

Result<void> MessageReader::read_message(dom::object message, EventSink& events) {
    begin_message(message, events);
    const auto content = member(message, "content");
    const auto blocks = content ? array(*content) : std::nullopt;
    if (!blocks) return bad("'content' is not an array");
    std::int64_t index = 0;
    for (dom::element element : *blocks) {
        const auto block = object(element);
        if (!block) return bad("a content block is not an object");
        // Some proxies send the complete message behind its blocks.
        Block* known = find(index);
        if (auto ok = known ? repeat_block(*known, *block, events) : begin_block(index, *block, events); !ok)
            return ok;
        if (Block* begun = find(index))
            if (auto ok = end_block(*begun, events); !ok) return ok;
        ++index;
    }
    return {};
}

void MessageReader::begin_message(dom::object message, EventSink& events) {
    tokens_.read(message);
    facts_.read_message(message);
    if (!std::exchange(told_, true)) facts_.begin(message, tokens_.prompt(), setting_.head, events);
}

/// Some servers do not end their blocks.
Result<void> MessageReader::close_last(EventSink& events) {
    if (blocks_.empty()) return {};
    Block& last = blocks_.back();
    const bool waits =
        last.kind == Kind::other || last.kind == Kind::redacted || !last.thought.signature.empty();
    return waits ? end_block(last, events) : Result<void>();
}

/// Emits what is new in a block that has been streamed.
Result<void> MessageReader::repeat_block(Block& block, dom::object again, EventSink& events) {
    if (!block.open) return {};
    switch (block.kind) {
        case Kind::text: say(block, block.said.rest_of(string_member(again, "text")), events); return {};
        case Kind::thinking:
            think(block, block.said.rest_of(string_member(again, "thinking")), events);
            if (block.thought.signature.empty())
                thoughts_.add_signature(block.thought, string_member(again, "signature"));
            return {};
        case Kind::tool:
        case Kind::answer: {
            const auto input = member(again, "input");
            std::string room;
            const auto text = input ? text_or_json(*input, room) : std::nullopt;
            return text ? take_input(block, block.said.rest_of(*text), events) : Result<void>();
        }
        case Kind::redacted:
        case Kind::other: return {};
    }
    return {};
}

Result<void> MessageReader::read_delta(std::int64_t index, dom::object delta, EventSink& events) {
    const std::string_view type = string_member(delta, "type");
    Block* block = find(index);
    if (!block) {
        // Some servers with this API do not begin text blocks.
        if (type == "input_json_delta") return bad("the input of a tool comes before its name");
        if (auto ok = close_last(events); !ok) return ok;
        const auto begun = add(index, type == "text_delta"       ? Kind::text
                                      : type == "thinking_delta" ? Kind::thinking
                                                                 : Kind::other);
        if (!begun) return begun.error();
        block = *begun;
    }
    if (block->other && type != "text_delta" && type != "thinking_delta") {
        block->other->add(delta);
        return {};
    }
    block->other.reset();
    if (type == "text_delta") {
        const auto text = words(delta, "text");
        if (!text) return text.error();
        say(*block, *text, events);
    } else if (type == "thinking_delta") {
        const auto text = words(delta, "thinking");
        if (!text) return text.error();
        think(*block, *text, events);
    } else if (type == "signature_delta") {
        thoughts_.add_signature(block->thought, string_member(delta, "signature"));
    } else if (type == "citations_delta") {
        if (const auto inner = member(delta, "citation"))
            if (const auto citation = object(*inner)) cite(*block, *citation);
    } else if (type == "input_json_delta") {
        const auto input = words(delta, "partial_json");
        if (!input) return input.error();
        return take_input(*block, *input, events);
    }
    return {};
}

Result<void> MessageReader::end_block(Block& block, EventSink& events) {
    if (!std::exchange(block.open, false)) return {};
    for (Citation& citation : block.citations) {
        citation.start = block.start;
        citation.end = characters_;
        events.emit(std::move(citation));
    }
    block.citations.clear();
    if (!block.fed && !block.input.empty()) {
        const std::string input = std::exchange(block.input, {});
        if (auto ok = take_input(block, input, events); !ok) return ok;
    }
    end_thought(block, events);
    block.thought = {};
    if (block.other)
        if (auto other = block.other->block()) {
            open_text_.reset();
            events.emit(*std::move(other));
        }
    block.other.reset();
    return {};
}

void MessageReader::end_thought(const Block& block, EventSink& events) {
    const KeptThought& thought = block.thought;
    if (block.kind == Kind::thinking) thoughts_.end(thought);
    if (thought.signature.empty()) return;
    open_text_.reset();
    const bool redacted = block.kind == Kind::redacted;
    events.emit(ThoughtEnd{.signature = redacted ? "" : thought.signature,
                           .encrypted = redacted ? thought.signature : "",
                           .origin = "anthropic"});
}

Result<void> MessageReader::finish(EventSink& events) {
    if (finished_) return {};
    if (!facts_.reason()) return unfinished("Anthropic", "stop reason");
    finished_ = true;
    for (Block& block : blocks_)
        if (auto ok = end_block(block, events); !ok) return ok;
    thoughts_.tell(events);
    facts_.tell(events);
    const auto word = read_finish_reason(*facts_.reason());
    if (!word)
        return Error{ErrorKind::upstream, "the model failed during its answer (stop reason " +
                                              presentable(*facts_.reason()) + ")"};
    const auto reason = calls_.finish(*word, events);
    if (!reason) return reason.error();
    events.emit(facts_.finish(*reason));
    if (auto usage = tokens_.total()) events.emit(*std::move(usage));
    return {};
}

upstream::AnswerReader::Ending MessageReader::ending() const {
    if (!facts_.reason()) return Ending::missing;
    return goes_on_ ? Ending::possible : Ending::likely;
}

Result<MessageReader::Block*> MessageReader::add(std::int64_t index, Kind kind) {
    if (blocks_.size() >= max_blocks) return bad("it has too many content blocks");
    blocks_.push_back({.index = index, .kind = kind, .start = characters_});
    return &blocks_.back();
}

MessageReader::Block* MessageReader::find(std::int64_t index) {
    const auto found = std::find_if(blocks_.rbegin(), blocks_.rend(),
                                    [&](const Block& block) { return block.index == index; });
    return found == blocks_.rend() ? nullptr : &*found;
}

void MessageReader::say(Block& block, std::string_view text, EventSink& events) {
    if (text.empty()) return;
    if (open_text_ && *open_text_ != block.index) events.emit(BlockEnd{});
    open_text_ = block.index;
    block.said.add(text);
    characters_ += common::characters(text);
    events.emit(TextDelta{std::string(text)});
}

Result<void> MessageReader::take_input(Block& block, std::string_view input, EventSink& events) {
    if (input.empty()) return {};
    block.fed = true;
    if (block.kind == Kind::answer) say(block, input, events);
    if (block.kind != Kind::tool) return {};
    block.said.add(input);
    return calls_.add_at(block.index, {"", "", input}, events);
}

void MessageReader::think(Block& block, std::string_view text, EventSink& events) {
    if (text.empty()) return;
    block.said.add(text);
    thoughts_.add_text(block.thought, text);
    open_text_.reset();
    events.emit(ReasoningDelta{std::string(text)});
}

void MessageReader::cite(Block& block, dom::object citation) {
    if (block.citations.size() >= max_citations) return;
    if (auto found = read_citation(citation, setting_.native)) block.citations.push_back(*std::move(found));
}

}  // namespace gatehouse::anthropic
