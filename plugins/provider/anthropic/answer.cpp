// SPDX-License-Identifier: Apache-2.0
// What is part of the answer and has a wrong type is an error of the upstream's;
// an ornament (usage, citations) with a wrong type is left out.  Types of
// events, blocks and deltas that are not known are passed over: the API says that
// there will be more of them.
#include "plugins/provider/anthropic/answer.hpp"

#include "plugins/common/upstream/answer_parts.hpp"
#include "plugins/provider/anthropic/text.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::anthropic {

namespace {

using namespace upstream;

constexpr std::size_t max_blocks = 10'000;
constexpr std::size_t max_citations = 1'000;  // of a block

Error bad(std::string_view what) { return garbage("Anthropic", what); }

Result<std::string_view> words(dom::object from, std::string_view key) {
    return text_member(from, key, "Anthropic");
}

void count(std::optional<std::int64_t>& into, dom::object from, std::string_view key) {
    if (const auto found = token_count(from, key)) into = found;
}

FinishReason finish_of(std::string_view reason) {
    // Of a turn that the service has paused, and of a window that is full, there would be more.
    if (reason == "max_tokens" || reason == "model_context_window_exceeded" || reason == "pause_turn")
        return FinishReason::length;
    if (reason == "tool_use") return FinishReason::tool_calls;
    if (reason == "refusal") return FinishReason::content_filter;
    return FinishReason::stop;  // end_turn, stop_sequence, and what is to come
}

std::int64_t characters_in(std::string_view text) {
    return std::count_if(text.begin(), text.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

}  // namespace

Result<void> MessageReader::read(dom::object top, EventSink& events) {
    if (stopped_) return {};
    const std::string_view type = string_member(top, "type");
    if (type == "message" || (type.empty() && member(top, "content"))) return read_message(top, events);

    if (type == "message_start") {
        const auto inner = member(top, "message");
        const auto message = inner ? object(*inner) : std::nullopt;
        if (!message) return bad("'message' is no object");
        begin_message(*message, events);
        return {};
    }
    if (type == "message_delta") {
        if (const auto inner = member(top, "delta"))
            if (const auto delta = object(*inner)) read_stop(*delta);
        read_usage(top);
        return {};
    }
    if (type == "message_stop") {
        stopped_ = true;
        return {};
    }
    if (!type.starts_with("content_block_")) return {};  // ping, and what is to come

    const auto index = integer_member(top, "index");
    if (!index || *index < 0) return bad("'index' of a content block is no number");
    if (type == "content_block_stop") {
        Block* block = find(*index);
        return block ? end_block(*block, events) : Result<void>();
    }
    const bool start = type == "content_block_start";
    if (!start && type != "content_block_delta") return {};
    const auto inner = member(top, start ? "content_block" : "delta");
    const auto content = inner ? object(*inner) : std::nullopt;
    if (!content) return bad(start ? "'content_block' is no object" : "'delta' is no object");
    return start ? begin_block(*index, *content, events) : read_delta(*index, *content, events);
}

Result<void> MessageReader::read_message(dom::object message, EventSink& events) {
    begin_message(message, events);
    const auto content = member(message, "content");
    const auto blocks = content ? array(*content) : std::nullopt;
    if (!blocks) return bad("'content' is no array");
    std::int64_t index = 0;
    for (dom::element element : *blocks) {
        const auto block = object(element);
        if (!block) return bad("a content block is no object");
        if (auto ok = begin_block(index, *block, events); !ok) return ok;
        if (Block* begun = find(index))
            if (auto ok = end_block(*begun, events); !ok) return ok;
        ++index;
    }
    read_stop(message);
    return {};
}

void MessageReader::begin_message(dom::object message, EventSink& events) {
    read_usage(message);
    if (std::exchange(told_, true)) return;
    const auto usage = member(message, "usage");
    const auto from = usage ? object(*usage) : std::nullopt;
    std::string_view tier = from ? string_member(*from, "service_tier") : std::string_view();
    if (tier == "standard") tier = "default";
    if (!tier.empty() && tier.size() <= 32)
        events.emit(AnswerInfo{.created = 0, .service_tier = lower_case(tier)});
}

Result<void> MessageReader::begin_block(std::int64_t index, dom::object block, EventSink& events) {
    const std::string_view type = string_member(block, "type");
    if (find(index)) return bad("a content block begins that has begun before");

    if (type == "text") {
        const auto begun = add(index, Kind::text);
        if (!begun) return begun.error();
        const auto text = words(block, "text");
        if (!text) return text.error();
        say(*text, events);
        if (const auto list = member(block, "citations"))
            if (const auto citations = array(*list))
                for (dom::element one : *citations)
                    if (const auto citation = object(one)) cite(**begun, *citation);
        return {};
    }
    if (type == "thinking") {
        const auto begun = add(index, Kind::thinking);
        if (!begun) return begun.error();
        const auto text = words(block, "thinking");
        if (!text) return text.error();
        (*begun)->signature = string_member(block, "signature");
        think(**begun, *text, events);
        return {};
    }
    if (type == "redacted_thinking") {
        const std::string_view data = string_member(block, "data");
        kept_ += data.size();
        if (kept_ > max_kept_) keeps_ = false;
        if (keeps_ && !data.empty()) {
            if (!thinking_.empty()) thinking_ += ',';
            JsonWriter(thinking_).begin_object().member("type", type).member("data", data).end_object();
        }
        const auto begun = add(index, Kind::other);
        return begun ? Result<void>() : begun.error();
    }
    if (type == "tool_use") {
        const auto name = words(block, "name");
        if (!name) return name.error();
        if (name->empty()) return bad("a tool_use block has no name");
        const bool is_answer = !answer_tool_.empty() && *name == answer_tool_;
        const auto begun = add(index, is_answer ? Kind::answer : Kind::tool);
        if (!begun) return begun.error();
        if (const auto input = member(block, "input")) {
            const auto members = object(*input);
            if (!members) return bad("'input' of a tool_use block is no object");
            if (members->size() > 0) (*begun)->input = simdjson::minify(*input);
        }
        if (is_answer) return {};
        return calls_.add_at(index, string_member(block, "id"), names_.to_client(*name), "", events);
    }
    const auto begun = add(index, Kind::other);
    return begun ? Result<void>() : begun.error();
}

Result<void> MessageReader::read_delta(std::int64_t index, dom::object delta, EventSink& events) {
    const std::string_view type = string_member(delta, "type");
    Block* block = find(index);
    if (!block) {
        // Some servers that speak this API begin no block of text.
        if (type == "input_json_delta") return bad("the input of a tool comes before its name");
        const auto begun = add(index, type == "text_delta"       ? Kind::text
                                      : type == "thinking_delta" ? Kind::thinking
                                                                 : Kind::other);
        if (!begun) return begun.error();
        block = *begun;
    }
    if (type == "text_delta") {
        const auto text = words(delta, "text");
        if (!text) return text.error();
        say(*text, events);
    } else if (type == "thinking_delta") {
        const auto text = words(delta, "thinking");
        if (!text) return text.error();
        think(*block, *text, events);
    } else if (type == "signature_delta") {
        const std::string_view piece = string_member(delta, "signature");
        kept_ += piece.size();
        if (kept_ > max_kept_)
            keeps_ = false;
        else
            block->signature += piece;
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
    // Without its signature the API would not take it back.
    if (block.kind == Kind::thinking && keeps_ && !block.signature.empty()) {
        if (!thinking_.empty()) thinking_ += ',';
        JsonWriter(thinking_)
            .begin_object()
            .member("type", "thinking")
            .member("thinking", block.thought)
            .member("signature", block.signature)
            .end_object();
    }
    std::string().swap(block.thought);
    std::string().swap(block.signature);
    return {};
}

Result<void> MessageReader::finish(EventSink& events) {
    if (finished_) return {};
    if (!reason_) return unfinished("Anthropic", "stop reason");
    finished_ = true;
    for (Block& block : blocks_)
        if (auto ok = end_block(block, events); !ok) return ok;
    tell_thinking(events);
    if (!refusal_.empty()) events.emit(RefusalDelta{refusal_});
    const auto reason = calls_.finish(finish_of(*reason_), events);
    if (!reason) return reason.error();
    events.emit(Finish{*reason});

    if (!tokens_.input && !tokens_.output) return {};
    Usage usage;
    usage.prompt =
        tokens_.input.value_or(0) + tokens_.cache_read.value_or(0) + tokens_.cache_creation.value_or(0);
    usage.completion = tokens_.output.value_or(0);
    usage.total = usage.prompt + usage.completion;
    usage.cached = tokens_.cache_read;
    usage.reasoning = tokens_.thinking;
    events.emit(usage);
    return {};
}

void MessageReader::read_stop(dom::object from) {
    if (const auto reason = member(from, "stop_reason"))
        if (const auto word = string(*reason)) reason_ = std::string(word->substr(0, 64));
    if (const auto details = member(from, "stop_details"))
        if (const auto refusal = object(*details))
            if (string_member(*refusal, "type") == "refusal")
                refusal_ = presentable(string_member(*refusal, "explanation"), 2000);
}

/// Counts are of the answer so far: the last ones hold.
void MessageReader::read_usage(dom::object from) {
    const auto element = member(from, "usage");
    const auto usage = element ? object(*element) : std::nullopt;
    if (!usage) return;
    count(tokens_.input, *usage, "input_tokens");
    count(tokens_.output, *usage, "output_tokens");
    count(tokens_.cache_read, *usage, "cache_read_input_tokens");
    count(tokens_.cache_creation, *usage, "cache_creation_input_tokens");
    if (const auto details = member(*usage, "output_tokens_details"))
        if (const auto parts = object(*details)) count(tokens_.thinking, *parts, "thinking_tokens");
}

/// What the client must send back for the model to go on from its thoughts.
void MessageReader::tell_thinking(EventSink& events) {
    if (!keeps_ || thinking_.empty()) return;
    events.emit(Extra{.place = Extra::Place::message,
                      .members = {R"({"thinking_blocks":[)" + std::exchange(thinking_, {}) + "]}"}});
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

void MessageReader::say(std::string_view text, EventSink& events) {
    if (text.empty()) return;
    characters_ += characters_in(text);
    events.emit(TextDelta{std::string(text)});
}

Result<void> MessageReader::take_input(Block& block, std::string_view input, EventSink& events) {
    if (input.empty()) return {};
    block.fed = true;
    if (block.kind == Kind::answer) say(input, events);
    if (block.kind != Kind::tool) return {};
    return calls_.add_at(block.index, "", "", input, events);
}

void MessageReader::think(Block& block, std::string_view text, EventSink& events) {
    if (text.empty()) return;
    kept_ += text.size();
    if (kept_ > max_kept_)
        keeps_ = false;
    else
        block.thought += text;
    events.emit(ReasoningDelta{std::string(text)});
}

void MessageReader::cite(Block& block, dom::object citation) {
    Citation found;
    found.url = string_member(citation, "url");
    if (found.url.empty()) found.url = string_member(citation, "source");
    found.title = string_member(citation, "title");
    if (found.title.empty()) found.title = string_member(citation, "document_title");
    if ((!found.url.empty() || !found.title.empty()) && block.citations.size() < max_citations)
        block.citations.push_back(std::move(found));
}

}  // namespace gatehouse::anthropic
