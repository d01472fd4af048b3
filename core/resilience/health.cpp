// SPDX-License-Identifier: Apache-2.0
#include "core/resilience/health.hpp"

#include "core/observe/log.hpp"
#include "core/observe/metrics.hpp"

#include <utility>

namespace gatehouse::core {

namespace {

const char* sentence_of(Happening happening) {
    switch (happening) {
        case Happening::breaker_opened: return "a route keeps failing and is left out until a trial succeeds";
        case Happening::breaker_closed: return "a route that was left out works again";
        case Happening::place_ejected:
            return "an endpoint keeps failing and is left out until a trial succeeds";
        case Happening::place_back: return "an endpoint that was left out works again";
        default: return nullptr;  // too frequent for the log
    }
}

}  // namespace

Verdict verdict_of(const Error& error, int status) {
    switch (error.kind) {
        case ErrorKind::upstream:
            // Refused credentials are ours to mend; a redirect is a wrong address.
            return status >= 300 && status < 500 ? Verdict::unknown : Verdict::failing;
        case ErrorKind::unavailable: return Verdict::failing;
        case ErrorKind::timeout: return status == 408 ? Verdict::alive : Verdict::failing;
        case ErrorKind::internal:
        case ErrorKind::bad_config: return Verdict::unknown;
        default: return status == 0 ? Verdict::unknown : Verdict::alive;
    }
}

ProviderHealth::ProviderHealth(const HealthLimits& limits, Listener listener)
    : routes_(limits.route),
      places_(limits.place),
      retries_(limits.retries),
      listener_(std::move(listener)) {}

// What counts open ones must not count them for ever.
ProviderHealth::~ProviderHealth() {
    for (std::size_t i = routes_.open(); i > 0; --i) tell(Happening::breaker_closed, {});
    for (std::size_t i = places_.open(); i > 0; --i) tell(Happening::place_back, {});
}

std::optional<Breaker::Milliseconds> ProviderHealth::refuses(std::string_view model) {
    auto wait = routes_.admit(model, Clock::now());
    if (wait) tell(Happening::breaker_refused, model);
    return wait;
}

void ProviderHealth::answered(std::string_view model) {
    if (routes_.succeeded(model, Clock::now()) == Breaker::Change::closed)
        tell(Happening::breaker_closed, model);
}

void ProviderHealth::failed(std::string_view model) {
    if (routes_.failed(model, Clock::now()) == Breaker::Change::opened)
        tell(Happening::breaker_opened, model);
}

bool ProviderHealth::may_retry() {
    const bool may = retries_.take(Clock::now());
    tell(may ? Happening::retry : Happening::retry_refused, {});
    return may;
}

bool ProviderHealth::ejected(std::string_view place) {
    return several_.load(std::memory_order_relaxed) && places_.admit(place, Clock::now());
}

void ProviderHealth::place_answered(std::string_view place) {
    if (places_.succeeded(place, Clock::now()) == Breaker::Change::closed) tell(Happening::place_back, place);
}

void ProviderHealth::place_failed(std::string_view place) {
    if (!several_.load(std::memory_order_relaxed)) return;
    if (places_.failed(place, Clock::now()) == Breaker::Change::opened) tell(Happening::place_ejected, place);
}

std::shared_ptr<ProviderHealth> Healths::of(const std::string& provider, const std::string& text,
                                            const HealthLimits& limits) {
    std::string whole = text;
    for (std::int64_t number :
         {limits.route.failures, std::int64_t{limits.route.rest.count()}, limits.place.failures,
          std::int64_t{limits.place.rest.count()}, limits.retries.percent, limits.retries.floor})
        whole += '\n' + std::to_string(number);
    const std::size_t hash = std::hash<std::string>()(whole);
    Known& known = all_[provider];
    auto health = known.health.lock();
    if (health && known.hash == hash) return health;
    health = std::make_shared<ProviderHealth>(limits, [&log = log_, &metrics = metrics_, provider](
                                                          Happening happening, std::string_view what) {
        metrics.happened(provider, happening);
        const char* sentence = sentence_of(happening);
        if (!sentence || what.empty()) return;
        const bool route = happening == Happening::breaker_opened || happening == Happening::breaker_closed;
        log.write(Level::warning, provider, sentence, {{route ? "model" : "endpoint", std::string(what)}});
    });
    known = {hash, health};
    return health;
}

}  // namespace gatehouse::core
