// SPDX-License-Identifier: Apache-2.0
// Runs a task on a loop's thread and waits for it.
#pragma once

#include "core/net/loop.hpp"

#include <functional>
#include <future>

namespace gatehouse::core {

/// Runs `task` on the loop's thread and waits for it.  [any other thread]
inline void run_on(Loop& loop, const std::function<void()>& task) {
    std::promise<void> done;
    loop.post([&] {
        task();
        done.set_value();
    });
    done.get_future().wait();
}

}  // namespace gatehouse::core
