// SPDX-License-Identifier: Apache-2.0
// The patterns of one instance and their masks.
// Made at start, then read only.  [any thread, concurrently]
#pragma once

#include "plugins/hook/redact/pattern.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::redact {

/// The longest text in bytes that is delayed while it may still become a secret.
inline constexpr std::size_t longest_secret = 16 * 1024;

/// The names of the built-in patterns, in the order of the README.
const std::vector<std::string>& built_in_names();

class Rules {
public:
    /// Adds the built-in pattern `name`.  Returns false if there is no such pattern.
    bool add_built_in(const std::string& name);
    /// Adds an expression.  Throws std::invalid_argument with a message for the operator.
    void add(const std::string& name, const std::string& regex);
    /// Call it once, after all patterns have been added.  `mask`, with {name}, replaces a secret.
    void finish(const std::string& mask);

    struct Rule {
        std::size_t name = 0;
        std::unique_ptr<Pattern> pattern;
    };
    const std::vector<Rule>& all() const { return rules_; }
    const std::vector<std::string>& names() const { return names_; }
    const std::string& mask(std::size_t name) const { return masks_[name]; }

    /// Returns the beginning of the first match of any pattern, or npos if there is no match.
    std::size_t first(std::string_view text, std::size_t from) const;
    /// Returns the first position from which `text` may still become a match of any pattern.
    std::size_t hold(std::string_view text, std::size_t from) const;

private:
    std::size_t name(const std::string& name);

    std::vector<std::string> names_, masks_;
    std::vector<Rule> rules_;
    std::vector<const Pattern*> scanners_;  // the rules without an expression
    // All expressions as one, so that a text without secrets is read only once.
    std::string regexes_;
    std::unique_ptr<RegexPattern> any_;
};

/// The number of masks for each name, and the names with a match.  A match within another
/// mask counts as found, but not as masked.
struct Tally {
    std::vector<std::uint64_t> masked;
    std::vector<bool> found;
    explicit Tally(std::size_t names) : masked(names), found(names) {}
};

}  // namespace gatehouse::redact
