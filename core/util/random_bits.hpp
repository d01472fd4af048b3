// SPDX-License-Identifier: Apache-2.0
// Random numbers for ids: unique, not secret.  [any thread]
#pragma once

#include <cstdint>

namespace gatehouse::core {

/// 64 random bits of the thread's own generator, which the system has seeded.
std::uint64_t random_bits();

}  // namespace gatehouse::core
