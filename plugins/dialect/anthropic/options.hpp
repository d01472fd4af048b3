// SPDX-License-Identifier: Apache-2.0
// The keys of [dialect.*] with use = "anthropic".
#pragma once

#include <cstdint>
#include <string>

namespace gatehouse::anthropic_dialect {

struct Options {
    std::string prefix = "/v1";
    std::int64_t max_messages = 10'000;
    std::int64_t max_parts = 20'000;
    std::int64_t max_tools = 1'024;
    std::int64_t max_stop = 64;
    bool require_version = false;
    std::string count_tokens = "estimate";  // or "off"
    std::string reasoning = "asked";        // or "never"
};

}  // namespace gatehouse::anthropic_dialect
