// SPDX-License-Identifier: Apache-2.0
// The ModelDiscovery objects of one configuration, one for each provider that requests it.
//
// Owned by Gateway.  [main thread]; each ModelDiscovery runs on a worker's loop.
#pragma once

#include "core/app/model_discovery.hpp"
#include "core/app/worker_contexts.hpp"
#include "core/instances/config_snapshot.hpp"

#include <memory>
#include <vector>

namespace gatehouse::core {

class ModelDiscoveries {
public:
    /// Starts the discoveries of `snapshot`, spread over the workers.  All arguments must outlive
    /// them.  REQUIRES: no discovery is running.
    void start(const ConfigSnapshot& snapshot, const WorkerContexts& workers, Log& log);
    /// Copies the lists found so far to another configuration.
    void hand_over(const ConfigSnapshot& from, const ConfigSnapshot& to) const;
    /// Ends the discoveries, each on its loop.
    void stop();
    /// Destroys the discoveries on this thread.  REQUIRES: the loops have ended.
    void clear() { all_.clear(); }

private:
    std::vector<std::unique_ptr<ModelDiscovery>> all_;
};

}  // namespace gatehouse::core
