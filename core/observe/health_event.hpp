// SPDX-License-Identifier: Apache-2.0
// The events of a provider's health that metrics count and the log reports.
#pragma once

namespace gatehouse::core {

enum class HealthEvent {
    breaker_opened,
    breaker_closed,
    breaker_refused,  // a request was not sent
    endpoint_ejected,
    endpoint_back,
    retry,
    retry_refused,
    unusable,  // the provider cannot be used: Usability
    usable,    // it can be used again
    models_listed,
    fallback,  // another route follows a failure of this provider
};

}  // namespace gatehouse::core
