// SPDX-License-Identifier: Apache-2.0
// The failure of a transfer: the error for the client and the log, and the cause for the gateway's
// decisions and for an operator's advice.  A plain value.  [any thread]
#pragma once

#include <gatehouse/result.hpp>

#include <cstdint>

namespace gatehouse::core {

enum class TransferFault : std::uint8_t {
    none,
    refused,        // the gateway cannot send the request: its URL, a file of TLS, a missing library
    no_address,     // the name of the upstream has no address
    no_connection,  // the upstream accepts no connection
    proxy,          // the proxy cannot be reached, or refuses the request
    tls,            // TLS with the upstream failed
    closed_before,  // the connection ended before the response
    closed_within,  // the connection ended within the response
    invalid,        // the response is not HTTP
    slow,           // a timeout after the connection was made
    other,
};

struct TransferFailure {
    Error error;
    TransferFault fault = TransferFault::other;
    /// The same request fails again until a configuration changes, here or at the upstream, such as a
    /// certificate, a host name or the scheme of the URL.
    bool permanent = false;
    /// `error` says what an operator can do.
    bool explained = false;
};

}  // namespace gatehouse::core
