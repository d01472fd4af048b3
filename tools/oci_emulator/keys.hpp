// SPDX-License-Identifier: Apache-2.0
// The public keys that the emulated service knows, by the keyId of a signature.
// Filled at start by main; read-only afterwards: [any thread].
#pragma once

#include <gatehouse/result.hpp>

#include <openssl/types.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace gatehouse::emulator {

using KeyPointer = std::shared_ptr<EVP_PKEY>;

/// The RSA key in `pem`, which may be a public or an unencrypted private one.
Result<KeyPointer> read_key(const std::string& pem);

/// MD5 of the DER SubjectPublicKeyInfo, as sixteen hex pairs with colons.
std::string fingerprint_of(const KeyPointer& key);

/// The RSA key in a DER SubjectPublicKeyInfo.
Result<KeyPointer> read_public_der(std::string_view der);
std::string public_der(const KeyPointer& key);
/// PEM as OpenSSL's older tools write it (PKCS#1).
std::string private_pem(const KeyPointer& key);
KeyPointer new_rsa_key();

/// RSASSA-PKCS1-v1_5 with SHA-256.
std::string sign_text(const KeyPointer& key, std::string_view text);
bool verifies(const KeyPointer& key, std::string_view text, std::string_view signature);

class KeyStore {
public:
    /// Known for every keyId `<tenancy>/<user>/<fingerprint>` with its own fingerprint.
    void add(KeyPointer key);
    /// Known for exactly this keyId, with any fingerprint.
    void add(std::string key_id, KeyPointer key);

    /// Accepts only keyIds of these tenancies.  An empty set accepts all.
    void limit_to(std::string tenancy) { tenancies_.insert(std::move(tenancy)); }

    /// Returns the key of a keyId, or null.
    KeyPointer find(std::string_view key_id) const;
    bool empty() const { return by_fingerprint_.empty() && by_key_id_.empty(); }

private:
    std::map<std::string, KeyPointer, std::less<>> by_fingerprint_, by_key_id_;
    std::set<std::string, std::less<>> tenancies_;
};

}  // namespace gatehouse::emulator
