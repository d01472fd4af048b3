// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/error_text.hpp"

#include "plugins/common/text/text.hpp"
#include "plugins/common/upstream/text.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::upstream {

namespace {

template <std::size_t N>
bool has_any(std::string_view text, const std::array<std::string_view, N>& phrases) {
    return std::any_of(phrases.begin(), phrases.end(),
                       [&](std::string_view phrase) { return text.find(phrase) != text.npos; });
}

using common::is_digit;
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// The name that follows optional quotes, blanks and a colon.
std::string name_at(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" :'\"`");
    if (first == text.npos) return {};
    text.remove_prefix(first);
    std::size_t end = 0;
    while (end < text.size() && end < 64 && (is_letter(text[end]) || is_digit(text[end]) || text[end] == '_'))
        ++end;
    return std::string(text.substr(0, end));
}

template <std::size_t N>
std::string name_after(std::string_view message, const std::array<std::string_view, N>& phrases) {
    const std::string lower = lower_case(message);
    for (std::string_view phrase : phrases)
        if (const std::size_t at = lower.find(phrase); at != lower.npos)
            return name_at(message.substr(at + phrase.size()));
    return {};
}

}  // namespace

bool says_context_length(std::string_view lower) {
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
    return has_any(lower, phrases) && !has_any(lower, not_these);
}

std::optional<std::int64_t> limit_in(std::string_view lower) {
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
        while (!rest.empty() && !is_digit(rest.front())) rest.remove_prefix(1);
        std::int64_t number = 0;
        int digits = 0;
        for (; !rest.empty() && digits < 12; rest.remove_prefix(1)) {
            const bool separator =
                (rest.front() == ',' || rest.front() == '_') && rest.size() > 1 && is_digit(rest[1]);
            if (separator) continue;
            if (!is_digit(rest.front())) break;
            number = number * 10 + (rest.front() - '0');
            ++digits;
        }
        if (number > 0) return number;
    }
    return std::nullopt;
}

bool says_filtered(std::string_view lower) {
    constexpr std::array<std::string_view, 4> phrases = {"blocklist", "inappropriate", "content filter",
                                                         "content management policy"};
    return has_any(lower, phrases);
}

std::string unsupported_parameter_in(std::string_view message) {
    constexpr std::array<std::string_view, 6> phrases = {
        "argument not supported on this model:",
        "arguments not supported on this model:",
        "unsupported parameter:",
        "unsupported value:",
        "does not support parameter",
        "does not support the parameter",
    };
    return name_after(message, phrases);
}

std::string invalid_parameter_in(std::string_view message) {
    constexpr std::array<std::string_view, 2> phrases = {"invalid parameter:", "missing parameter:"};
    return name_after(message, phrases);
}

}  // namespace gatehouse::upstream
