// SPDX-License-Identifier: Apache-2.0
// Ids of responses, messages and tool calls.  [any thread]
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::client {

/// `prefix` and 29 random letters and digits.  Unique, but not secret.
std::string random_id(std::string_view prefix);

/// The same from the system's random numbers, for ids that give access to something.  172 bits are
/// random, so that a client cannot guess the id of another one.
std::string secret_id(std::string_view prefix);

}  // namespace gatehouse::client
