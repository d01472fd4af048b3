// SPDX-License-Identifier: Apache-2.0
// Who a client's certificate says that it is.  [any thread]
#pragma once

#include <openssl/ssl.h>

#include <string>
#include <vector>

namespace gatehouse::core {

/// As http::RequestHead has them.  Both empty: no certificate was shown.
struct ShownCertificate {
    std::string subject = {};
    std::vector<std::string> names = {};
};

/// REQUIRES: the handshake of `session` is over.
ShownCertificate shown_certificate(const SSL& session);

}  // namespace gatehouse::core
