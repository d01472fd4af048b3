// SPDX-License-Identifier: Apache-2.0
// GET /api/v1/gateway/running: asks each worker for the requests that run on it.  Owned by AdminListener.
// [any thread]
#pragma once

#include "core/net/loop.hpp"

#include <gatehouse/completion.hpp>
#include <gatehouse/http.hpp>

#include <mutex>
#include <vector>

namespace gatehouse::core {

class RunningReport {
public:
    static constexpr std::size_t most = 200;  // requests of each worker that are shown, the oldest first

    /// The loops that serve requests.  They must run until the next call.  [main thread]
    void set_loops(std::vector<Loop*> loops);
    /// Completes with JSON when the last worker has responded.  A worker that hangs never does.
    void ask(Completion<http::Response> done);

private:
    std::mutex mutex_;  // held while tasks are posted, so that no loop ends meanwhile
    std::vector<Loop*> loops_;
};

}  // namespace gatehouse::core
