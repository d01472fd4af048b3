// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/anthropic/block_order.hpp"

#include <gatehouse/json_writer.hpp>

#include <utility>
#include <variant>

namespace gatehouse::anthropic_dialect {

namespace {

constexpr std::size_t max_hidden_thought = 4 * 1024 * 1024;  // bytes
constexpr std::size_t max_held = 4 * 1024 * 1024;            // bytes
constexpr int max_calls = 10'000;

std::size_t bytes_of(const TextDelta& delta) { return sizeof(Event) + delta.text.size(); }
std::size_t bytes_of(const ReasoningDelta& delta) { return sizeof(Event) + delta.text.size(); }
std::size_t bytes_of(const ThoughtEnd& end) {
    return sizeof(Event) + end.signature.size() + end.encrypted.size();
}
std::size_t bytes_of(const BlockEnd&) { return sizeof(Event); }
std::size_t bytes_of(const OtherBlock& block) { return sizeof(Event) + block.json.text.size(); }
std::size_t bytes_of(const Citation& citation) {
    return sizeof(Event) + citation.url.size() + citation.title.size() + citation.extra.text.size();
}
std::size_t bytes_of(const ToolCallDelta& delta) { return sizeof(Event) + delta.arguments.size(); }

bool is_own(std::string_view protocol) { return protocol.empty() || protocol == "anthropic"; }

}  // namespace

template <typename Kind>
bool BlockOrder::hold(const Kind& event) {
    if (!waits()) return false;
    if (!fits(bytes_of(event))) return hold(event);
    held_.emplace_back(event);
    return true;
}

// Gives up waiting for the arguments of the open call if too many bytes wait for them.
bool BlockOrder::fits(std::size_t bytes) {
    held_bytes_ += bytes;
    if (held_.empty() || held_bytes_ <= max_held) return true;
    close();
    release();
    return false;
}

// The fragments of a call that waits are joined.
void BlockOrder::hold_call(const ToolCallDelta& delta) {
    if (!fits(bytes_of(delta))) return on(delta);
    const auto [at, is_new] = held_calls_.try_emplace(delta.index, held_.size());
    if (is_new)
        held_.emplace_back(delta);
    else
        std::get<ToolCallDelta>(held_[at->second]).arguments += delta.arguments;
}

void BlockOrder::release() {
    if (waits() || held_.empty()) return;
    std::vector<Event> events = std::exchange(held_, {});
    held_calls_.clear();
    held_bytes_ = 0;
    for (const Event& event : events)
        std::visit(
            [this](const auto& one) {
                if constexpr (requires { this->on(one); }) this->on(one);
            },
            event);
}

void BlockOrder::close() {
    thought_.clear();
    if (std::exchange(open_, Open::none) != Open::none) writer_.end_block();
}

void BlockOrder::open_text() {
    if (open_ == Open::text) return;
    close();
    open_ = Open::text;
    writer_.begin_text();
}

void BlockOrder::on(const TextDelta& delta) {
    if (delta.choice != 0 || delta.text.empty() || hold(delta)) return;
    open_text();
    bytes_ += delta.text.size();
    writer_.text(delta.text);
}

void BlockOrder::on(const RefusalDelta& delta) {
    if (delta.choice != 0 || delta.text.empty()) return;
    refused_ = true;
    on(TextDelta{delta.text});
}

void BlockOrder::on(const ReasoningDelta& delta) {
    if (delta.choice != 0 || delta.text.empty() || hold(delta)) return;
    bytes_ += delta.text.size();
    if (!shows_thoughts_) {
        if (thought_.size() + delta.text.size() <= max_hidden_thought) thought_ += delta.text;
        return;
    }
    if (open_ != Open::thought) {
        close();
        open_ = Open::thought;
        writer_.begin_thinking();
    }
    writer_.thinking(delta.text);
}

void BlockOrder::on(const ThoughtEnd& end) {
    if (end.choice != 0 || hold(end)) return;
    if (is_own(end.origin) && !end.signature.empty()) show_thought(end);
    if (open_ == Open::thought) close();
    thought_.clear();
    if (end.origin != "anthropic" || end.encrypted.empty()) return;
    close();
    std::string block;
    JsonWriter json(block);
    json.begin_object().member("type", "redacted_thinking").member("data", end.encrypted).end_object();
    writer_.other(block);
}

void BlockOrder::show_thought(const ThoughtEnd& end) {
    if (open_ != Open::thought) {
        const std::string hidden = std::exchange(thought_, {});
        close();
        open_ = Open::thought;
        writer_.begin_thinking();
        if (!hidden.empty()) writer_.thinking(hidden);
    }
    writer_.signature(end.signature);
}

void BlockOrder::on(const BlockEnd& end) {
    if (end.choice != 0 || hold(end)) return;
    if (open_ == Open::text) close();
}

void BlockOrder::on(const ToolCallDelta& delta) {
    if (delta.choice != 0 || delta.index < 0 || delta.index >= max_calls) return;
    if (delta.custom) {
        CustomCall& call = custom_[delta.index];
        if (!delta.name.empty()) call.id = delta.id, call.name = delta.name;
        call.input += delta.arguments;
        return;
    }
    if (open_ == Open::call && call_ == delta.index) {
        feed_call(delta.arguments);
        return release();
    }
    if (waits()) return hold_call(delta);
    const auto index = static_cast<std::size_t>(delta.index);
    if (index < begun_.size() && begun_[index]) return;  // more after its complete arguments
    begin_call(delta);
}

void BlockOrder::begin_call(const ToolCallDelta& delta) {
    const auto index = static_cast<std::size_t>(delta.index);
    if (begun_.size() <= index) begun_.resize(index + 1);
    begun_[index] = true;
    close();
    open_ = Open::call;
    call_ = delta.index;
    arguments_ = {};
    called_ = true;
    writer_.begin_call(delta.id, delta.name, delta.extra);
    feed_call(delta.arguments);
}

void BlockOrder::feed_call(std::string_view arguments) {
    if (arguments.empty()) return;
    arguments_.feed(arguments);
    bytes_ += arguments.size();
    writer_.input(arguments);
}

void BlockOrder::on(const OtherBlock& block) {
    if (block.choice != 0 || block.protocol != "anthropic" || hold(block)) return;
    close();
    writer_.other(block.json.text);
}

void BlockOrder::on(const Citation& citation) {
    if (citation.choice != 0 || hold(citation)) return;
    if (open_ == Open::text) writer_.citation(citation);
}

void BlockOrder::finish() {
    for (const auto& [index, call] : std::exchange(custom_, {})) {
        ToolCallDelta delta{.index = index, .id = call.id, .name = call.name};
        JsonWriter(delta.arguments).begin_object().member("input", call.input).end_object();
        on(delta);
    }
    close();
    while (!held_.empty()) {
        release();
        close();
    }
}

}  // namespace gatehouse::anthropic_dialect
