// SPDX-License-Identifier: Apache-2.0
// Sockets that listen: made for an address, or inherited from whoever started us.
// [main thread]
#pragma once

#include <gatehouse/result.hpp>

#include <cstdint>
#include <string>

namespace gatehouse::core {

/// A socket that listens on "127.0.0.1:8050", "[::1]:8050", "localhost:8050"; port 0
/// takes a free one.  The error says which address and why.
Result<int> listen_on(const std::string& address);

/// Makes an inherited socket as ours are, or says why it cannot serve.
Result<void> adopt_listening(int fd);

std::uint16_t port_of(int fd);

}  // namespace gatehouse::core
