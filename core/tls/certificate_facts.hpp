// SPDX-License-Identifier: Apache-2.0
// Details of a certificate that OpenSSL rejects: its names, its validity or its issuer.  OpenSSL's error
// texts lack them, and the certificate is not available after a failed handshake.  [any thread]
#pragma once

#include <openssl/ssl.h>

#include <string>
#include <vector>

namespace gatehouse::core {

/// The callback of SSL_CTX_set_verify().  Keeps the facts with the session, and changes no decision.
int note_rejected_certificate(int accepted, X509_STORE_CTX* verification);

/// " (issued by CN=Example CA)", or the other facts that concern the error; empty if there is no such error.
std::string rejected_certificate(const SSL& session);

/// The subject alternative names, "DNS:example.com".  Names with other characters than visible
/// ASCII are left out.
std::vector<std::string> names_of(const X509& certificate);
/// "2026-11-15T08:30:00Z"; empty if the time is malformed.
std::string text_of(const ASN1_TIME& time);
/// In the notation of RFC 2253.
std::string text_of(const X509_NAME& name);

}  // namespace gatehouse::core
