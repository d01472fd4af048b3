// SPDX-License-Identifier: Apache-2.0
// One shape of a secret: finds it in a text, and tells what at the end of a text
// may still become one.
//
// A pattern is asked about texts that grow: what find() says of a match that
// begins before hold() is true of every longer text as well.
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
    /// The first match that begins at `from` or later, the longest of those; what
    /// stands before `from` is looked at where a match may not follow a letter.
    virtual std::optional<Range> find(std::string_view text, std::size_t from) const = 0;
    /// The first place, `from` or later, from which the text to its end may
    /// become a match, or a longer one; its size if there is none.
    virtual std::size_t hold(std::string_view text, std::size_t from) const = 0;
    /// Where the search goes on after `match`: within it, if another one that
    /// begins there may end behind it; else at its end.
    virtual std::size_t after(std::string_view text, Range match) const;
};

/// An expression of RE2 and the one of what its matches begin with.
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
