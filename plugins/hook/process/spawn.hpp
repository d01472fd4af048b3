// SPDX-License-Identifier: Apache-2.0
// Starts a child process with a socket as its standard input and output.
#pragma once

#include "plugins/hook/process/process.hpp"

namespace gatehouse::process {

struct Child {
    pid_t id;
    int socket;
};

/// See Process::start().
Result<Child> spawn(const Command& command);

}  // namespace gatehouse::process
