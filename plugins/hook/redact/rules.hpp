// SPDX-License-Identifier: Apache-2.0
// What one instance looks for, and what it writes in its place.
// Made at start, then read only.  [any thread, concurrently]
#pragma once

#include "plugins/hook/redact/pattern.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::redact {

/// So much of a text is held back at most while it may still become a secret.
inline constexpr std::size_t longest_secret = 16 * 1024;

/// The names of the patterns that are built in, in the order of the README.
const std::vector<std::string>& built_in_names();

class Rules {
public:
    /// Adds what is built in under `name`; false if nothing is.
    bool add_built_in(const std::string& name);
    /// Adds an expression.  Throws std::invalid_argument with a message for the operator.
    void add(const std::string& name, const std::string& regex);
    /// Once, when all have been added: `mask` with {name} is what stands for a secret.
    void finish(const std::string& mask);

    struct Rule {
        std::size_t name = 0;
        std::unique_ptr<Pattern> pattern;
    };
    const std::vector<Rule>& all() const { return rules_; }
    const std::vector<std::string>& names() const { return names_; }
    const std::string& mask(std::size_t name) const { return masks_[name]; }

    /// Where the first match of any pattern begins; npos if there is no match.
    std::size_t first(std::string_view text, std::size_t from) const;
    /// The first place from which `text` may still become a match of any.
    std::size_t hold(std::string_view text, std::size_t from) const;

private:
    std::size_t name(const std::string& name);

    std::vector<std::string> names_, masks_;
    std::vector<Rule> rules_;
    std::vector<const Pattern*> scanners_;  // those of the rules that are not expressions
    // All expressions as one, so that a text without secrets is read once and not for each.
    std::string regexes_;
    std::unique_ptr<RegexPattern> any_;
};

/// How often each name has been masked, and which were there at all: one that lies
/// within another one's mask is there, but not masked by itself.
struct Tally {
    std::vector<std::uint64_t> masked;
    std::vector<bool> found;
    explicit Tally(std::size_t names) : masked(names), found(names) {}
};

}  // namespace gatehouse::redact
