// SPDX-License-Identifier: Apache-2.0
// The longest wait of a test for an event.  Only a hang takes that long: a test passes on a
// machine many times slower than a laptop.
#pragma once

#include <chrono>

namespace gatehouse::testing {

inline constexpr std::chrono::milliseconds patience = std::chrono::minutes(5);

}  // namespace gatehouse::testing

namespace gatehouse::core::testing {

using gatehouse::testing::patience;

}  // namespace gatehouse::core::testing
