// SPDX-License-Identifier: Apache-2.0
// Listening sockets: made for an address, or inherited from the parent process.
// [main thread]
#pragma once

#include <gatehouse/result.hpp>

#include <cstdint>
#include <string>

namespace gatehouse::core {

/// Makes a socket that listens on "127.0.0.1:8050", "[::1]:8050", "localhost:8050"; port 0
/// takes a free port.  The error names the address and the reason.
Result<int> listen_on(const std::string& address);

/// Gives an inherited socket the options of listen_on(), or returns an error if it is unusable.
Result<void> adopt_listening(int fd);

std::uint16_t port_of(int fd);

}  // namespace gatehouse::core
