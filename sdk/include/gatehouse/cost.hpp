// SPDX-License-Identifier: Apache-2.0
// The cost of a request, as a limiter tells it to the core, for observers and metrics.  Plain value.
#pragma once

#include <cstdint>
#include <string>

namespace gatehouse {

/// An amount of money in 1e-9 of the currency.
struct Cost {
    std::int64_t nano = 0;
    std::string currency = {};  // empty: the configuration names none
    bool estimated = false;     // an upstream has reported no usage
};

}  // namespace gatehouse
