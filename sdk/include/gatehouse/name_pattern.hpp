// SPDX-License-Identifier: Apache-2.0
// Patterns of names in a configuration: a complete name such as "gpt-5", or a prefix with a
// star at its end such as "gpt-*".  "*" matches every name.  No interface uses this header.
// Functions without state: any thread.
#pragma once

#include <algorithm>
#include <string_view>

namespace gatehouse {

/// The message for a pattern that is not well formed.
inline constexpr std::string_view name_pattern_rule =
    "must be a name, or a prefix with a star at its end; \"*\" alone matches every name";

constexpr bool is_name_pattern(std::string_view pattern) {
    return !pattern.empty() && pattern.find('*') >= pattern.size() - 1;
}

/// Whether `pattern` has a star at its end.
constexpr bool is_prefix_pattern(std::string_view pattern) { return pattern.ends_with('*'); }

/// `pattern` without the star at its end.
constexpr std::string_view prefix_of(std::string_view pattern) {
    return is_prefix_pattern(pattern) ? pattern.substr(0, pattern.size() - 1) : pattern;
}

/// REQUIRES: is_name_pattern(pattern).
constexpr bool matches_pattern(std::string_view pattern, std::string_view name) {
    return is_prefix_pattern(pattern) ? name.starts_with(prefix_of(pattern)) : name == pattern;
}

/// Whether one of `patterns` matches `name`.
template <typename Patterns>
constexpr bool matches_any_pattern(const Patterns& patterns, std::string_view name) {
    return std::ranges::any_of(patterns,
                               [&](std::string_view pattern) { return matches_pattern(pattern, name); });
}

/// An order for patterns: a complete name precedes a prefix, and a longer prefix a shorter one.
/// The first match in this order is the best match.
constexpr bool is_more_specific(std::string_view a, std::string_view b) {
    if (is_prefix_pattern(a) != is_prefix_pattern(b)) return is_prefix_pattern(b);
    return a.size() > b.size();
}

}  // namespace gatehouse
