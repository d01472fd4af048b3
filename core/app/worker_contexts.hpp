// SPDX-License-Identifier: Apache-2.0
// The workers as requests see them: each with upstream connections of its own and the
// configuration that its next flow begins under.
//
// Made, changed and ended on the main thread; each WorkerContext is touched on its worker's
// thread only.
#pragma once

#include "core/instances/config_snapshot.hpp"
#include "core/net/client/http_client.hpp"
#include "core/plugin/host.hpp"

#include <memory>
#include <vector>

namespace gatehouse::core {

struct WorkerContext {
    WorkerServices services;
    std::unique_ptr<HttpClient> upstream;
    std::shared_ptr<const ConfigSnapshot> snapshot;
};

class WorkerContexts {
public:
    /// One for each loop, which must run, and outlive them.  What computes, does so on `computing`.
    void start(const std::vector<Loop*>& loops, const std::shared_ptr<const ConfigSnapshot>& snapshot,
               Pool& computing, MemoryBudget& memory);
    /// Another configuration to the workers, one after another: each flow has one of the two.
    void install(const std::shared_ptr<const ConfigSnapshot>& snapshot);
    /// The loops have ended: what is left may go on this thread.  The configuration first, for
    /// completions that a plugin still holds must find closed loops, not none.
    void release_snapshots();
    void clear() { all_.clear(); }

    std::vector<WorkerServices> worker_services() const;
    const WorkerServices& worker(std::size_t index) const { return all_[index % all_.size()]->services; }
    /// [the loop's thread]  REQUIRES: `loop` is one of them.
    const WorkerContext& of(const Loop& loop) const;

private:
    std::vector<std::unique_ptr<WorkerContext>> all_;
};

}  // namespace gatehouse::core
