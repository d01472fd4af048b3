// SPDX-License-Identifier: Apache-2.0
// What the answers of chats and of text completions have in common, whole or
// chunk by chunk: what stands around their choices, which choice is which, and
// when all is said.  One thread at a time.
#pragma once

#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/common/upstream/choices.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::openai_format {

class AnswerFrame : public upstream::AnswerReader {
public:
    Result<void> read(upstream::dom::object top, EventSink& events) override;
    Result<void> finish(EventSink& events) override;
    Result<void> done(EventSink& events) override;

protected:
    /// `who` outlives this.  More than `most_choices` are garbage.
    AnswerFrame(std::string_view who, std::int64_t most_choices) : who_(who), most_choices_(most_choices) {}

    /// One of `choices`, which stands there at `position`.
    virtual Result<void> read_choice(upstream::dom::object from, std::int64_t position,
                                     EventSink& events) = 0;

    /// The number that a choice gives itself, else its position.  `whole`: it is
    /// told at once, so that one which comes twice is another.
    Result<std::int64_t> number_of(upstream::dom::object choice, std::int64_t position, bool whole) const;
    /// Its finish reason, if it has one.
    Result<void> read_finish(upstream::dom::object from, upstream::Choice& choice) const;

    Error garbage(const std::string& what) const { return upstream::garbage(who_, what); }

    upstream::Choices choices_;

private:
    void read_info(upstream::dom::object top, EventSink& events);
    void read_beside(upstream::dom::object top, EventSink& events);

    const std::string_view who_;
    const std::int64_t most_choices_;
    std::optional<Usage> usage_;
    std::map<std::string, std::string, std::less<>> beside_;  // told last, as JSON
    bool begun_ = false;
};

}  // namespace gatehouse::openai_format
