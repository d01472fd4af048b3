// SPDX-License-Identifier: Apache-2.0
// Classifies an upstream's error by its status and by the wording of its message, because many errors have no
// code.
// Functions without state.  [any thread]
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse {

namespace detail {

inline bool is_decimal(char c) { return c >= '0' && c <= '9'; }

template <std::size_t N>
bool says_any(std::string_view text, const std::array<std::string_view, N>& phrases) {
    return std::any_of(phrases.begin(), phrases.end(),
                       [&](std::string_view phrase) { return text.find(phrase) != text.npos; });
}

}  // namespace detail

/// Whether an upstream, or a proxy in front of it, refuses the gateway's own credentials.
constexpr bool refuses_credentials(int status) { return status == 401 || status == 403 || status == 407; }

/// Whether a message, in lower case, says that the prompt is too long.
inline bool says_context_length(std::string_view lower) {
    constexpr auto phrases = std::to_array<std::string_view>({
        "context length",
        "context_length",
        "context window",
        "context size",
        "context limit",
        "exceeds the context",
        "exceed the context",
        "maximum context",
        "maximum model length",
        "maximum sequence length",
        "max_seq_len",
        "exceeds max length",
        "model token limit",
        "maximum input tokens",
        "prompt token count",
        "prompt tokens too long",
        "prompt exceeds",
        "range of input length",
        "longer than the model",
        "must have less than",
        "max_new_tokens` must be <=",
        "maximum prompt length",
        "prompt is too long",
        "prompt too long",
        "input is too long",
        "input length exceeds",
        "input token count",
        "maximum input length",
        "number of tokens allowed",
        "tokens in the prompt cannot exceed",
        "too many tokens",
        "reduce the length of the messages",
        "max_model_len",
    });
    // Messages about the limit of the answer do not count.
    constexpr std::array<std::string_view, 4> not_these = {"max_tokens must be", "max tokens must be",
                                                           "maxtokens must be", "maxtokens' must be"};
    return detail::says_any(lower, phrases) && !detail::says_any(lower, not_these);
}

/// The number of tokens that such a message names as the limit.
inline std::optional<std::int64_t> limit_in(std::string_view lower) {
    constexpr auto phrases = std::to_array<std::string_view>({
        "available context size",
        "too large for model with",  // and the limit before "maximum context length"
        "maximum context length",
        "maximum model length",
        "maximum sequence length",
        "input length should be [1,",
        "model token limit",
        "max_seq_len",
        "must be <=",
        "less than",
        "maximum prompt length",
        "maximum number of tokens allowed",
        "maximum input length",
        "context length of",
        "context length is",
        "context length (",
        "context size",
        "context limit",
        "context window",
        "cannot exceed",
        "maximum of",
        "limit of",
        "limit is",
        "maximum is",
    });
    for (std::string_view phrase : phrases) {
        const std::size_t at = lower.find(phrase);
        if (at == lower.npos) continue;
        std::string_view rest = lower.substr(at + phrase.size(), 64);
        while (!rest.empty() && !detail::is_decimal(rest.front())) rest.remove_prefix(1);
        std::int64_t number = 0;
        int digits = 0;
        for (; !rest.empty() && digits < 12; rest.remove_prefix(1)) {
            const bool separator = (rest.front() == ',' || rest.front() == '_') && rest.size() > 1 &&
                                   detail::is_decimal(rest[1]);
            if (separator) continue;
            if (!detail::is_decimal(rest.front())) break;
            number = number * 10 + (rest.front() - '0');
            ++digits;
        }
        if (number > 0) return number;
    }
    return std::nullopt;
}

/// Whether a message, in lower case, says that a content filter rejected the request.
inline bool says_filtered(std::string_view lower) {
    constexpr std::array<std::string_view, 4> phrases = {"blocklist", "inappropriate", "content filter",
                                                         "content management policy"};
    return detail::says_any(lower, phrases);
}

}  // namespace gatehouse
