// SPDX-License-Identifier: Apache-2.0
// Calls a plugin that may complete later, and continues when it has completed.
//
// A result that is ready when the call returns is used at once, without the
// loop's queue: most plugins complete immediately.
#pragma once

#include "core/net/loop.hpp"
#include "core/observe/log.hpp"
#include "core/plugin/guard.hpp"

#include <gatehouse/completion.hpp>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace gatehouse::core {

/// Calls start(Completion<T>), and then(Result<T>) once, on the loop's thread:
/// with the completion's result, with the plugin's exception as an error, or with
/// an error if the plugin dropped the completion.  `loop` and `log` must outlive the
/// completion.  [the loop's thread]
template <typename T, typename Start, typename Then>
void await(Loop& loop, Log& log, const PluginCall& plugin, Start&& start, Then then) {
    struct State {
        explicit State(Then t) : then(std::move(t)) {}
        void settle(Result<T> result) {
            if (std::exchange(settled, true)) return;
            auto go_on =
                std::move(then);  // its captures are destroyed on this thread, not with the completion
            go_on(std::move(result));
        }
        const std::thread::id thread = std::this_thread::get_id();
        Then then;
        std::optional<Result<T>> early;  // these three: the loop's thread only
        bool returned = false, settled = false;
    };
    auto state = std::make_shared<State>(std::move(then));

    Completion<T> done(
        [state, &loop](Result<T> result) {
            if (std::this_thread::get_id() == state->thread && !state->returned) {
                state->early.emplace(std::move(result));
                return;
            }
            loop.post([state, result = std::make_shared<Result<T>>(std::move(result))] {
                state->settle(std::move(*result));
            });
        },
        [&log, name = std::string(plugin.instance)] {
            log.write(Level::error, name, "completion called twice; second call ignored");
        });

    auto called = guard(plugin, [&] { start(std::move(done)); });
    state->returned = true;
    if (!called) return state->settle(called.error());
    if (state->early) state->settle(*std::move(state->early));
}

}  // namespace gatehouse::core
