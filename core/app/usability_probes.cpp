// SPDX-License-Identifier: Apache-2.0
#include "core/app/usability_probes.hpp"

#include "core/net/run_on.hpp"

#include <algorithm>

namespace gatehouse::core {

void UsabilityProbe::start() {
    timer_ = 0;
    request_ =
        std::make_unique<BackgroundRequest>(worker_, provider_, ModelsRequest{}, times_.answer_within, log_);
    request_->start([this](const BackgroundRequest::Outcome& outcome) { done(outcome); });
}

void UsabilityProbe::done(const BackgroundRequest::Outcome& outcome) {
    BackgroundRequest::note_use(provider_, outcome);
    const auto state = provider_.health->usability().state(Usability::Clock::now());
    failures_ = state.failures == 0 ? 0 : failures_ + 1;
    wait(failures_ == 0 ? times_.quiet
                        : std::min(times_.quiet, times_.first_retry * (1 << std::min(failures_ - 1, 10))));
}

// The next start() destroys the request, when none of its calls is on the stack.
void UsabilityProbe::wait(std::chrono::milliseconds time) {
    timer_ = worker_.loop->after(time, [this] { look(); });
}

void UsabilityProbe::look() {
    const Usability& usability = provider_.health->usability();
    const auto now = Usability::Clock::now();
    const bool fresh = usability.since_success(now) < times_.quiet && usability.state(now).failures == 0;
    if (fresh) return wait(times_.quiet);
    start();
}

void UsabilityProbes::start(const ConfigSnapshot& snapshot, const WorkerContexts& workers, Log& log) {
    if (snapshot.settings.server.ready != "provider") return;
    for (const std::string& name : snapshot.instances->provider_names()) {
        const NamedProvider& provider = *snapshot.instances->provider(name);
        if (provider.local) continue;
        const WorkerServices& worker = workers.worker(all_.size());
        all_.push_back(std::make_unique<UsabilityProbe>(worker, provider, log));
        worker.loop->post([probe = all_.back().get()] { probe->start(); });
    }
}

void UsabilityProbes::stop() {
    for (auto& probe : all_) run_on(probe->loop(), [&] { probe.reset(); });
    all_.clear();
}

}  // namespace gatehouse::core
