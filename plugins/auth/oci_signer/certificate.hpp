// SPDX-License-Identifier: Apache-2.0
// The X.509 certificates of an instance, with the values that the federation request
// contains.  Plain values and a pure function.  [any thread]
#pragma once

#include <gatehouse/result.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

struct Certificate {
    std::string der;          // in base64, one line: PEM without BEGIN and END
    std::string public_key;   // as PrivateKey::public_key()
    std::string fingerprint;  // SHA-1 of the DER, "AB:CD:…"
    std::string tenancy;  // from the subject's OU "opc-tenant:" or "opc-identity:"; empty if it has neither
    std::chrono::system_clock::time_point expiry;
};

/// Reads one to eight certificates in `pem`, in order.
Result<std::vector<Certificate>> read_certificates(std::string_view pem);

}  // namespace gatehouse::oci
