// SPDX-License-Identifier: Apache-2.0
// Unknown events, blocks and deltas are skipped, because the API adds some.
#include "plugins/provider/bedrock/answer.hpp"

#include "plugins/common/text/text.hpp"
#include "plugins/provider/bedrock/usage.hpp"

#include <gatehouse/call_id.hpp>
#include <gatehouse/finish_reason.hpp>
#include <gatehouse/text.hpp>

#include <algorithm>
#include <utility>

namespace gatehouse::bedrock {

namespace {

constexpr std::int64_t max_blocks = 10'000;

Error bad(const char* why) {
    return {ErrorKind::upstream, std::string("Bedrock's response is invalid: ") + why};
}

}  // namespace

Result<void> AnswerReader::read_document(JsonValue top, EventSink& events) {
    const JsonValue content = top["output"]["message"]["content"];
    if (!content.is(JsonType::array)) return bad("'output.message.content' is not an array");
    std::int64_t index = 0;
    for (const JsonValue one : content.items()) {
        if (events.full()) return {};
        if (!one.is(JsonType::object)) return bad("a content block is not an object");
        if (auto ok = read_content(one, index++, events); !ok) return ok;
    }
    reason_ = top["stopReason"].string();
    stop_sequence_ = top["additionalModelResponseFields"]["stop_sequence"].str();
    usage_ = read_usage(top["usage"]);
    metadata_ = true;
    return {};
}

/// A block of a document is a delta with everything.
Result<void> AnswerReader::read_content(JsonValue content, std::int64_t index, EventSink& events) {
    if (++begun_ > max_blocks) return bad("it has too many content blocks");
    Block block{.index = index};
    if (const JsonValue tool = content["toolUse"]) {
        if (auto ok = begin_tool(block, tool, events); !ok) return ok;
        const JsonValue arguments = tool["input"];
        input(block, arguments.is(JsonType::string) ? arguments.str() : arguments.text().text, events);
    } else if (const JsonValue thought = content["reasoningContent"]) {
        const JsonValue said = thought["reasoningText"];
        think(block, said ? said : thought, events);
    } else if (const JsonValue cited = content["citationsContent"]) {
        for (const JsonValue piece : cited["content"].items()) say(block, piece["text"].str(), events);
        for (const JsonValue citation : cited["citations"].items()) cite(citation, events);
    } else {
        say(block, content["text"].str(), events);
    }
    end(block, events);
    return {};
}

Result<void> AnswerReader::read_event(std::string_view type, JsonValue payload, EventSink& events) {
    if (type == "contentBlockStart") return start(payload, events);
    if (type == "contentBlockDelta") return delta(payload, events);
    if (type == "contentBlockStop") {
        const auto index = payload["contentBlockIndex"].integer();
        const auto found =
            std::ranges::find_if(blocks_, [&](const Block& one) { return one.index == index; });
        if (found == blocks_.end()) return {};
        end(*found, events);
        blocks_.erase(found);
    } else if (type == "messageStop") {
        reason_ = payload["stopReason"].string();
        if (!reason_) return bad("'stopReason' is not a string");
        stop_sequence_ = payload["additionalModelResponseFields"]["stop_sequence"].str();
    } else if (type == "metadata") {
        usage_ = read_usage(payload["usage"]);
        metadata_ = true;
    }
    return {};
}

Result<AnswerReader::Block*> AnswerReader::block(JsonValue payload) {
    const auto index = payload["contentBlockIndex"].integer();
    if (!index || *index < 0) return bad("'contentBlockIndex' is not a number");
    const auto found = std::ranges::find_if(blocks_, [&](const Block& one) { return one.index == *index; });
    if (found != blocks_.end()) return &*found;
    // Blocks of texts have no start.
    if (++begun_ > max_blocks) return bad("it has too many content blocks");
    return &blocks_.emplace_back(Block{.index = *index});
}

Result<void> AnswerReader::start(JsonValue payload, EventSink& events) {
    const auto found = block(payload);
    if (!found) return found.error();
    const JsonValue tool = payload["start"]["toolUse"];
    return tool ? begin_tool(**found, tool, events) : Result<void>();
}

Result<void> AnswerReader::begin_tool(Block& block, JsonValue tool, EventSink& events) {
    if (block.kind != Kind::unknown) return bad("a content block begins twice");
    const std::string name = tool["name"].str();
    if (name.empty()) return bad("a tool call has no name");
    // The service runs such a tool itself.
    if (tool["type"].str() == "server_tool_use") {
        block.kind = Kind::other;
        return {};
    }
    open_text_.reset();
    if (!setting_.answer_tool.empty() && name == setting_.answer_tool) {
        block.kind = Kind::answer;
        return {};
    }
    block.kind = Kind::tool;
    block.call = calls_++;
    std::string id = tool["toolUseId"].str();
    if (id.empty()) id = make_call_id();
    events.emit(
        ToolCallDelta{.index = block.call, .id = std::move(id), .name = std::string(names_.to_client(name))});
    return {};
}

Result<void> AnswerReader::delta(JsonValue payload, EventSink& events) {
    const auto found = block(payload);
    if (!found) return found.error();
    Block& block = **found;
    const JsonValue delta = payload["delta"];
    if (const JsonValue tool = delta["toolUse"]) {
        if (block.kind == Kind::unknown) return bad("the input of a tool comes before its name");
        input(block, tool["input"].str(), events);
    } else if (const JsonValue thought = delta["reasoningContent"]) {
        think(block, thought, events);
    } else if (const JsonValue citation = delta["citation"]) {
        cite(citation, events);
    } else {
        say(block, delta["text"].str(), events);
    }
    return {};
}

void AnswerReader::say(Block& block, std::string text, EventSink& events) {
    if (text.empty()) return;
    if (open_text_ && *open_text_ != block.index) events.emit(BlockEnd{});
    open_text_ = block.index;
    characters_ += common::characters(text);
    events.emit(TextDelta{std::move(text)});
}

void AnswerReader::think(Block& block, JsonValue content, EventSink& events) {
    block.kind = Kind::thought;
    std::string text = content["text"].str();
    const std::string signature = content["signature"].str(), redacted = content["redactedContent"].str();
    const bool keeps =
        thoughts_.may_keep(signature.size() + redacted.size() + (setting_.thinking_blocks ? text.size() : 0));
    if (keeps) {
        if (setting_.thinking_blocks) block.text += text;
        block.signature += signature;
        block.redacted += redacted;
    }
    if (text.empty()) return;
    open_text_.reset();
    events.emit(ReasoningDelta{std::move(text)});
}

void AnswerReader::input(Block& block, std::string arguments, EventSink& events) {
    if (arguments.empty()) return;
    block.fed = true;
    if (block.kind == Kind::answer) return say(block, std::move(arguments), events);
    if (block.kind == Kind::tool)
        events.emit(ToolCallDelta{.index = block.call, .arguments = std::move(arguments)});
}

void AnswerReader::end(Block& block, EventSink& events) {
    if (block.kind == Kind::tool && !block.fed) input(block, "{}", events);
    // A part of a signature is worth nothing.
    if (block.kind != Kind::thought || !thoughts_.may_keep(0)) return;
    thoughts_.add(block.text, block.signature, block.redacted);
    if (block.signature.empty() && block.redacted.empty()) return;
    open_text_.reset();
    events.emit(ThoughtEnd{.signature = block.signature,
                           .encrypted = block.signature.empty() ? block.redacted : "",
                           .origin = std::string(setting_.origin)});
}

/// A citation of a web page.  Those of documents have no address, and are dropped.
void AnswerReader::cite(JsonValue citation, EventSink& events) {
    std::string url = citation["location"]["web"]["url"].str();
    if (url.empty()) return;
    events.emit(Citation{
        .url = std::move(url), .title = citation["title"].str(), .start = characters_, .end = characters_});
}

Result<void> AnswerReader::finish(EventSink& events) {
    if (finished_) return {};
    if (!reason_) return bad("it ends without a stop reason");
    finished_ = true;
    for (Block& block : blocks_) end(block, events);
    blocks_.clear();
    const auto word = read_finish_reason(*reason_);
    if (!word)
        return Error{ErrorKind::upstream,
                     "the model failed during its answer (stop reason " + one_line(*reason_, 64) + ")"};
    Finish finish{.reason = *word, .native = one_line(*reason_, 64), .stop_sequence = stop_sequence_};
    if (calls_ > 0 && *word == FinishReason::stop) finish.reason = FinishReason::tool_calls;
    if (calls_ == 0 && *word == FinishReason::tool_calls) finish.reason = FinishReason::stop;
    thoughts_.tell(events);
    events.emit(std::move(finish));
    if (usage_) events.emit(*std::move(usage_));
    return {};
}

}  // namespace gatehouse::bedrock
