// SPDX-License-Identifier: Apache-2.0
// Money in whole numbers: nano-units, 1e-9 of the currency.  Sums of doubles would drift.
// Functions without state: any thread.
#pragma once

#include <cmath>
#include <cstdint>

namespace gatehouse::quota {

using Nano = std::int64_t;
inline constexpr Nano nano_per_unit = 1'000'000'000;

/// The highest amount that a counter of every store keeps exactly, 2^53: about nine million.
inline constexpr Nano most_nano = std::int64_t{1} << 53;

/// An amount of the file, such as 500.00.  Empty if it is negative, too large, or has more than nine digits
/// after the point.
inline bool read_amount(double amount, Nano& out) {
    const double nano = amount * 1e9;
    if (!(amount >= 0) || nano > static_cast<double>(most_nano)) return false;
    // The double nearest to a decimal number differs from it by less than this.
    if (std::abs(nano - std::round(nano)) > nano * 1e-15) return false;
    out = std::llround(nano);
    return true;
}

}  // namespace gatehouse::quota
