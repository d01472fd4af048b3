// SPDX-License-Identifier: Apache-2.0
// The part of ItemBuilder for the structure that an upstream of this API tells.
#include "plugins/dialect/openai/responses/item_builder.hpp"

#include <array>
#include <span>
#include <utility>

namespace gatehouse::openai_dialect::responses {

namespace {

/// Members that the items write themselves.
constexpr std::array<std::string_view, 7> of_call = {"id",      "type", "status",   "role",
                                                     "call_id", "name", "namespace"};
constexpr std::span<const std::string_view> of_message(of_call.data(), 4);
constexpr std::span<const std::string_view> of_thought(of_call.data(), 2);
constexpr std::array<std::string_view, 1> of_part = {"type"};

bool is_call(std::string_view type) { return type == "function_call" || type == "custom_tool_call"; }
bool has_text(std::string_view part_type) { return part_type == "output_text" || part_type == "refusal"; }

}  // namespace

void ItemBuilder::add(const OtherBlock& block) {
    auto event = native_event(block);
    if (!event) return;
    const std::string_view type = block.type;
    if (type == "response.output_item.added") return begin_native(*std::move(event));
    const auto found = native_.find(event->index);
    if (found == native_.end() || !found->second) return;
    if (type == "response.output_item.done") return end_native(*event);
    if (auto* other = dynamic_cast<OtherItem*>(found->second))
        return other->add(type, std::move(event->others), outlet_);
    if (type == "response.output_text.annotation.added") {
        if (message_ && !event->annotation.empty()) message_->add_annotation(event->annotation, outlet_);
    } else if (type == "response.content_part.done") {
        end_part(*event);
    } else {
        begin_part(type, *event);
    }
}

void ItemBuilder::begin_native(NativeEvent event) {
    if (native_.contains(event.index)) return;
    const std::string type = word_in(event.item, "type");
    if (is_call(type)) {
        using Kind = NamedTool::Kind;
        next_call_ = {.index = event.index,
                      .tool = {.kind = type == "function_call" ? Kind::function : Kind::custom,
                               .space = word_in(event.item, "namespace")},
                      .kept = members_without(event.item, of_call)};
        return;
    }
    std::unique_ptr<Item> item;
    MessageItem* message = nullptr;
    ReasoningItem* thought = nullptr;
    if (type == "message") {
        auto made = std::make_unique<MessageItem>(facts_, count_++, characters_);
        made->keep(members_without(event.item, of_message));
        message = made.get();
        item = std::move(made);
    } else if (type == "reasoning") {
        auto made = std::make_unique<ReasoningItem>(facts_, count_++);
        made->keep(members_without(event.item, of_thought));
        thought = made.get();
        item = std::move(made);
    } else {
        const std::string prefix = id_prefix_of(word_in(event.item, "id"));
        item = std::make_unique<OtherItem>(facts_, prefix, count_++, std::move(event.item));
    }
    said_ |= !thought;
    native_[event.index] = item.get();
    add_item(std::move(item));
    message_ = message;
    thought_ = thought;
}

CallItem& ItemBuilder::begin_native_call(const ToolCallDelta& delta) {
    NativeCall next = *std::exchange(next_call_, std::nullopt);
    next.tool.name = delta.name;
    auto made = std::make_unique<CallItem>(facts_, count_++, delta, std::move(next.tool));
    CallItem& call = *made;
    call.keep(std::move(next.kept));
    native_[next.index] = &call;
    add_item(std::move(made));
    return call;
}

void ItemBuilder::end_native(const NativeEvent& event) {
    Item& item = *native_.at(event.index);
    if (auto* other = dynamic_cast<OtherItem*>(&item))
        other->complete(event.item);
    else if (dynamic_cast<CallItem*>(&item))
        item.keep(members_without(event.item, of_call));
    else
        item.keep(members_without(event.item, dynamic_cast<MessageItem*>(&item) ? of_message : of_thought));
    if (&item == message_) message_ = nullptr;
    if (&item == thought_) thought_ = nullptr;
    item.set_done(word_in(event.item, "status") == "incomplete");
    settle();
}

void ItemBuilder::begin_part(std::string_view type, const NativeEvent& event) {
    const Item* item = native_.at(event.index);
    if (thought_ && item == thought_)
        return thought_->begin_part(type == "response.reasoning_summary_part.added", outlet_);
    const std::string kind = word_in(event.part, "type");
    if (message_ && item == message_ && has_text(kind))
        message_->begin_part(kind == "refusal", members_without(event.part, of_part), outlet_);
}

void ItemBuilder::end_part(const NativeEvent& event) {
    if (!message_ || native_.at(event.index) != message_) return;
    if (has_text(word_in(event.part, "type")))
        message_->end_part(members_without(event.part, of_part));
    else
        message_->add_other(event.part, outlet_);
}

}  // namespace gatehouse::openai_dialect::responses
