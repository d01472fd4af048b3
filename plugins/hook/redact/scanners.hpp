// SPDX-License-Identifier: Apache-2.0
// The shapes that no regular expression tells, or only one whose automaton is
// too large to be walked for every word.
// Without state.  [any thread, concurrently]
#pragma once

#include "plugins/hook/redact/pattern.hpp"

namespace gatehouse::redact {

/// A name of up to 64 letters, digits and ._%+- at a host with a dot in its name,
/// whose last part begins with a letter.  Letters are those of the scripts that
/// put blanks between words: Latin, Greek, Cyrillic.
class EmailAddress final : public Pattern {
public:
    std::optional<Range> find(std::string_view text, std::size_t from) const override;
    std::size_t hold(std::string_view text, std::size_t from) const override;
    std::size_t after(std::string_view text, Range match) const override;
};

/// 13 to 19 digits whose last one is right (Luhn), with at most one blank or
/// dash between any two, which are not part of a longer row of digits.
class CardNumber final : public Pattern {
public:
    std::optional<Range> find(std::string_view text, std::size_t from) const override;
    std::size_t hold(std::string_view text, std::size_t from) const override;
    std::size_t after(std::string_view text, Range match) const override;
};

/// The secret half of an AWS access key: forty letters, digits, slashes and
/// pluses, with a capital, a small letter and a digit among them.
class AwsSecret final : public Pattern {
public:
    std::optional<Range> find(std::string_view text, std::size_t from) const override;
    std::size_t hold(std::string_view text, std::size_t from) const override;
    std::size_t after(std::string_view text, Range match) const override;
};

}  // namespace gatehouse::redact
