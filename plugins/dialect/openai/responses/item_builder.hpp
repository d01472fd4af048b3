// SPDX-License-Identifier: Apache-2.0
// Turns the events of an answer into the items of the output, in the order in which they
// began.  One item is open at a time.  An upstream may mix the pieces of two items: the later
// item then waits until the earlier one is complete.  An upstream of this
// API tells where its items and parts begin and end.  One thread at a time.
#pragma once

#include "plugins/dialect/openai/responses/call_item.hpp"
#include "plugins/dialect/openai/responses/message_item.hpp"
#include "plugins/dialect/openai/responses/native.hpp"
#include "plugins/dialect/openai/responses/other_item.hpp"
#include "plugins/dialect/openai/responses/reasoning_item.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace gatehouse::openai_dialect::responses {

class ItemBuilder {
public:
    ItemBuilder(const ResponseFacts& facts, Outlet& outlet) : facts_(facts), outlet_(outlet) {}

    void add(const TextDelta& delta);
    void add(const RefusalDelta& delta);
    void add(const ReasoningDelta& delta);
    void add(const ThoughtEnd& end);
    void add(const ToolCallDelta& delta);
    void add(const LogprobsDelta& delta);
    void add(Citation citation);
    /// The structure of the output of an upstream of this API.
    void add(const OtherBlock& block);
    /// Closes all items.  Adds an empty message if there is neither a message nor a call, unless
    /// the answer was cut within its thoughts.
    void finish(bool cut);

    /// The closed items as JSON, separated by commas.
    const std::string& output() const { return output_; }
    /// Thoughts with a seal that the client has not asked for, in the same form.  Only for a
    /// response that is kept.
    const std::string& sealed_thoughts() const { return sealed_thoughts_; }

private:
    // native_builder.cpp:
    void begin_native(NativeEvent event);
    CallItem& begin_native_call(const ToolCallDelta& delta);
    void end_native(const NativeEvent& event);
    void begin_part(std::string_view type, const NativeEvent& event);
    void end_part(const NativeEvent& event);

    MessageItem& message();
    ReasoningItem& thought();
    template <typename Kind, typename... Arguments>
    Kind& begin(Arguments&&... arguments);
    void add_item(std::unique_ptr<Item> item);
    void announce(Item& item);
    void settle();
    void close_first(bool cut);
    void keep_seal(const Item& item);

    const ResponseFacts& facts_;
    Outlet& outlet_;
    std::deque<std::unique_ptr<Item>> open_;  // the first one is announced, the others wait
    // The last item, if it is of this kind.
    MessageItem* message_ = nullptr;
    ReasoningItem* thought_ = nullptr;
    std::map<int, CallItem*> calls_;  // by the provider's index; null: closed
    // If the upstream speaks this API:
    std::map<std::int64_t, Item*> native_;  // by the upstream's index; null: closed
    struct NativeCall {
        std::int64_t index = 0;
        NamedTool tool = {};
        std::string kept = {};
    };
    std::optional<NativeCall> next_call_;  // announced, and its first delta follows
    std::size_t count_ = 0;                // items that began
    bool said_ = false;                    // there is a message or a call
    std::int64_t characters_ = 0;          // in the texts
    std::string output_, sealed_thoughts_;
};

}  // namespace gatehouse::openai_dialect::responses
