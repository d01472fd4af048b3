// SPDX-License-Identifier: Apache-2.0
#include "core/discoveries.hpp"

#include "core/http/run_on.hpp"
#include "core/plugin/guard.hpp"

#include <chrono>

namespace gatehouse::core {

void Discoveries::start(const Context& context, const Workplaces& places, Log& log) {
    const std::chrono::seconds refresh(context.settings.upstream.models_refresh_s);
    for (const std::string& name : context.house->provider_names()) {
        const NamedProvider& provider = *context.house->provider(name);
        auto discovers = guard(name, [&] { return provider.provider->discovers(); });
        if (!discovers || !*discovers) continue;
        const Site& site = places.site(all_.size());
        all_.push_back(std::make_unique<Discovery>(site, provider, context.catalogue, log,
                                                   Discovery::Times{.refresh = refresh}));
        site.loop->post([discovery = all_.back().get()] { discovery->start(); });
    }
}

void Discoveries::hand_over(const Context& from, const Context& to) const {
    for (const auto& discovery : all_) to.catalogue.inherit(discovery->provider(), from.catalogue);
}

void Discoveries::stop() {
    for (auto& discovery : all_) run_on(discovery->loop(), [&] { discovery.reset(); });
    all_.clear();
}

}  // namespace gatehouse::core
