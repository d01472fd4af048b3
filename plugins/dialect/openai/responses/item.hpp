// SPDX-License-Identifier: Apache-2.0
// An item of the output while it grows.  It gathers its content.  In a streaming response it is
// announced, and then writes each piece as an event.  One thread at a time.
#pragma once

#include "plugins/dialect/openai/responses/facts.hpp"
#include "plugins/dialect/openai/responses/outlet.hpp"

#include <string>
#include <string_view>

namespace gatehouse::openai_dialect::responses {

class Item {
public:
    Item(const ResponseFacts& facts, std::string_view prefix, std::size_t index)
        : id_(facts.item_id(prefix, index)), index_(std::to_string(index)) {}
    virtual ~Item() = default;
    Item(const Item&) = delete;
    Item& operator=(const Item&) = delete;

    bool announced() const { return announced_; }
    /// Announces the item, and writes the content so far.
    virtual void announce(Outlet& outlet) = 0;
    /// Whether nothing more can belong to it if another item begins.
    virtual bool is_complete() const { return true; }
    /// Writes the last events of the item, and returns it as JSON.  `cut`: a limit or a filter
    /// has ended it.  REQUIRES: it was announced if the response streams.
    virtual std::string close(Outlet& outlet, bool cut) = 0;

    /// Members of an upstream of this API that the item does not know, each with a comma before it.
    void keep(std::string members) { kept_ = std::move(members); }
    /// The upstream has told that nothing more belongs to the item.  `cut`: a limit or a filter has ended it.
    void set_done(bool cut) {
        done_ = true;
        cut_ = cut;
    }
    bool is_done() const { return done_; }
    bool was_cut() const { return cut_; }

protected:
    const std::string& id() const { return id_; }
    const std::string& kept() const { return kept_; }
    /// The members item_id and output_index, each with a comma before it.
    std::string place() const;

    void write_added(Outlet& outlet, std::string_view item);
    void write_done(Outlet& outlet, std::string_view item) const;

private:
    const std::string id_, index_;
    std::string kept_;
    bool announced_ = false, done_ = false, cut_ = false;
};

}  // namespace gatehouse::openai_dialect::responses
