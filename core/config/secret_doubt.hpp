// SPDX-License-Identifier: Apache-2.0
// Secrets that are useless though they are valid strings: mistakes, and the key of the examples.  Functions
// without state: any thread.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::core {

/// Why `secret` is probably not what the operator meant, such as "it has quotes around it";
/// empty if nothing is suspicious.  Never contains a part of the secret.
std::string doubt_about(std::string_view secret);

/// Whether this is the key of the examples, for trials.  It is in the documents, so that a file that
/// contains it needs no protection.
bool is_trial_key(std::string_view secret);

}  // namespace gatehouse::core
