// SPDX-License-Identifier: Apache-2.0
// Patterns that a regular expression cannot describe, or only with an automaton that is too
// large to run for every word.
// Without state.  [any thread, concurrently]
#pragma once

#include "plugins/hook/redact/pattern.hpp"

namespace gatehouse::redact {

/// A name of up to 64 letters, digits and ._%+- at a host with a dot in its name.  The host's
/// last part begins with a letter.  Letters are those of the scripts that separate words by
/// blanks: Latin, Greek, Cyrillic.
class EmailAddress final : public Pattern {
public:
    std::optional<Range> find(std::string_view text, std::size_t from) const override;
    std::size_t hold(std::string_view text, std::size_t from) const override;
    std::size_t after(std::string_view text, Range match) const override;
};

/// 13 to 19 digits with a correct check digit (Luhn) and at most one blank or dash between
/// any two, which are not part of a longer number.
class CardNumber final : public Pattern {
public:
    std::optional<Range> find(std::string_view text, std::size_t from) const override;
    std::size_t hold(std::string_view text, std::size_t from) const override;
    std::size_t after(std::string_view text, Range match) const override;
};

/// The secret part of an AWS access key: forty letters, digits, slashes and pluses, with at
/// least one capital, one small letter and one digit.
class AwsSecret final : public Pattern {
public:
    std::optional<Range> find(std::string_view text, std::size_t from) const override;
    std::size_t hold(std::string_view text, std::size_t from) const override;
    std::size_t after(std::string_view text, Range match) const override;
};

}  // namespace gatehouse::redact
