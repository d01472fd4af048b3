// SPDX-License-Identifier: Apache-2.0
// The few socket calls that the mock upstream and the load client share, all
// on the loopback and none blocking.  A failed call ends the program.
#pragma once

#include <sys/socket.h>

namespace gatehouse::benchmark {

void make_nonblocking(int file);
/// Listens on a free port of 127.0.0.1.
int listen_on_loopback(int& port);
/// The next client, or -1 if none waits.
int accept_client(int listener);
/// A socket whose connection to 127.0.0.1 may still be under way, or -1.
int connect_to_loopback(int port);

}  // namespace gatehouse::benchmark
