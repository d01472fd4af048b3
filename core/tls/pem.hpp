// SPDX-License-Identifier: Apache-2.0
// Certificates and keys in PEM files.  They block: when a configuration is read.
// [any thread]
#pragma once

#include "core/tls/openssl_types.hpp"

#include <gatehouse/result.hpp>

#include <string>
#include <vector>

namespace gatehouse::core {

/// All certificates of `path`, in their order; at least one.  The error is a phrase that
/// goes behind the file's name: "holds no certificate in PEM".
Result<std::vector<CertificateOwner>> read_certificates(const std::string& path);

/// The first private key of `path`.  The error as above.
Result<PrivateKeyOwner> read_private_key(const std::string& path);

}  // namespace gatehouse::core
