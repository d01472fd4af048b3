// SPDX-License-Identifier: Apache-2.0
// The environment of a running gateway, for commands that check its configuration.  [main thread]
#pragma once

#include <sys/types.h>

namespace gatehouse::core {

/// Sets the variables of `process` in this process: `env:NAME` has the value of the gateway, not of this
/// shell.  Has no effect if they cannot be read.
void take_environment_of(pid_t process);

}  // namespace gatehouse::core
