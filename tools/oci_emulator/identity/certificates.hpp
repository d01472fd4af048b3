// SPDX-License-Identifier: Apache-2.0
// Certificates made at run time: a CA, and the certificates that it issues.  For
// the emulated instance principal, and for TLS.  Values; Authority is used by one
// thread at a time.
#pragma once

#include "tools/oci_emulator/keys.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::emulator {

using CertificatePointer = std::shared_ptr<X509>;

struct Credential {
    KeyPointer key;
    CertificatePointer certificate;
};

/// Contents of a certificate.
struct Subject {
    std::string common_name = {};
    std::vector<std::string> units = {};  // each an OU
    std::vector<std::string> names = {};  // subjectAltName, such as "DNS:localhost"
    bool authority = false;
};

/// Creates a key and its certificate, signed by `issuer`, or self-signed if that
/// is null.
Credential make_credential(const Subject& subject, const Credential* issuer, std::chrono::seconds lifetime);

std::string to_pem(const CertificatePointer& certificate);
/// Reads the base64 of the DER, as in a PEM file.
CertificatePointer read_certificate(std::string_view der);
KeyPointer key_of(const CertificatePointer& certificate);
/// Every OU of the subject.
std::vector<std::string> units_of(const CertificatePointer& certificate);
/// SHA-1 or SHA-256 of the DER, as lower-case hex pairs with colons.
std::string fingerprint_of(const CertificatePointer& certificate, bool sha256);
/// Whether `root` issued `between`, `between` issued `leaf`, and all are valid
/// now.
bool descends(const CertificatePointer& leaf, const std::vector<CertificatePointer>& between,
              const CertificatePointer& root);

}  // namespace gatehouse::emulator
