// SPDX-License-Identifier: Apache-2.0
#include "core/app/worker_contexts.hpp"

#include "core/net/run_on.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

namespace {

HttpClientSettings upstream_of(const Settings& settings) {
    return {.timeouts = settings.upstream.timeouts,
            .tls = settings.upstream_tls,
            .proxy = settings.upstream.proxy};
}

}  // namespace

void WorkerContexts::start(const std::vector<Loop*>& loops,
                           const std::shared_ptr<const ConfigSnapshot>& snapshot, HelperThreads& computing,
                           MemoryBudget& memory) {
    const HttpClientSettings upstream = upstream_of(snapshot->settings);
    for (Loop* loop : loops)
        run_on(*loop, [&] {
            auto worker = std::make_unique<WorkerContext>();
            worker->upstream = make_http_client(*loop, upstream);
            worker->services = {loop, worker->upstream.get(), &computing, &memory};
            worker->snapshot = snapshot;
            all_.push_back(std::move(worker));
        });
}

void WorkerContexts::install(const std::shared_ptr<const ConfigSnapshot>& snapshot) {
    const HttpClientSettings upstream = upstream_of(snapshot->settings);
    for (const auto& worker : all_)
        run_on(*worker->services.loop, [&] {
            worker->snapshot = snapshot;
            worker->upstream->configure(upstream);
        });
}

void WorkerContexts::release_snapshots() {
    for (const auto& worker : all_) worker->snapshot.reset();
}

std::vector<WorkerServices> WorkerContexts::worker_services() const {
    std::vector<WorkerServices> worker_services;
    for (const auto& worker : all_) worker_services.push_back(worker->services);
    return worker_services;
}

const WorkerContext& WorkerContexts::of(const Loop& loop) const {
    return **std::ranges::find_if(all_, [&](const auto& worker) { return worker->services.loop == &loop; });
}

}  // namespace gatehouse::core
