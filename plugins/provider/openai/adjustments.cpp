// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/openai/adjustments.hpp"

#include "plugins/common/text/text.hpp"

#include <array>
#include <charconv>

namespace gatehouse::openai_provider {

namespace {

constexpr std::array<std::string_view, 5> optional_fields = {"reasoning_effort", "parallel_tool_calls",
                                                             "top_k", "service_tier", "user"};
constexpr std::int64_t least_limit = 256;  // smaller numbers in a message are not a limit

bool has(std::string_view text, std::string_view word) { return text.find(word) != text.npos; }

bool is_sent(const ChatRequest& request, std::string_view field) {
    if (field == "reasoning_effort") return !request.reasoning_effort.empty();
    if (field == "parallel_tool_calls") return request.parallel_tool_calls.has_value();
    if (field == "top_k") return request.sampling.top_k.has_value();
    if (field == "service_tier") return !request.service_tier.empty();
    return !request.user.empty();
}

/// The largest number in `text` below `limit`.  "… at most 16384 tokens, whereas you sent 64000".
std::int64_t limit_below(std::string_view text, std::int64_t limit) {
    std::int64_t found = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (!common::is_digit(text[i])) {
            ++i;
            continue;
        }
        std::int64_t number = 0;
        const char* const begin = text.data() + i;
        const auto read = std::from_chars(begin, text.data() + text.size(), number);
        i += static_cast<std::size_t>(std::max<std::ptrdiff_t>(read.ptr - begin, 1));
        if (number < limit) found = std::max(found, number);
    }
    return found >= least_limit ? found : 0;
}

bool says_unknown(std::string_view text) {
    for (const std::string_view word : {"unrecognized", "unsupported", "unknown", "not supported",
                                        "not permitted", "forbidden", "unexpected"})
        if (has(text, word)) return true;
    return false;
}

}  // namespace

bool Adjustments::drops(std::string_view name) const {
    for (std::size_t i = 0; i < optional_fields.size(); ++i)
        if (optional_fields[i] == name) return dropped >> i & 1;
    return false;
}

std::string_view learn(Adjustments& known, const ChatRequest& request, std::string_view text) {
    const auto limit = request.sampling.max_completion_tokens;
    if (limit && (has(text, "max_tokens") || has(text, "max_completion_tokens"))) {
        const std::int64_t sent = known.most ? std::min(*limit, known.most) : *limit;
        if (const std::int64_t most = limit_below(text, sent)) {
            known.most = most;
            return "max_completion_tokens";
        }
        if (has(text, "max_completion_tokens") && says_unknown(text) && !known.older_limit) {
            known.older_limit = true;
            return "max_completion_tokens";
        }
    }
    for (std::size_t i = 0; i < optional_fields.size(); ++i) {
        const std::string_view field = optional_fields[i];
        if (!has(text, field) || !is_sent(request, field) || known.drops(field)) continue;
        known.dropped |= 1u << i;
        return field;
    }
    return {};
}

}  // namespace gatehouse::openai_provider
