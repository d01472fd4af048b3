// SPDX-License-Identifier: Apache-2.0
// One pattern of a secret.  It finds matches in a text, and finds the end of a text that may
// still become a match.
//
// The text may grow: a match of find() that begins before hold() is also a match in every
// longer text.
// Made at start, then read only.  [any thread, concurrently]
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace gatehouse::redact {

struct Range {
    std::size_t begin = 0, end = 0;
};

class Pattern {
public:
    virtual ~Pattern() = default;
    /// Returns the first match that begins at `from` or later, the longest of those.  Reads the
    /// text before `from` if a match must not follow a letter.
    virtual std::optional<Range> find(std::string_view text, std::size_t from) const = 0;
    /// Returns the first position, `from` or later, from which the rest of the text may become
    /// a match or a longer match.  Returns the size of the text if there is no such position.
    virtual std::size_t hold(std::string_view text, std::size_t from) const = 0;
    /// Returns the position at which the search continues after `match`: within it if another
    /// match may begin there and end later, otherwise its end.
    virtual std::size_t after(std::string_view text, Range match) const;
};

/// An expression of RE2, and the expression for the beginnings of its matches.
class RegexPattern final : public Pattern {
public:
    /// Throws std::invalid_argument, with a message for the author of `regex`.
    /// REQUIRES: no \Q in it; see without_quotes().
    explicit RegexPattern(const std::string& regex);
    ~RegexPattern() override;
    std::optional<Range> find(std::string_view text, std::size_t from) const override;
    std::size_t hold(std::string_view text, std::size_t from) const override;

private:
    std::unique_ptr<re2::RE2> whole_, prefix_;
};

}  // namespace gatehouse::redact
