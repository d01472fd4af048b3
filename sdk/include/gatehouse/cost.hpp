// SPDX-License-Identifier: Apache-2.0
// The cost of a request, as a limiter tells it to the core, for observers, metrics and the access log.  Plain
// value and function: any thread.
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

/// An amount in 1e-9 as a decimal number, such as "1.50" or "0.001234": at least two digits after the point,
/// without further zeros.
inline std::string decimal_text(std::int64_t nano) {
    const std::string sign = nano < 0 ? "-" : "";
    // The lowest number has no opposite.
    const std::uint64_t amount =
        nano < 0 ? 0 - static_cast<std::uint64_t>(nano) : static_cast<std::uint64_t>(nano);
    constexpr std::uint64_t whole = 1'000'000'000;
    std::string digits = std::to_string(amount % whole);
    digits.insert(0, 9 - digits.size(), '0');
    while (digits.size() > 2 && digits.back() == '0') digits.pop_back();
    return sign + std::to_string(amount / whole) + "." + digits;
}

}  // namespace gatehouse
