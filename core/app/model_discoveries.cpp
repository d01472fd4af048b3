// SPDX-License-Identifier: Apache-2.0
#include "core/app/model_discoveries.hpp"

#include "core/net/run_on.hpp"
#include "core/plugin/guard.hpp"

#include <chrono>

namespace gatehouse::core {

void ModelDiscoveries::start(const ConfigSnapshot& snapshot, const WorkerContexts& workers, Log& log) {
    const std::chrono::seconds refresh(snapshot.settings.upstream.models_refresh_s);
    for (const std::string& name : snapshot.instances->provider_names()) {
        const NamedProvider& provider = *snapshot.instances->provider(name);
        auto discovers = guard({name, "Provider::discovers"}, [&] { return provider.provider->discovers(); });
        if (!discovers || !*discovers) continue;
        const WorkerServices& worker = workers.worker(all_.size());
        all_.push_back(std::make_unique<ModelDiscovery>(worker, provider, snapshot.catalogue, log,
                                                        ModelDiscovery::Times{.refresh = refresh}));
        worker.loop->post([discovery = all_.back().get()] { discovery->start(); });
    }
}

void ModelDiscoveries::hand_over(const ConfigSnapshot& from, const ConfigSnapshot& to) const {
    for (const auto& discovery : all_) to.catalogue.inherit(discovery->provider(), from.catalogue);
}

void ModelDiscoveries::stop() {
    for (auto& discovery : all_) run_on(discovery->loop(), [&] { discovery.reset(); });
    all_.clear();
}

}  // namespace gatehouse::core
