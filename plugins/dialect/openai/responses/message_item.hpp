// SPDX-License-Identifier: Apache-2.0
// A message of the assistant: texts and refusals, with log probabilities and citations.
// One thread at a time.
#pragma once

#include "plugins/dialect/openai/responses/item.hpp"

#include <gatehouse/event.hpp>

#include <cstdint>
#include <vector>

namespace gatehouse::openai_dialect::responses {

class MessageItem final : public Item {
public:
    /// `first_character`: the characters of the answer's text before this message.
    MessageItem(const ResponseFacts& facts, std::size_t index, std::int64_t first_character)
        : Item(facts, "msg_", index), first_character_(first_character) {}

    void add_text(std::string_view text, Outlet& outlet) { add(text, false, outlet); }
    void add_refusal(std::string_view text, Outlet& outlet) { add(text, true, outlet); }
    /// They are sent with the next piece of text.
    void add_logprobs(const LogprobsDelta& delta, Outlet& outlet);
    void add_citation(const Citation& citation, Outlet& outlet);
    /// `annotation`: JSON on one line.
    void add_annotation(std::string_view annotation, Outlet& outlet);
    /// The following text or refusal is another part, with these members.
    void begin_part(bool refusal, std::string members, Outlet& outlet);
    /// The members of the last part.
    void end_part(std::string members);
    /// A part of another type: JSON.
    void add_other(std::string_view part, Outlet& outlet);
    /// A message without any text still has a text.
    void ensure_part(Outlet& outlet);

    void announce(Outlet& outlet) override;
    std::string close(Outlet& outlet, bool cut) override;

private:
    struct Content {
        bool refusal = false;
        std::string place = {};  // members of its events that say where it is
        std::string text = {};
        std::string kept = {};             // members of an upstream of this API, each with a comma before it
        std::string other = {};            // a part of another type, as JSON
        std::int64_t first_character = 0;  // the characters of the message's texts before it
        std::string logprobs = {}, annotations = {};  // elements of arrays, as JSON
        std::size_t annotation_count = 0;
    };

    void add(std::string_view text, bool refusal, Outlet& outlet);
    Content& open(bool refusal, Outlet& outlet);
    Content& push(Content content, Outlet& outlet);
    static std::string part(const Content& content);
    void write_begin(const Content& content, Outlet& outlet) const;
    void write_text(const Content& content, std::string_view text, Outlet& outlet);
    void write_end(const Content& content, Outlet& outlet) const;
    std::string item(std::string_view status) const;

    const std::int64_t first_character_;
    std::vector<Content> contents_;
    std::string waiting_logprobs_;
    std::int64_t characters_ = 0;  // in its texts
};

}  // namespace gatehouse::openai_dialect::responses
