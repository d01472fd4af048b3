// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/choices.hpp"

#include <algorithm>

namespace gatehouse::upstream {

Choice& Choices::at(std::int64_t number) {
    const auto place = static_cast<std::size_t>(number);
    while (choices_.size() <= place) choices_.emplace_back(static_cast<int>(choices_.size()));
    choices_[place].seen = true;
    return choices_[place];
}

bool Choices::seen(std::int64_t number) const {
    const auto place = static_cast<std::size_t>(number);
    return place < choices_.size() && choices_[place].seen;
}

std::optional<std::int64_t> Choices::first_unfinished() const {
    for (std::size_t i = 0; i < choices_.size(); ++i)
        if (choices_[i].seen && !choices_[i].finish) return static_cast<std::int64_t>(i);
    return std::nullopt;
}

bool Choices::all_finished() const {
    // The last choice is always seen.
    return !choices_.empty() && !first_unfinished();
}

bool Choices::any_implied() const {
    return std::any_of(choices_.begin(), choices_.end(), [](const Choice& choice) { return choice.implied; });
}

bool Choices::any_says_more() const {
    return std::any_of(choices_.begin(), choices_.end(),
                       [](const Choice& choice) { return choice.says_more; });
}

bool Choices::ends_inside_call() const {
    return std::any_of(choices_.begin(), choices_.end(), [](const Choice& choice) {
        return choice.seen && !choice.finish && choice.calls.has_unfinished();
    });
}

void Choices::finish_all(FinishReason reason) {
    for (Choice& choice : choices_)
        if (choice.seen && !choice.finish) choice.finish = reason;
}

Result<void> Choices::close(EventSink& events) {
    std::vector<Finish> finishes;
    for (std::size_t i = 0; i < choices_.size(); ++i) {
        Choice& choice = choices_[i];
        if (!choice.seen || choice.closed) continue;
        auto reason = choice.calls.finish(*choice.finish, events);
        if (!reason) return reason.error();
        choice.closed = true;
        finishes.push_back({.reason = *reason, .choice = static_cast<int>(i), .native = choice.native});
    }
    for (const Finish& finish : finishes) events.emit(finish);
    return {};
}

}  // namespace gatehouse::upstream
