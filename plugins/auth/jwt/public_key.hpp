// SPDX-License-Identifier: Apache-2.0
// The algorithms that tokens may be signed with, and the keys that check them.
//
// There is no code for symmetric algorithms or `none`, so that a public key can never be
// used as a shared secret.  Read-only once made: any thread, concurrently.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::jwt {

enum class Algorithm { rs256, ps256, es256, eddsa };

/// Returns the algorithm of exactly this name in a token or a key.
std::optional<Algorithm> algorithm_named(std::string_view name);

class PublicKey {
public:
    /// Makes a key from the big-endian numbers of a JWK (RFC 7518, 6).  Returns nothing unless
    /// it is RSA of 2048 to 8192 bits, a point on P-256, or 32 bytes of Ed25519.
    static std::optional<PublicKey> rsa(std::string_view modulus, std::string_view exponent);
    static std::optional<PublicKey> p256(std::string_view x, std::string_view y);
    static std::optional<PublicKey> ed25519(std::string_view bytes);

    /// Returns whether a key of this type may check tokens of `algorithm`.
    bool fits(Algorithm algorithm) const;

    /// Returns whether `signature`, in the form of a JWS, is a valid signature of `text`.
    /// Returns false if the algorithm does not fit the key.
    bool verify(Algorithm algorithm, std::string_view text, std::string_view signature) const;

private:
    enum class Type { rsa, p256, ed25519 };
    PublicKey(Type type, EVP_PKEY* key) : type_(type), key_(key, EVP_PKEY_free) {}

    Type type_;
    std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace gatehouse::jwt
