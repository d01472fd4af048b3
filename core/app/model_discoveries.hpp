// SPDX-License-Identifier: Apache-2.0
// The background listings of one configuration: one for each provider that asks for it.
//
// [main thread]; each ModelDiscovery lives on a worker's loop.
#pragma once

#include "core/app/model_discovery.hpp"
#include "core/app/worker_contexts.hpp"
#include "core/instances/config_snapshot.hpp"

#include <memory>
#include <vector>

namespace gatehouse::core {

class ModelDiscoveries {
public:
    /// Those of `context`, spread over the workers.  All of it must outlive them.
    /// REQUIRES: none run.
    void start(const ConfigSnapshot& snapshot, const WorkerContexts& workers, Log& log);
    /// What has been listed so far goes on to another configuration.
    void hand_over(const ConfigSnapshot& from, const ConfigSnapshot& to) const;
    /// Ends them, each on its loop.
    void stop();
    /// The loops have ended: they go on this thread.
    void clear() { all_.clear(); }

private:
    std::vector<std::unique_ptr<ModelDiscovery>> all_;
};

}  // namespace gatehouse::core
