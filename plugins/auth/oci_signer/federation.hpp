// SPDX-License-Identifier: Apache-2.0
// The three exchanges that turn one proof of identity into a session token: of an
// instance by its certificate, of a session by its token.  Each is signed anew for
// each attempt.  [a helper thread; completes on one]
#pragma once

#include "plugins/auth/oci_signer/certificate.hpp"
#include "plugins/auth/oci_signer/private_key.hpp"
#include "plugins/provider/oci/region/region_metadata.hpp"

#include <gatehouse/host.hpp>

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::oci {

/// How an instance shows who it is.
struct InstanceIdentity {
    std::string tenancy = {};
    Certificate leaf = {};
    std::shared_ptr<const PrivateKey> leaf_key = {};
    std::vector<Certificate> intermediates = {};
};

/// POST /v1/x509: a token, without ST$, for `session_key`.
void federate(Host& host, const std::string& auth_endpoint, const InstanceIdentity& identity,
              const PrivateKey& session_key, Completion<std::string> done);

/// POST /v1/authentication/refresh: the token that follows `token`.  A status of 4xx
/// means that there will be none: ErrorKind::upstream; everything else may pass.
void refresh(Host& host, const std::string& auth_endpoint, const std::string& token,
             std::shared_ptr<const PrivateKey> key, Completion<std::string> done);

/// "https://auth.us-chicago-1.oraclecloud.com" for a region by id or short code.
std::string auth_endpoint_of(std::string_view region, const RegionEnvironment& regions);

}  // namespace gatehouse::oci
