// SPDX-License-Identifier: Apache-2.0
#include "core/app/model_discovery.hpp"

#include "core/observe/log.hpp"
#include "core/observe/log_reason.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

void ModelDiscovery::start() {
    timer_ = 0;
    request_ =
        std::make_unique<BackgroundRequest>(worker_, provider_, ModelsRequest{}, times_.answer_within, log_);
    request_->start([this](BackgroundRequest::Outcome outcome) { done(std::move(outcome)); });
}

void ModelDiscovery::done(BackgroundRequest::Outcome outcome) {
    auto wait = times_.refresh;
    BackgroundRequest::note_use(provider_, outcome);
    if (outcome.error) {
        wait = std::min(times_.refresh, times_.first_retry * (1 << std::min(failures_++, 10)));
        const Error& error = *outcome.error;
        log_.write(Level::warning, provider_.name,
                   known_ ? "listing models failed, keeping the last list" : "listing models failed",
                   {{"status", std::to_string(outcome.status)},
                    {"reason", log_reason(error)},
                    {"next_try_s", std::to_string(wait.count() / 1000)}});
    } else {
        failures_ = 0;
        provider_.health->models_listed();
        const std::size_t count = outcome.models.size();
        if (count != known_)
            log_.write(Level::info, provider_.name, "models discovered", {{"count", std::to_string(count)}});
        known_ = count;
        catalogue_.set(provider_.name, std::move(outcome.models));
    }
    // The next start() destroys the request, when none of its calls is on the stack.
    timer_ = worker_.loop->after(wait, [this] { start(); });
}

}  // namespace gatehouse::core
