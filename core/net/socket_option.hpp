// SPDX-License-Identifier: Apache-2.0
// Sets options of sockets.  Plain function: [any thread].
#pragma once

#include <sys/socket.h>

namespace gatehouse::core {

/// Sets an option with an integer value.  Ignores a failure: the socket works without the option.
inline void set_socket_option(int fd, int level, int option, int value) {
    ::setsockopt(fd, level, option, &value, sizeof value);
}

}  // namespace gatehouse::core
