// SPDX-License-Identifier: Apache-2.0
// Keys of the core that were renamed, so that an old file gets an error with the new name.
#pragma once

#include <array>
#include <string_view>

namespace gatehouse::core {

struct RenamedKey {
    std::string_view table, old_name, new_name;
};

inline constexpr auto renamed_keys = std::to_array<RenamedKey>({
    {"upstream", "breaker_rest_ms", "breaker_open_ms"},
    {"upstream", "endpoint_rest_ms", "endpoint_open_ms"},
    {"upstream", "retry_floor", "retry_min"},
    {"server", "client_stall_ms", "client_write_timeout_ms"},
    {"server", "head_timeout_ms", "header_timeout_ms"},
    {"server", "max_head_bytes", "max_header_bytes"},
    {"server", "max_head_fields", "max_headers"},
    {"server", "max_running", "max_concurrent_requests"},
    {"server", "wrong_attempts_per_minute", "auth_failures_per_minute"},
    {"server", "body_timeout_ms_per_mb", "body_timeout_per_mb_ms"},
    {"upstream", "max_answer_bytes", "max_response_bytes"},
    {"upstream", "answer_timeout_ms", "response_timeout_ms"},
    {"upstream", "drain_answer_ms", "drain_response_ms"},
    {"upstream", "drain_answer_bytes", "drain_response_bytes"},
});

/// The new name of a key, or empty if no key of that name was renamed.
constexpr std::string_view new_name_of(std::string_view old_name) {
    for (const RenamedKey& key : renamed_keys)
        if (key.old_name == old_name) return key.new_name;
    return {};
}

}  // namespace gatehouse::core
