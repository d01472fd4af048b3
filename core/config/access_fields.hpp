// SPDX-License-Identifier: Apache-2.0
// The fields of the access log that `[log] fields` can choose.  core/OPERATIONS.md explains them;
// sdk/VERSIONING.md keeps their names stable.  [any thread]
#pragma once

#include <array>
#include <string_view>

namespace gatehouse::core {

struct AccessField {
    std::string_view name;
    enum class Needs {
        nothing,  // a field of the usual line
        choice,   // only in a line that names it
        details,  // and the request must record its details
    } needs = Needs::nothing;
};

/// In the order of the line.
inline constexpr auto access_fields = std::to_array<AccessField>({
    {"request_id"},
    {"client"},
    {"peer"},
    {"method"},
    {"path"},
    {"user_agent", AccessField::Needs::details},
    {"model"},
    {"route"},
    {"hook"},
    {"status"},
    {"outcome"},
    {"stream"},
    {"max_tokens", AccessField::Needs::details},
    {"choices", AccessField::Needs::details},
    {"bytes_in"},
    {"bytes_out"},
    {"prompt_tokens"},
    {"completion_tokens"},
    {"cached_tokens"},
    {"cache_write_tokens"},
    {"reasoning_tokens"},
    {"estimated_prompt_tokens"},
    {"estimated_completion_tokens"},
    {"cost"},
    {"currency"},
    {"cost_estimated"},
    {"finish", AccessField::Needs::details},
    {"queue_ms", AccessField::Needs::details},
    {"before_ms", AccessField::Needs::details},
    {"ttft_ms"},
    {"token_us", AccessField::Needs::choice},
    {"total_ms"},
    {"upstream_ms"},
    {"overhead_us", AccessField::Needs::choice},
    {"endpoint"},
    {"upstream_id"},
    {"upstream_model", AccessField::Needs::details},
    {"attempts"},
    {"retries"},
    {"tried", AccessField::Needs::details},
    {"client_request_id"},
    {"traceparent"},
    {"trace_id"},
    {"span_id", AccessField::Needs::choice},
    {"client_retries"},
    {"gone"},
    {"upstream"},
    {"error"},
    {"cause"},
    {"detail"},
});

/// In `[log] fields`: every field of the usual line.
inline constexpr std::string_view usual_fields = "default";

}  // namespace gatehouse::core
