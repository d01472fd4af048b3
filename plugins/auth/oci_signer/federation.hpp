// SPDX-License-Identifier: Apache-2.0
// The requests that exchange a proof of identity for a session token: an instance sends its
// certificate, a session sends its token.  Each attempt has a new signature.
// [a helper thread; completes on one]
#pragma once

#include "plugins/auth/oci_signer/certificate.hpp"
#include "plugins/auth/oci_signer/private_key.hpp"
#include "plugins/provider/oci/region/region_metadata.hpp"

#include <gatehouse/host.hpp>

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::oci {

/// An instance's proof of identity.
struct InstanceIdentity {
    std::string tenancy = {};
    Certificate leaf = {};
    std::shared_ptr<const PrivateKey> leaf_key = {};
    std::vector<Certificate> intermediates = {};
};

/// POST /v1/x509: requests a token, without ST$, for `session_key`.
void federate(Host& host, const std::string& auth_endpoint, const InstanceIdentity& identity,
              const PrivateKey& session_key, Completion<std::string> done);

/// POST /v1/authentication/refresh: requests the successor of `token`.  The error's kind is
/// ErrorKind::upstream after a status of 4xx, which is final.  Other errors are temporary.
void refresh(Host& host, const std::string& auth_endpoint, const std::string& token,
             std::shared_ptr<const PrivateKey> key, Completion<std::string> done);

/// Returns "https://auth.us-chicago-1.oraclecloud.com" for a region, by id or short code.
std::string auth_endpoint_of(std::string_view region, const RegionEnvironment& regions);

}  // namespace gatehouse::oci
