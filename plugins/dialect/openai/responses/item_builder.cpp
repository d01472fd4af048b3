// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/item_builder.hpp"

#include "plugins/common/text/text.hpp"

#include <utility>

namespace gatehouse::openai_dialect::responses {

void ItemBuilder::add(const TextDelta& delta) {
    if (delta.text.empty()) return;
    message().add_text(delta.text, outlet_);
    characters_ += common::characters(delta.text);
}

void ItemBuilder::add(const RefusalDelta& delta) {
    if (!delta.text.empty()) message().add_refusal(delta.text, outlet_);
}

void ItemBuilder::add(const ReasoningDelta& delta) {
    if (!delta.text.empty()) thought().add(delta.text, outlet_);
}

void ItemBuilder::add(const ThoughtEnd& end) {
    const bool has_seal = !end.signature.empty() || !end.encrypted.empty();
    if (thought_ || has_seal) thought().end(end);
}

void ItemBuilder::add(const LogprobsDelta& delta) {
    if (facts_.logprobs) message().add_logprobs(delta, outlet_);
}

void ItemBuilder::add(Citation citation) {
    if (native_.empty()) citation.extra = {};  // another protocol's
    if (message_) message_->add_citation(citation, outlet_);
}

void ItemBuilder::add(const ToolCallDelta& delta) {
    const auto known = calls_.find(delta.index);
    if (known != calls_.end()) {
        if (known->second) known->second->add(delta, outlet_);
        return settle();
    }
    CallItem& call = next_call_ ? begin_native_call(delta) : begin<CallItem>(delta);
    calls_.emplace(delta.index, &call);
    said_ = true;
    call.add(delta, outlet_);
}

MessageItem& ItemBuilder::message() {
    if (message_) return *message_;
    MessageItem& made = begin<MessageItem>(characters_);
    said_ = true;
    return *(message_ = &made);
}

ReasoningItem& ItemBuilder::thought() {
    if (thought_ && !thought_->ended()) return *thought_;
    ReasoningItem& made = begin<ReasoningItem>();
    return *(thought_ = &made);
}

template <typename Kind, typename... Arguments>
Kind& ItemBuilder::begin(Arguments&&... arguments) {
    auto item = std::make_unique<Kind>(facts_, count_++, std::forward<Arguments>(arguments)...);
    Kind& made = *item;
    add_item(std::move(item));
    return made;
}

void ItemBuilder::add_item(std::unique_ptr<Item> item) {
    message_ = nullptr;
    thought_ = nullptr;
    open_.push_back(std::move(item));
    settle();
}

void ItemBuilder::announce(Item& item) {
    if (outlet_.streams() && !item.announced()) item.announce(outlet_);
}

/// Announces the first item.  Closes it if it is complete and another one waits.
void ItemBuilder::settle() {
    while (!open_.empty()) {
        Item& first = *open_.front();
        announce(first);
        if (!first.is_done() && (open_.size() == 1 || !first.is_complete())) return;
        close_first(first.was_cut());
    }
}

void ItemBuilder::close_first(bool cut) {
    const std::unique_ptr<Item> item = std::move(open_.front());
    open_.pop_front();
    for (auto& [index, call] : calls_)
        if (call == item.get()) call = nullptr;
    for (auto& [index, known] : native_)
        if (known == item.get()) known = nullptr;
    if (message_ == item.get()) message_ = nullptr;
    if (thought_ == item.get()) thought_ = nullptr;
    if (!output_.empty()) output_ += ',';
    output_ += item->close(outlet_, cut);
    if (facts_.keeps() && !facts_.encrypted) keep_seal(*item);
}

void ItemBuilder::keep_seal(const Item& item) {
    const auto* thought = dynamic_cast<const ReasoningItem*>(&item);
    const std::string sealed = thought ? thought->sealed_item() : std::string();
    if (sealed.empty()) return;
    if (!sealed_thoughts_.empty()) sealed_thoughts_ += ',';
    sealed_thoughts_ += sealed;
}

void ItemBuilder::finish(bool cut) {
    const bool cut_in_thoughts = cut && count_ > 0;
    if (!said_ && !cut_in_thoughts && native_.empty()) message().ensure_part(outlet_);
    while (!open_.empty()) {
        announce(*open_.front());
        close_first(cut && open_.size() == 1);
    }
}

}  // namespace gatehouse::openai_dialect::responses
