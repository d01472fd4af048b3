// SPDX-License-Identifier: Apache-2.0
// The identity in a client's certificate.  [any thread]
#pragma once

#include <openssl/ssl.h>

#include <string>
#include <vector>

namespace gatehouse::core {

/// In the form of http::RequestHead.  Both are empty if the client sent no certificate.
struct ShownCertificate {
    std::string subject = {};
    std::vector<std::string> names = {};
};

/// REQUIRES: the handshake of `session` is complete.
ShownCertificate shown_certificate(const SSL& session);

}  // namespace gatehouse::core
