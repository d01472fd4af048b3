// SPDX-License-Identifier: Apache-2.0
// The keys of [observer.NAME] with use = "console".  Plain values; read once at start.
#pragma once

#include <gatehouse/schema.hpp>

#include <cstdint>
#include <string>

namespace gatehouse::console {

struct Options {
    std::string resource = "console";
    std::int64_t max_requests = 2'000;
    std::int64_t max_bytes = 16'777'216;
};

extern const Fields<Options> fields;

}  // namespace gatehouse::console
