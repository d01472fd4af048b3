// SPDX-License-Identifier: Apache-2.0
// Converts a regular expression to an expression for the beginnings of its matches, so that
// a stream delays only text that may still become a match.
// Plain functions.  [any thread]
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::redact {

/// Returns an expression that matches each text that can be extended to a match of `regex`,
/// including the empty text and complete matches.  At the end of the text `$` and `\b` count
/// as fulfilled, because the following text is unknown.
/// REQUIRES: RE2 has accepted `regex`, as UTF-8 in its own syntax, and it has no \Q.
/// Throws std::invalid_argument, with a sentence for the author of the expression, if its
/// syntax does not allow this.
std::string prefixes_of(std::string_view regex);

/// Replaces \Q...\E in `regex` by escaped characters, so that more text can follow it.
std::string without_quotes(std::string_view regex);

}  // namespace gatehouse::redact
