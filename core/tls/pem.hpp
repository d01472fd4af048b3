// SPDX-License-Identifier: Apache-2.0
// Reads certificates and keys from PEM files.  These functions block; they are called when a
// configuration is read.
// [any thread]
#pragma once

#include "core/tls/openssl_types.hpp"

#include <gatehouse/result.hpp>

#include <string>
#include <vector>

namespace gatehouse::core {

/// Returns all certificates of `path` in their order, at least one.  The error is a phrase that
/// follows the file's name: "contains no PEM certificate".
Result<std::vector<CertificateOwner>> read_certificates(const std::string& path);

/// Returns the first private key of `path`.  The error is as above.
Result<PrivateKeyOwner> read_private_key(const std::string& path);

}  // namespace gatehouse::core
