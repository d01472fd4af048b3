// SPDX-License-Identifier: Apache-2.0
// Recognizes stack traces in a message.  Plain function: [any thread].
#pragma once

#include <string_view>

namespace gatehouse::core {

/// The part of `text` before its first stack trace, of Java, JavaScript, Python, .NET, Go or Rust.
std::string_view without_trace(std::string_view text);

}  // namespace gatehouse::core
