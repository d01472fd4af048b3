// SPDX-License-Identifier: Apache-2.0
#include "core/retry/usability.hpp"

#include <gatehouse/error_text.hpp>

#include <utility>

namespace gatehouse::core {

const char* name_of(Unusable reason) {
    switch (reason) {
        case Unusable::credentials: return "credentials";
        case Unusable::no_response: return "no_response";
        case Unusable::server_error: return "server_error";
    }
    return "";
}

std::optional<Unusable> unusable_reason(const Error& error, int status, bool unsigned_request) {
    if (unsigned_request || refuses_credentials(status)) return Unusable::credentials;
    const bool upstreams = error.kind == ErrorKind::upstream || error.kind == ErrorKind::timeout ||
                           error.kind == ErrorKind::unavailable;
    if (!upstreams || shows_use(status)) return std::nullopt;
    if (status == 0 || error.kind == ErrorKind::timeout) return Unusable::no_response;
    return Unusable::server_error;
}

bool shows_use(int status) {
    return status >= 300 && status < 500 && status != 401 && status != 403 && status != 407;
}

Usability::Change Usability::succeeded(Clock::time_point now) {
    last_success_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    if (well_.load(std::memory_order_acquire)) return Change::none;
    std::lock_guard lock(mutex_);
    known_ = true;
    failures_ = 0;
    well_.store(true, std::memory_order_release);
    return std::exchange(lost_, false) ? Change::found : Change::none;
}

Usability::Change Usability::failed(Unusable reason, Clock::time_point now) {
    std::lock_guard lock(mutex_);
    well_.store(false, std::memory_order_release);
    if (failures_++ == 0) first_failure_ = now;
    reason_ = reason;
    last_failure_ = now;
    if (lost_ || failures_ < least_failures || now - first_failure_ < least_time) return Change::none;
    lost_ = true;
    return Change::lost;
}

Usability::Change Usability::assume(Clock::time_point now) {
    std::lock_guard lock(mutex_);
    known_ = true;
    if (!lost_ || now - last_failure_ < pardon) return Change::none;
    lost_ = false;
    failures_ = 0;
    return Change::found;
}

Usability::State Usability::state(Clock::time_point now) const {
    std::lock_guard lock(mutex_);
    const auto failing = failures_ > 0 ? now - first_failure_ : Clock::duration(0);
    return {known_, lost_, failures_, reason_, std::chrono::duration_cast<std::chrono::seconds>(failing)};
}

Usability::Clock::duration Usability::since_success(Clock::time_point now) const {
    const auto last = last_success_.load(std::memory_order_relaxed);
    return last ? now - Clock::time_point(Clock::duration(last)) : Clock::duration::max();
}

}  // namespace gatehouse::core
