// SPDX-License-Identifier: Apache-2.0
// From a regular expression to one for everything that its matches begin with,
// so that a stream need hold back only what may still become a match.
// Plain functions.  [any thread]
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::redact {

/// An expression that matches each text that can be made longer into a match of
/// `regex`, the empty text and whole matches included.  At the end of the text
/// it takes `$` and `\b` for fulfilled, since what follows is not known yet.
/// REQUIRES: RE2 has accepted `regex`, as UTF-8 in its own syntax, and it has no \Q.
/// Throws std::invalid_argument, with a sentence for the author of the
/// expression, where it uses what cannot be cut into pieces.
std::string prefixes_of(std::string_view regex);

/// `regex` with \Q...\E written as single characters, so that more can follow it.
std::string without_quotes(std::string_view regex);

}  // namespace gatehouse::redact
