// SPDX-License-Identifier: Apache-2.0
#include "core/retry/health.hpp"

#include "core/observe/log.hpp"
#include "core/observe/metrics.hpp"

#include <utility>

namespace gatehouse::core {

namespace {

const char* sentence_of(HealthEvent event) {
    switch (event) {
        case HealthEvent::breaker_opened: return "circuit breaker opened";
        case HealthEvent::breaker_closed: return "circuit breaker closed";
        case HealthEvent::endpoint_ejected: return "endpoint ejected";
        case HealthEvent::endpoint_back: return "endpoint restored";
        case HealthEvent::unusable: return "provider not usable";
        case HealthEvent::usable: return "provider usable again";
        case HealthEvent::breaker_refused:
        case HealthEvent::models_listed:
        case HealthEvent::retry:
        case HealthEvent::retry_refused:
        case HealthEvent::fallback: return nullptr;  // too frequent for the log
    }
    return nullptr;
}

Level level_of(HealthEvent event) {
    const bool recovery = event == HealthEvent::breaker_closed || event == HealthEvent::endpoint_back ||
                          event == HealthEvent::usable;
    return recovery ? Level::info : Level::warning;
}

/// The name of the event's subject in the log.
const char* field_of(HealthEvent event) {
    if (event == HealthEvent::breaker_opened || event == HealthEvent::breaker_closed) return "model";
    return event == HealthEvent::unusable || event == HealthEvent::usable ? "reason" : "endpoint";
}

}  // namespace

Outcome outcome_of(const Error& error, int status) {
    switch (error.kind) {
        case ErrorKind::upstream:
            // Rejected credentials and redirects are configuration errors, not upstream failures.
            return status >= 300 && status < 500 ? Outcome::unknown : Outcome::failing;
        case ErrorKind::unavailable: return Outcome::failing;
        case ErrorKind::timeout: return status == 408 ? Outcome::alive : Outcome::failing;
        case ErrorKind::internal:
        case ErrorKind::bad_config: return Outcome::unknown;
        case ErrorKind::bad_request:
        case ErrorKind::context_length:
        case ErrorKind::unauthenticated:
        case ErrorKind::forbidden:
        case ErrorKind::not_found:
        case ErrorKind::conflict:
        case ErrorKind::too_large:
        case ErrorKind::unprocessable:
        case ErrorKind::unsupported:
        case ErrorKind::rate_limited: return status == 0 ? Outcome::unknown : Outcome::alive;
    }
    return Outcome::unknown;
}

ProviderHealth::ProviderHealth(const HealthLimits& limits, Listener listener)
    : routes_(limits.route),
      endpoints_(limits.endpoint),
      retries_(limits.retries),
      listener_(std::move(listener)) {}

// The metrics of open breakers must not count those of a destroyed provider.
ProviderHealth::~ProviderHealth() {
    for (std::size_t i = routes_.open(); i > 0; --i) tell(HealthEvent::breaker_closed, {});
    for (std::size_t i = endpoints_.open(); i > 0; --i) tell(HealthEvent::endpoint_back, {});
    if (usability_.state(Clock::now()).lost) tell(HealthEvent::usable, {});
}

std::optional<Breaker::Milliseconds> ProviderHealth::refuses(std::string_view model) {
    auto wait = routes_.admit(model, Clock::now());
    if (wait) tell(HealthEvent::breaker_refused, model);
    return wait;
}

void ProviderHealth::answered(std::string_view model) {
    if (routes_.succeeded(model, Clock::now()) == Breaker::Change::closed)
        tell(HealthEvent::breaker_closed, model);
}

void ProviderHealth::failed(std::string_view model) {
    if (routes_.failed(model, Clock::now()) == Breaker::Change::opened)
        tell(HealthEvent::breaker_opened, model);
}

void ProviderHealth::cannot_be_tested() {
    if (usability_.assume(Clock::now()) == Usability::Change::found)
        tell(HealthEvent::usable, "no request has failed for a minute");
}

void ProviderHealth::models_listed() { tell(HealthEvent::models_listed, {}); }

void ProviderHealth::usable_shown() {
    if (usability_.succeeded(Clock::now()) == Usability::Change::found)
        tell(HealthEvent::usable, "a request has succeeded");
}

void ProviderHealth::unusable_shown(Unusable reason) {
    if (usability_.failed(reason, Clock::now()) == Usability::Change::lost)
        tell(HealthEvent::unusable, name_of(reason));
}

bool ProviderHealth::may_retry() {
    const bool may = retries_.take(Clock::now());
    tell(may ? HealthEvent::retry : HealthEvent::retry_refused, {});
    return may;
}

bool ProviderHealth::ejected(std::string_view endpoint) {
    return several_.load(std::memory_order_relaxed) && endpoints_.admit(endpoint, Clock::now());
}

void ProviderHealth::endpoint_answered(std::string_view endpoint) {
    if (endpoints_.succeeded(endpoint, Clock::now()) == Breaker::Change::closed)
        tell(HealthEvent::endpoint_back, endpoint);
}

void ProviderHealth::endpoint_failed(std::string_view endpoint) {
    if (!several_.load(std::memory_order_relaxed)) return;
    if (endpoints_.failed(endpoint, Clock::now()) == Breaker::Change::opened)
        tell(HealthEvent::endpoint_ejected, endpoint);
}

std::shared_ptr<ProviderHealth> Healths::of(const std::string& provider, const std::string& text,
                                            const HealthLimits& limits) {
    std::string whole = text;
    for (std::int64_t number :
         {limits.route.failures, std::int64_t{limits.route.open_interval.count()}, limits.endpoint.failures,
          std::int64_t{limits.endpoint.open_interval.count()}, limits.retries.percent, limits.retries.floor})
        whole += '\n' + std::to_string(number);
    const std::size_t hash = std::hash<std::string>()(whole);
    Known& known = all_[provider];
    auto health = known.health.lock();
    if (health && known.hash == hash) return health;
    health = std::make_shared<ProviderHealth>(
        limits, [&log = log_, &metrics = metrics_, provider](HealthEvent event, std::string_view what) {
            metrics.count(provider, event);
            const char* sentence = sentence_of(event);
            if (!sentence || what.empty()) return;
            log.write(level_of(event), provider, sentence, {{field_of(event), std::string(what)}});
        });
    known = {hash, health};
    return health;
}

}  // namespace gatehouse::core
