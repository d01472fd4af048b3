// SPDX-License-Identifier: Apache-2.0
// Base class of the readers of chats and of text completions, streaming and
// non-streaming.  It reads the members around the choices, identifies each choice, and
// detects the end of the response.  One thread at a time.
#pragma once

#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/common/upstream/choices.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::openai_format {

class AnswerFrame : public upstream::AnswerReader {
public:
    Result<void> read(upstream::dom::object top, EventSink& events) override;
    Result<void> finish(EventSink& events) override;
    Result<void> done(EventSink& events) override;
    Ending ending() const override;

protected:
    /// REQUIRES: `who` outlives this.  More than `most_choices` choices are an error.  `wants_usage`: the
    /// client and the upstream's request have asked for usage.
    AnswerFrame(std::string_view who, std::int64_t most_choices, bool wants_usage)
        : who_(who), most_choices_(most_choices), wants_usage_(wants_usage) {}

    /// Reads the element of `choices` at `position`.
    virtual Result<void> read_choice(upstream::dom::object from, std::int64_t position,
                                     EventSink& events) = 0;

    /// The choice's own index, or its position if it has no index.  `whole`: it has the complete
    /// answer, so a duplicate index in this document means another choice.
    Result<std::int64_t> number_of(upstream::dom::object choice, std::int64_t position, bool whole);
    /// Reads the choice's finish reason, if present.
    Result<void> read_finish(upstream::dom::object from, upstream::Choice& choice) const;
    /// Called after a piece of the choice, which had `before` pieces.  Records whether the
    /// upstream sends pieces with its finish reason or behind it.
    static void note_end(upstream::Choice& choice, std::size_t before);

    Error garbage(const std::string& what) const { return upstream::garbage(who_, what); }

    upstream::Choices choices_;

private:
    void read_info(upstream::dom::object top, EventSink& events);
    void read_beside(upstream::dom::object top, EventSink& events);

    const std::string_view who_;
    const std::int64_t most_choices_;
    const bool wants_usage_;
    std::vector<std::int64_t> taken_;  // indexes of complete answers in this document
    std::optional<Usage> usage_;
    bool usage_last_ = false;                                 // the last document had usage and no choices
    std::map<std::string, std::string, std::less<>> beside_;  // unknown members, as JSON; emitted last
    bool begun_ = false;
};

}  // namespace gatehouse::openai_format
