// SPDX-License-Identifier: Apache-2.0
// The per-worker objects that requests use: the HttpClient of each worker and the
// ConfigSnapshot of its next request.
//
// Owned by Gateway.  Made, changed and ended on the main thread; each WorkerContext is used
// on its worker's thread only.
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
    /// Makes one context for each loop.  The loops must run and outlive the contexts.  Local
    /// providers compute on `computing`.
    void start(const std::vector<Loop*>& loops, const std::shared_ptr<const ConfigSnapshot>& snapshot,
               HelperThreads& computing, MemoryBudget& memory);
    /// Gives another snapshot to the workers, one after another.  Each request uses either the
    /// old or the new snapshot.
    void install(const std::shared_ptr<const ConfigSnapshot>& snapshot);
    /// Destroys the snapshots on this thread.  REQUIRES: the loops have ended.  Call it before the
    /// loops are destroyed, because a plugin may still hold a completion that posts to one.
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
