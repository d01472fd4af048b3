// SPDX-License-Identifier: Apache-2.0
// Holds a library to the order of events, so that no formatter and no client meets an
// answer that cannot be: what was not asked for, came twice, came too late, or never.
// One thread at a time.
#pragma once

#include "plugins/common/upstream/choices.hpp"

#include <gatehouse/event.hpp>
#include <gatehouse/result.hpp>

#include <cstddef>
#include <vector>

namespace gatehouse::c_bridge {

/// What a client has asked for.
struct Asked {
    enum class What { chat, embed, rerank, models };
    What what = What::chat;
    /// Answers of a chat, inputs of embeddings, documents of a ranking.
    std::size_t count = 1;
};

class AnswerRules {
public:
    explicit AnswerRules(Asked asked)
        : asked_(asked), seen_(asked.what == Asked::What::chat ? 0 : asked.count) {}

    /// Passes `event` on, if it may come now.  Throws Mistake.  An error is none of the
    /// library's doing: what the model has made is broken.
    Result<void> take(Event event, EventSink& sink);

    /// The answer is complete; throws Mistake if it is not.
    void end() const;

private:
    void check_kind(const Event& event) const;
    upstream::Choice& choice(int number);
    void once(int index, const char* what);
    Result<void> take_chat(Event& event, EventSink& sink);

    const Asked asked_;
    upstream::Choices choices_;
    std::vector<bool> seen_;  // embeddings and rankings
    bool begun_ = false, used_ = false;
};

}  // namespace gatehouse::c_bridge
