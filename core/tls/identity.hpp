// SPDX-License-Identifier: Apache-2.0
// Whom the gateway says it is, a certificate and its key, and whom it believes: from files,
// for clients and for upstreams alike.  They block: when a configuration is read.
// [any thread]
#pragma once

#include "core/tls/openssl_types.hpp"

#include <gatehouse/result.hpp>

#include <string>
#include <vector>

namespace gatehouse::core {

/// Gives `context` the certificates of one file, the own one first, and the key of another.
/// Returns the certificates.  The error's `param` is "certificate" or "key", whichever is at fault.
Result<std::vector<CertificateOwner>> use_identity(SSL_CTX& snapshot, const std::string& certificate,
                                                   const std::string& key);

/// The certificates of authorities in `path`; the error names it.
Result<std::vector<CertificateOwner>> read_authorities(const std::string& path);

/// What an operator should know of a certificate's time, such as "has expired"; mostly nothing.
std::string remark_on(const X509& certificate);
/// When it ends, such as "2027-01-31T12:00:00Z".
std::string end_of(const X509& certificate);

}  // namespace gatehouse::core
