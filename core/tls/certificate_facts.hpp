// SPDX-License-Identifier: Apache-2.0
// The facts about a certificate that OpenSSL does not accept: its names, its end, its issuer.  The error
// texts of OpenSSL lack them, and the certificate is gone when the handshake has failed.  [any thread]
#pragma once

#include <openssl/ssl.h>

#include <string>
#include <vector>

namespace gatehouse::core {

/// The callback of SSL_CTX_set_verify().  Keeps the facts with the session, and changes no decision.
int note_rejected_certificate(int accepted, X509_STORE_CTX* verification);

/// " (issued by CN=Example CA)", or the other facts that concern the error; empty if there is no such error.
std::string rejected_certificate(const SSL& session);

/// The subject alternative names, "DNS:example.com".  Only those of visible ASCII.
std::vector<std::string> names_of(const X509& certificate);
/// In the notation of RFC 2253.
std::string text_of(const X509_NAME& name);

}  // namespace gatehouse::core
