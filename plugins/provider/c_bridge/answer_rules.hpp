// SPDX-License-Identifier: Apache-2.0
// Enforces the order of a library's events.  Formatters and clients never receive events that
// are unrequested, duplicate, late or missing.
// One thread at a time.
#pragma once

#include "plugins/common/upstream/choices.hpp"

#include <gatehouse/event.hpp>
#include <gatehouse/result.hpp>

#include <cstddef>
#include <vector>

namespace gatehouse::c_bridge {

/// The client's request.
struct Asked {
    enum class What { chat, embed, rerank, models };
    What what = What::chat;
    /// Choices of a chat, inputs of embeddings, documents of a ranking.
    std::size_t count = 1;
};

class AnswerRules {
public:
    explicit AnswerRules(Asked asked)
        : asked_(asked), seen_(asked.what == Asked::What::chat ? 0 : asked.count) {}

    /// Forwards `event`.  Throws Mistake if it is not allowed now.  Returns an error if the
    /// model's output is broken, which is not the library's fault.
    Result<void> take(Event event, EventSink& sink);

    /// Called at the end.  Throws Mistake if the response is not complete.
    void end() const;

private:
    void check_kind(const Event& event) const;
    upstream::Choice& choice(int number);
    void once(int index, const char* what);
    Result<void> take_chat(Event& event, EventSink& sink);

    const Asked asked_;
    upstream::Choices choices_;
    std::vector<bool> seen_;  // by index, for embeddings and rankings
    bool begun_ = false, used_ = false;
};

}  // namespace gatehouse::c_bridge
