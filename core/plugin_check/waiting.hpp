// SPDX-License-Identifier: Apache-2.0
// The core's side of a Completion: whether it is called, once, in time.
// wait(): [the thread that made it].  The completion: [any thread].
#pragma once

#include "core/plugin_check/call_timer.hpp"
#include "core/plugin_check/check.hpp"

#include <gatehouse/completion.hpp>

#include <condition_variable>
#include <memory>
#include <optional>

namespace gatehouse::core::plugin_check {

template <typename T>
class Waiting {
public:
    Waiting(Check& check, std::string member) : check_(check), member_(std::move(member)) {}

    Completion<T> completion() {
        auto state = state_;
        return Completion<T>(
            [state](Result<T> result) {
                const std::lock_guard lock(state->mutex);
                ++state->calls;
                if (!state->result) state->result.emplace(std::move(result));
                state->ready.notify_all();
            },
            [state] {
                const std::lock_guard lock(state->mutex);
                ++state->calls;
            });
    }

    /// The result, once; nothing if it never came or was dropped, which has been reported.  `may_drop`:
    /// a dropped completion is not a defect.
    std::optional<Result<T>> wait(bool may_drop = false) {
        CallTimer timer(check_.effort());
        std::unique_lock lock(state_->mutex);
        while (!state_->result && !timer.over()) {
            state_->ready.wait_for(lock, std::chrono::milliseconds(100));
            check_.beat();
        }
        if (!state_->result) {
            check_.error("completion-missing", "a completion is not called in time",
                         "completion.hpp, first lines; " + member_);
            return std::nullopt;
        }
        if (!*state_->result && state_->result->error().detail == "a plugin dropped its completion") {
            if (may_drop) return std::nullopt;
            check_.error("completion-dropped", "a completion is dropped and never called",
                         "completion.hpp, first lines; " + member_);
            return std::nullopt;
        }
        return std::move(state_->result);
    }

    /// Once everything is over.
    void check_once() {
        const std::lock_guard lock(state_->mutex);
        if (state_->calls > 1)
            check_.error("completion-twice", "a completion is called more than once",
                         "completion.hpp, Completion::operator(); " + member_);
    }

private:
    struct State {
        std::mutex mutex;
        std::condition_variable ready;
        std::optional<Result<T>> result;
        int calls = 0;
    };

    Check& check_;
    const std::string member_;
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace gatehouse::core::plugin_check
