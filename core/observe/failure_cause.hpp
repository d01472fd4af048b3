// SPDX-License-Identifier: Apache-2.0
// The cause of a failed upstream request, in one word for metrics, the log and observers.  It names the
// faulty part: this gateway, the network or the upstream.  Plain functions.  [any thread]
#pragma once

#include "core/net/client/transfer_failure.hpp"

#include <gatehouse/result.hpp>

#include <cstddef>
#include <cstdint>

namespace gatehouse::core {

enum class FailureCause : std::uint8_t {
    none,             // no upstream request has failed, or the client's request was at fault
    not_sent,         // the request could not be built, signed or sent
    credentials,      // the upstream refuses the gateway's credentials
    proxy,            // the proxy of the gateway fails, or refuses the request
    dns,              // the name of the upstream has no address
    connect,          // the upstream accepts no connection
    tls,              // TLS with the upstream failed, such as its certificate
    connection_lost,  // the connection ended before the end of the response, or failed in another way
    timeout,
    rate_limited,
    insufficient_quota,  // a quota or a balance at the upstream is used up
    unavailable,         // the upstream says that it is overloaded
    server_error,        // another status of 500 or more
    bad_response,        // a response that cannot be used, such as a page of HTML
};
inline constexpr std::size_t failure_causes = static_cast<std::size_t>(FailureCause::bad_response) + 1;

/// The name of the value above; empty for none.
const char* cause_name(FailureCause cause);

/// `status`: of the upstream, 0 without a response.  `unsigned_request`: it could not be signed.
FailureCause cause_of(const Error& error, int status, TransferFault fault, bool unsigned_request);

}  // namespace gatehouse::core
