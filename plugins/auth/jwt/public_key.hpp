// SPDX-License-Identifier: Apache-2.0
// The algorithms that tokens may be signed with, and the keys that check them.
//
// There is no symmetric algorithm here and no `none`: a public key cannot be taken
// for a shared secret by a code path that does not exist.  Read-only once made: any
// thread, concurrently.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::jwt {

enum class Algorithm { rs256, ps256, es256, eddsa };

/// The algorithm that a token or a key calls `name`, in this very spelling.
std::optional<Algorithm> algorithm_named(std::string_view name);

class PublicKey {
public:
    /// From the big-endian numbers of a JWK (RFC 7518, 6); nothing if they make no key
    /// that should be trusted: RSA of 2048 to 8192 bits, a point on P-256, 32 bytes of Ed25519.
    static std::optional<PublicKey> rsa(std::string_view modulus, std::string_view exponent);
    static std::optional<PublicKey> p256(std::string_view x, std::string_view y);
    static std::optional<PublicKey> ed25519(std::string_view bytes);

    /// Whether tokens of `algorithm` may be checked with a key of this type.
    bool fits(Algorithm algorithm) const;

    /// Whether `signature`, as a JWS holds it, is one of `text`.  False for an
    /// algorithm that does not fit.
    bool verify(Algorithm algorithm, std::string_view text, std::string_view signature) const;

private:
    enum class Type { rsa, p256, ed25519 };
    PublicKey(Type type, EVP_PKEY* key) : type_(type), key_(key, EVP_PKEY_free) {}

    Type type_;
    std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace gatehouse::jwt
