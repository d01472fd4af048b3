// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/error_text.hpp"

#include "plugins/common/text/text.hpp"
#include "plugins/common/upstream/text.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::upstream {

namespace {

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
