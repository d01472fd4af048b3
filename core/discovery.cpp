// SPDX-License-Identifier: Apache-2.0
#include "core/discovery.hpp"

#include "core/observe/log.hpp"
#include "core/observe/reason.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

std::shared_ptr<const Discovered> Catalogue::models() const {
    std::lock_guard lock(mutex_);
    return models_;
}

void Catalogue::set(const std::string& provider, std::vector<ModelInfo> models) {
    put(provider, std::make_shared<const std::vector<ModelInfo>>(std::move(models)));
}

void Catalogue::inherit(const std::string& provider, const Catalogue& from) {
    const auto before = from.models();
    if (const auto found = before->find(provider); found != before->end()) put(provider, found->second);
}

void Catalogue::put(const std::string& provider, std::shared_ptr<const std::vector<ModelInfo>> models) {
    std::lock_guard lock(mutex_);
    auto next = std::make_shared<Discovered>(*models_);
    next->insert_or_assign(provider, std::move(models));
    models_ = std::move(next);
}

void Discovery::start() {
    timer_ = 0;
    errand_ = std::make_unique<Errand>(site_, provider_, ModelsRequest{}, times_.answer_within, log_);
    errand_->start([this](Errand::Outcome outcome) { done(std::move(outcome)); });
}

void Discovery::done(Errand::Outcome outcome) {
    auto wait = times_.refresh;
    if (outcome.error) {
        wait = std::min(times_.refresh, times_.first_retry * (1 << std::min(failures_++, 10)));
        const Error& error = *outcome.error;
        log_.write(Level::warning, provider_.name,
                   known_ ? "the models could not be listed; the last list stays"
                          : "the models could not be listed yet",
                   {{"status", std::to_string(outcome.status)},
                    {"reason", reason_for_log(error)},
                    {"next_try_s", std::to_string(wait.count() / 1000)}});
    } else {
        failures_ = 0;
        const std::size_t count = outcome.models.size();
        if (count != known_)
            log_.write(Level::info, provider_.name, "models discovered", {{"count", std::to_string(count)}});
        known_ = count;
        catalogue_.set(provider_.name, std::move(outcome.models));
    }
    // The errand goes with the next start(), when none of its calls is on the stack.
    timer_ = site_.loop->after(wait, [this] { start(); });
}

}  // namespace gatehouse::core
