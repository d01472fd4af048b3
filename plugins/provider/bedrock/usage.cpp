// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/bedrock/usage.hpp"

#include <gatehouse/conversation.hpp>

namespace gatehouse::bedrock {

namespace {

/// A number that can be tokens, so that sums do not overflow.
std::optional<std::int64_t> count(JsonValue value) {
    const auto number = value.integer();
    return number && *number >= 0 && *number <= 1'000'000'000'000 ? number : std::nullopt;
}

}  // namespace

std::optional<Usage> read_usage(JsonValue usage) {
    const auto input = count(usage["inputTokens"]), output = count(usage["outputTokens"]);
    if (!input && !output) return std::nullopt;
    Usage found{.cached = count(usage["cacheReadInputTokens"]),
                .cache_written = count(usage["cacheWriteInputTokens"])};
    found.prompt = input.value_or(0) + found.cached.value_or(0) + found.cache_written.value_or(0);
    found.completion = output.value_or(0);
    found.total = found.prompt + found.completion;
    found.extra = members_except(
        usage, {"inputTokens", "outputTokens", "totalTokens", "cacheReadInputTokens", "cacheWriteInputTokens",
                "cacheReadInputTokenCount", "cacheWriteInputTokenCount"});
    return found;
}

}  // namespace gatehouse::bedrock
