// SPDX-License-Identifier: Apache-2.0
// A thought of the model.  Its text is a summary, because clients display no other texts of
// thoughts.  An upstream of this API tells the parts itself.  One thread at a time.
#pragma once

#include "plugins/dialect/openai/responses/item.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/event.hpp>

#include <vector>

namespace gatehouse::openai_dialect::responses {

class ReasoningItem final : public Item {
public:
    ReasoningItem(const ResponseFacts& facts, std::size_t index)
        : Item(facts, "rs_", index), sealed_(facts.encrypted) {}

    void add(std::string_view text, Outlet& outlet);
    /// The following text is another part, of the summary or of the raw thought.
    void begin_part(bool summary, Outlet& outlet);
    /// The thought is complete: the next one is another item.
    void end(const ThoughtEnd& end);
    bool ended() const { return ended_; }

    /// The item with `encrypted_content`, if the thought has a vendor's seal.
    std::string sealed_item() const;

    void announce(Outlet& outlet) override;
    std::string close(Outlet& outlet, bool cut) override;

private:
    struct Part {
        bool summary = true;
        std::string place = {};  // members of its events that say where it is
        std::string text = {};
    };

    std::string item(bool sealed) const;
    /// The parts of the summary or of the raw thought, separated by commas.
    std::string parts(bool summary) const;
    void write_begin(const Part& part, Outlet& outlet) const;
    static void write_text(const Part& part, std::string_view text, Outlet& outlet);
    void write_end(const Part& part, Outlet& outlet) const;

    const bool sealed_;  // the client wants `encrypted_content`
    bool ended_ = false;
    std::vector<Part> parts_;
    Thought thought_;  // without its text
};

}  // namespace gatehouse::openai_dialect::responses
