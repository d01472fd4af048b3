// SPDX-License-Identifier: Apache-2.0
// OpenSSL's EVP does all arithmetic.  A JWT library would add its own rules for matching
// keys and algorithms, which are a common source of vulnerabilities.
#include "plugins/auth/jwt/public_key.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <array>
#include <utility>

namespace gatehouse::jwt {

namespace {

constexpr std::pair<std::string_view, Algorithm> names[] = {{"RS256", Algorithm::rs256},
                                                            {"PS256", Algorithm::ps256},
                                                            {"ES256", Algorithm::es256},
                                                            {"EdDSA", Algorithm::eddsa}};
constexpr std::size_t coordinate_bytes = 32;

template <auto free>
struct Free {
    template <typename T>
    void operator()(T* object) const {
        free(object);
    }
};
using Context = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Number number(std::string_view big_endian) {
    return Number(BN_bin2bn(bytes(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

/// A failed call leaves errors in the thread's queue, where other code would find them.
struct ClearErrors {
    ~ClearErrors() { ERR_clear_error(); }
};

EVP_PKEY* key_from(const char* type, OSSL_PARAM_BLD* builder) {
    const Params params(OSSL_PARAM_BLD_to_param(builder));
    const Context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
        return nullptr;
    return key;
}

/// Converts the two halves of a JWS signature (RFC 7518, 3.4) to the DER that OpenSSL expects.
std::string der_of(std::string_view halves) {
    if (halves.size() != 2 * coordinate_bytes) return {};
    Number r = number(halves.substr(0, coordinate_bytes)), s = number(halves.substr(coordinate_bytes));
    const Signature signature(ECDSA_SIG_new());
    if (!r || !s || !signature || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
    (void)r.release();
    (void)s.release();
    std::array<unsigned char, 80> buffer;
    unsigned char* end = buffer.data();
    const int size = i2d_ECDSA_SIG(signature.get(), nullptr);
    if (size <= 0 || static_cast<std::size_t>(size) > buffer.size()) return {};
    i2d_ECDSA_SIG(signature.get(), &end);
    return {reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(size)};
}

bool set_pss(EVP_PKEY_CTX* context) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1;
}

}  // namespace

std::optional<Algorithm> algorithm_named(std::string_view name) {
    for (const auto& [known, algorithm] : names)
        if (known == name) return algorithm;
    return std::nullopt;
}

std::optional<PublicKey> PublicKey::rsa(std::string_view modulus, std::string_view exponent) {
    const ClearErrors clear;
    if (modulus.size() > 1025 || exponent.size() > 8) return std::nullopt;
    const Number n = number(modulus), e = number(exponent);
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!n || !e || !builder) return std::nullopt;
    const int bits = BN_num_bits(n.get());
    // Smaller keys can be forged (RFC 7518, 3.3); larger keys make every check too slow.
    if (bits < 2048 || bits > 8192 || !BN_is_odd(n.get())) return std::nullopt;
    if (!BN_is_odd(e.get()) || BN_is_one(e.get())) return std::nullopt;
    if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return std::nullopt;
    EVP_PKEY* key = key_from("RSA", builder.get());
    return key ? std::optional(PublicKey(Type::rsa, key)) : std::nullopt;
}

std::optional<PublicKey> PublicKey::p256(std::string_view x, std::string_view y) {
    const ClearErrors clear;
    if (x.size() != coordinate_bytes || y.size() != coordinate_bytes) return std::nullopt;
    std::string point = "\x04";
    point.append(x).append(y);
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1)
        return std::nullopt;
    EVP_PKEY* key = key_from("EC", builder.get());
    if (!key) return std::nullopt;
    PublicKey made(Type::p256, key);
    const Context context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    if (!context || EVP_PKEY_public_check(context.get()) != 1) return std::nullopt;
    return made;
}

std::optional<PublicKey> PublicKey::ed25519(std::string_view text) {
    const ClearErrors clear;
    if (text.size() != 32) return std::nullopt;
    EVP_PKEY* key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(text), text.size());
    return key ? std::optional(PublicKey(Type::ed25519, key)) : std::nullopt;
}

bool PublicKey::fits(Algorithm algorithm) const {
    switch (algorithm) {
        case Algorithm::rs256:
        case Algorithm::ps256: return type_ == Type::rsa;
        case Algorithm::es256: return type_ == Type::p256;
        case Algorithm::eddsa: return type_ == Type::ed25519;
    }
    return false;
}

bool PublicKey::verify(Algorithm algorithm, std::string_view text, std::string_view signature) const {
    if (!fits(algorithm)) return false;
    const ClearErrors clear;
    std::string der;
    if (algorithm == Algorithm::es256) {
        der = der_of(signature);
        signature = der;
    }
    if (signature.empty()) return false;
    const Digest digest(EVP_MD_CTX_new());
    EVP_PKEY_CTX* context = nullptr;  // owned by `digest`
    const EVP_MD* hash = algorithm == Algorithm::eddsa ? nullptr : EVP_sha256();
    if (!digest || EVP_DigestVerifyInit(digest.get(), &context, hash, nullptr, key_.get()) != 1) return false;
    if (algorithm == Algorithm::ps256 && !set_pss(context)) return false;
    return EVP_DigestVerify(digest.get(), bytes(signature), signature.size(), bytes(text), text.size()) == 1;
}

}  // namespace gatehouse::jwt
