// SPDX-License-Identifier: Apache-2.0
// The public keys that the emulated service knows, by the keyId of a signature.
// Filled at start by main; read-only afterwards: [any thread].
#pragma once

#include <gatehouse/result.hpp>

#include <openssl/types.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::emulator {

using KeyPointer = std::shared_ptr<EVP_PKEY>;

/// The RSA key in `pem`, which may be a public or an unencrypted private one.
Result<KeyPointer> read_key(const std::string& pem);

/// MD5 of the DER SubjectPublicKeyInfo, as sixteen hex pairs with colons.
std::string fingerprint_of(const KeyPointer& key);

class KeyStore {
public:
    /// Known for every keyId `<tenancy>/<user>/<fingerprint>` with its own fingerprint.
    void add(KeyPointer key);
    /// Known for exactly this keyId, whatever its fingerprint.
    void add(std::string key_id, KeyPointer key);

    /// The key that must have signed, or null.
    KeyPointer find(std::string_view key_id) const;
    bool empty() const { return by_fingerprint_.empty() && by_key_id_.empty(); }

private:
    std::map<std::string, KeyPointer, std::less<>> by_fingerprint_, by_key_id_;
};

}  // namespace gatehouse::emulator
