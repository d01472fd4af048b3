// SPDX-License-Identifier: Apache-2.0
// The X.509 certificates of an instance: what the federation request says of
// them.  Plain values and a pure function.  [any thread]
#pragma once

#include <gatehouse/result.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

struct Certificate {
    std::string der;          // in base64, one line: PEM without its armour
    std::string public_key;   // as PrivateKey::public_key()
    std::string fingerprint;  // SHA-1 of the DER, "AB:CD:…"
    std::string tenancy;      // of the subject's OU "opc-tenant:" or "opc-identity:"; empty: it has none
    std::chrono::system_clock::time_point expiry;
};

/// All certificates in `pem`, in order, at least one and at most eight.
Result<std::vector<Certificate>> read_certificates(std::string_view pem);

}  // namespace gatehouse::oci
