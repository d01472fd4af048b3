// SPDX-License-Identifier: Apache-2.0
// The reasons for which TLS with an upstream fails, from the numbers of OpenSSL.  [any thread]
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::core {

enum class TlsFault : std::uint8_t {
    none,
    // The certificate of the upstream.
    wrong_key,  // none of the pins
    unknown_authority,
    expired,
    not_yet_valid,
    other_name,
    other_address,
    distrusted,  // for another reason
    // The certificate of the gateway.
    wants_certificate,
    rejects_certificate,
    unknown_client_authority,
    client_certificate_expired,
    // The protocol.
    no_common_version,
    old_version,
    handshake_failure,
    no_tls,  // the upstream sent no TLS record
    other,   // such as a connection that was closed
};

/// `result` is that of SSL_get_verify_result() or CURLINFO_SSL_VERIFYRESULT: an X509_V_ERR number.
TlsFault fault_of_verification(long result);

/// `error` is a packed error of OpenSSL, as ERR_peek_last_error() returns it; 0: `other`.
TlsFault fault_of_openssl_error(unsigned long error);

/// The advice for an operator: a lower-case clause; "" if nothing can be advised.
std::string_view advice_on(TlsFault fault);

/// Whether the cause stays until an operator changes something.  `handshake_failure` does not: a load
/// balancer also sends that alert while it has no server.
bool is_permanent(TlsFault fault);

}  // namespace gatehouse::core
