// SPDX-License-Identifier: Apache-2.0
#include "core/util/random_bits.hpp"

#include <random>

namespace gatehouse::core {

std::uint64_t random_bits() {
    thread_local std::mt19937_64 random{(std::uint64_t{std::random_device{}()} << 32) |
                                        std::random_device{}()};
    return random();
}

}  // namespace gatehouse::core
