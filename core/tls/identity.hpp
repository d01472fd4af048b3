// SPDX-License-Identifier: Apache-2.0
// Loads the gateway's certificate and key, and the certificates of authorities, from files,
// for clients and for upstreams.  These functions block; they are called when a
// configuration is read.  [any thread]
#pragma once

#include "core/tls/openssl_types.hpp"

#include <gatehouse/result.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::core {

/// Returns the error of a wrong value of the configuration key `key`.
inline Error tls_key_error(std::string key, std::string message) {
    return {.kind = ErrorKind::bad_config, .message = std::move(message), .param = std::move(key)};
}

/// Puts the certificates of one file, the leaf first, and the key of another into the context.
/// Returns the certificates.  The error's `param` is "certificate" or "key", depending on the file at fault.
Result<std::vector<CertificateOwner>> use_identity(SSL_CTX& context, const std::string& certificate,
                                                   const std::string& key);

/// Returns the certificates of authorities in `path`.  The error names the path.
Result<std::vector<CertificateOwner>> read_authorities(const std::string& path);

struct Validity {
    std::string remark = {};       // a warning, such as "has expired", or ""
    std::string end = {};          // such as "2027-01-31T12:00:00Z"
    std::int64_t end_seconds = 0;  // the same in seconds since 1970
};
Validity validity_of(const X509& certificate);

}  // namespace gatehouse::core
