// SPDX-License-Identifier: Apache-2.0
// Mistakes that make a secret useless though it is a valid string.  Functions without
// state: any thread.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::core {

/// Why `secret` is probably not what the operator meant, such as "it has quotes around it";
/// empty if nothing is suspicious.  Never contains a part of the secret.
std::string doubt_about(std::string_view secret);

}  // namespace gatehouse::core
