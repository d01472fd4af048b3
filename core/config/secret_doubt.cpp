// SPDX-License-Identifier: Apache-2.0
#include "core/config/secret_doubt.hpp"

#include "core/util/ascii.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::core {

namespace {

constexpr std::string_view blanks = " \t\r\n";

bool begins_ignoring_case(std::string_view text, std::string_view lower) {
    return lower_case(text.substr(0, lower.size())) == lower;
}

/// ASCII quotes, and those of word processors.
bool is_quoted(std::string_view text) {
    static constexpr std::array<std::string_view, 7> quotes = {"\"",     "'",      "`",     "\u201C",
                                                               "\u201D", "\u2018", "\u2019"};
    return std::ranges::any_of(
        quotes, [&](std::string_view quote) { return text.starts_with(quote) || text.ends_with(quote); });
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_variable(std::string_view text) {
    return text.starts_with("${") || (text.starts_with("$(") && text.ends_with(')'));
}

}  // namespace

std::string doubt_about(std::string_view secret) {
    const std::string_view text = trimmed(secret);
    if (text.empty()) return secret.empty() ? "" : "it consists of whitespace";
    if (is_quoted(text))
        return "it has a quote at its begin or end, which counts as a part of it: remove the quotes "
               "(`docker --env-file` keeps them)";
    if (begins_ignoring_case(text, "authorization:"))
        return "it begins with the name of a header: give the key alone";
    if (begins_ignoring_case(text, "bearer ") || begins_ignoring_case(text, "basic "))
        return "it begins with the scheme of a header: give the key alone";
    if (text.size() < secret.size()) return "it begins or ends with whitespace: remove the whitespace";
    if (text.starts_with("-----BEGIN ")) return "";
    if (text.find_first_of("\r\n") != text.npos) return "it has several lines";
    if (is_variable(text)) return "it looks like a variable that was not replaced: write \"env:NAME\"";
    return "";
}

bool is_trial_key(std::string_view secret) { return secret == "sk-test"; }

}  // namespace gatehouse::core
