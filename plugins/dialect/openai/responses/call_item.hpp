// SPDX-License-Identifier: Apache-2.0
// A call of a function, of a tool with free text, or of the search for tools.  A provider calls
// functions only.  The table of tools tells the kind, and the name that the client knows.
// One thread at a time.
#pragma once

#include "plugins/common/upstream/custom_tool.hpp"
#include "plugins/common/upstream/json_check.hpp"
#include "plugins/dialect/openai/responses/item.hpp"

#include <gatehouse/event.hpp>

namespace gatehouse::openai_dialect::responses {

class CallItem final : public Item {
public:
    /// `delta` is the first one of the call.
    CallItem(const ResponseFacts& facts, std::size_t index, const ToolCallDelta& delta);
    /// The same for a call of an upstream of this API, which knows the client's names.
    CallItem(const ResponseFacts& facts, std::size_t index, const ToolCallDelta& delta, NamedTool tool);

    void add(const ToolCallDelta& delta, Outlet& outlet);

    void announce(Outlet& outlet) override;
    bool is_complete() const override { return is_done() || (!plain_ && check_.complete()); }
    std::string close(Outlet& outlet, bool cut) override;

private:
    using Kind = NamedTool::Kind;

    /// Content that the client sees.
    void append(std::string_view text, Outlet& outlet);
    void write_delta(std::string_view text, Outlet& outlet) const;
    std::string item(std::string_view status, std::string_view content) const;
    /// Adds the rest of the content.  Returns whether all of it is there.
    bool finish(Outlet& outlet, bool cut);

    const NamedTool tool_;
    const std::string call_id_;
    const bool plain_;  // the arguments are the free text itself
    std::string content_, place_;
    upstream::JsonCheck check_;
    upstream::CustomToolInput input_;
};

}  // namespace gatehouse::openai_dialect::responses
