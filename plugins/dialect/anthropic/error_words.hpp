// SPDX-License-Identifier: Apache-2.0
// The words of errors that clients search for.  Claude Code compacts a conversation after
// "prompt is too long: A tokens > B maximum", and lowers max_tokens after "input length and
// `max_tokens` exceed context limit: A + B > C" (measured with version 2.1.197).
// Pure functions.  [any thread]
#pragma once

#include <gatehouse/result.hpp>

#include <string>
#include <string_view>

namespace gatehouse::anthropic_dialect {

/// The message of a prompt that is too long, in those words, with the numbers that
/// `message` has.
std::string context_words(std::string_view message);

/// The message of `error`, after the path of its field in this protocol and a colon.
std::string field_words(const Error& error);

}  // namespace gatehouse::anthropic_dialect
