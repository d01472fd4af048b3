// SPDX-License-Identifier: Apache-2.0
// An item of a type that only an upstream of this API knows, such as the call of a tool that the
// upstream itself runs.  It passes as it is, except for its id.  One thread at a time.
#pragma once

#include "plugins/dialect/openai/responses/item.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::openai_dialect::responses {

class OtherItem final : public Item {
public:
    /// `item`: JSON, as the upstream has announced it.
    OtherItem(const ResponseFacts& facts, std::string_view prefix, std::size_t index, std::string item)
        : Item(facts, prefix, index), item_(std::move(item)) {}

    /// An event about the item.  `members`: each with a comma before it.
    void add(std::string_view type, std::string members, Outlet& outlet);
    /// The complete item.
    void complete(std::string item) { item_ = std::move(item); }

    void announce(Outlet& outlet) override;
    bool is_complete() const override { return is_done(); }
    std::string close(Outlet& outlet, bool cut) override;

private:
    struct Waiting {
        std::string type = {}, members = {};
    };
    void write(const Waiting& event, Outlet& outlet) const;

    std::string item_;
    std::vector<Waiting> waiting_;  // events before the item is announced
};

}  // namespace gatehouse::openai_dialect::responses
