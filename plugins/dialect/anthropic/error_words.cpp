// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/anthropic/error_words.hpp"

#include "plugins/common/text/text.hpp"
#include "plugins/common/upstream/error_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace gatehouse::anthropic_dialect {

namespace {

constexpr std::string_view too_long = "prompt is too long: ";
constexpr std::string_view exceeds = "input length and `max_tokens` exceed context limit: ";

std::optional<std::int64_t> number_at(std::string_view text, std::size_t at) {
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data() + at, text.data() + text.size(), number);
    return read.ec == std::errc() ? std::optional(number) : std::nullopt;
}

std::optional<std::int64_t> number_after(std::string_view text, std::string_view words) {
    const std::size_t at = text.find(words);
    return at == text.npos ? std::nullopt : number_at(text, at + words.size());
}

std::optional<std::int64_t> number_before(std::string_view text, std::string_view words) {
    std::size_t at = text.find(words);
    if (at == text.npos || at == 0) return std::nullopt;
    while (at > 0 && common::is_digit(text[at - 1])) --at;
    return number_at(text, at);
}

std::int64_t largest_in(std::string_view text) {
    std::int64_t largest = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!common::is_digit(text[i])) continue;
        largest = std::max(largest, number_at(text, i).value_or(0));
        while (i < text.size() && common::is_digit(text[i])) ++i;
    }
    return largest;
}

/// The rest of `message` from `words` on, if a number follows them.
std::string from_words(std::string_view message, std::string_view words) {
    const std::size_t at = message.find(words);
    if (at == message.npos || !number_after(message, words)) return {};
    std::string_view rest = message.substr(at);
    if (rest.ends_with(')') && rest.find('(') == rest.npos) rest.remove_suffix(1);  // the end of a quotation
    return std::string(rest);
}

/// Says that the limit of the answer is too high, if the prompt alone would fit.
std::string too_many_in_all(std::string_view message, std::int64_t limit) {
    auto input = number_before(message, " in the messages");
    if (!input) input = number_before(message, " input tokens");
    auto output = number_before(message, " in the completion");
    if (!output) output = number_after(message, "is too large: ");
    if (!input || !output || *input >= limit || *input + *output <= limit) return {};
    return std::string(exceeds) + std::to_string(*input) + " + " + std::to_string(*output) + " > " +
           std::to_string(limit);
}

/// The field of this protocol for a field of OpenAI's, which providers name.
std::string_view own_field(std::string_view theirs) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> fields = {{
        {"max_completion_tokens", "max_tokens"},
        {"parallel_tool_calls", "tool_choice.disable_parallel_tool_use"},
        {"reasoning_effort", "thinking"},
        {"response_format", "output_config.format"},
        {"stop", "stop_sequences"},
        {"user", "metadata.user_id"},
    }};
    for (const auto& [from, to] : fields)
        if (from == theirs) return to;
    return theirs;
}

/// "tools[2].function.name" becomes "tools.2".  The numbers of messages are not the client's,
/// as each tool result is a message of its own.
std::string own_path(std::string_view param) {
    const std::size_t end = param.find_first_of(".[");
    if (end == param.npos) return std::string(own_field(param));
    if (param.find('[') == param.npos) return std::string(param);  // a path of this dialect
    std::string path(own_field(param.substr(0, end)));
    const std::size_t close = param.find(']', end);
    if (path == "messages" || param[end] != '[' || close == param.npos) return path;
    return path.append(".").append(param.substr(end + 1, close - end - 1));
}

}  // namespace

std::string context_words(std::string_view message) {
    if (std::string words = from_words(message, exceeds); !words.empty()) return words;
    if (std::string words = from_words(message, too_long); !words.empty()) return words;
    const auto limit = upstream::limit_in(common::lower_case(message));
    if (limit)
        if (std::string words = too_many_in_all(message, *limit); !words.empty()) return words;
    // A client looks for two numbers, and the first one must be larger.
    const std::int64_t most = limit.value_or(1);
    const std::int64_t tokens = limit ? std::max(largest_in(message), most + 1) : most + 1;
    std::string words =
        std::string(too_long) + std::to_string(tokens) + " tokens > " + std::to_string(most) + " maximum";
    if (!message.empty()) words.append(" (").append(message).append(")");
    return words;
}

std::string field_words(const Error& error) {
    std::string_view rest = error.message;
    if (error.param.empty()) return std::string(rest);
    if (rest.starts_with(error.param)) {
        rest.remove_prefix(error.param.size());
        if (rest.starts_with(": ")) return error.message;
        if (rest.starts_with(' ')) rest.remove_prefix(1);
    }
    return own_path(error.param).append(": ").append(rest);
}

}  // namespace gatehouse::anthropic_dialect
