// SPDX-License-Identifier: Apache-2.0
// JWTs with RS256, and JSON web keys.
#include "tools/oci_emulator/identity/tokens.hpp"

#include "tools/oci_emulator/encoding.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <charconv>

namespace gatehouse::emulator {

namespace {

constexpr std::string_view prefix_of_id = "token-";

Error refused(std::string why) { return {ErrorKind::unauthenticated, std::move(why)}; }

using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

std::string parameter(const KeyPointer& key, const char* name) {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key.get(), name, &value);
    const Number owned(value, BN_free);
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
    BN_bn2bin(value, reinterpret_cast<unsigned char*>(bytes.data()));
    return to_base64url(bytes);
}

Json jwk_of(const KeyPointer& key) {
    return {{"kid", "asw"},
            {"n", parameter(key, OSSL_PKEY_PARAM_RSA_N)},
            {"e", parameter(key, OSSL_PKEY_PARAM_RSA_E)},
            {"kty", "RSA"},
            {"alg", "RS256"},
            {"use", "sig"}};
}

KeyPointer key_of(const Json& jwk) {
    const auto modulus = from_base64url(string_member(jwk, "n")),
               exponent = from_base64url(string_member(jwk, "e"));
    if (!modulus || !exponent) return nullptr;
    const auto number = [](const std::string& bytes) {
        return Number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                                static_cast<int>(bytes.size()), nullptr),
                      BN_free);
    };
    const Number n = number(*modulus), e = number(*exponent);
    const std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> builder(OSSL_PARAM_BLD_new(),
                                                                                  OSSL_PARAM_BLD_free);
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(
        OSSL_PARAM_BLD_to_param(builder.get()), OSSL_PARAM_free);
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr), EVP_PKEY_CTX_free);
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return nullptr;
    return KeyPointer(key, EVP_PKEY_free);
}

std::int64_t seconds_of(TokenOffice::Time time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

// The claims of `token`, unverified, or null.
Json claims_of(std::string_view token) {
    const std::size_t first = token.find('.'), last = token.rfind('.');
    if (first == std::string_view::npos || first == last) return nullptr;
    const auto payload = from_base64url(token.substr(first + 1, last - first - 1));
    return payload ? parse_json(*payload).value_or(nullptr) : Json();
}

std::int64_t serial_of(const Json& claims) {
    std::string_view id = string_member(claims, "jti");
    std::int64_t serial = -1;
    if (id.starts_with(prefix_of_id)) {
        id.remove_prefix(prefix_of_id.size());
        std::from_chars(id.data(), id.data() + id.size(), serial);
    }
    return serial;
}

}  // namespace

const KeyPointer& TokenOffice::key() {
    std::call_once(made_, [this] { key_ = new_rsa_key(); });
    return key_;
}

std::string TokenOffice::issue(Json claims, const KeyPointer& holder, std::chrono::seconds lifetime,
                               Time now) {
    claims["iat"] = seconds_of(now);
    claims["exp"] = seconds_of(now + lifetime);
    claims["jti"] = std::string(prefix_of_id) + std::to_string(next_++);
    claims["jwk"] = to_text(jwk_of(holder));
    const std::string text =
        to_base64url(R"({"kid":"emulator","alg":"RS256"})") + "." + to_base64url(to_text(claims));
    return text + "." + to_base64url(sign_text(key(), text));
}

Result<TokenOffice::Token> TokenOffice::check(std::string_view token, Time now) {
    const std::size_t last = token.rfind('.');
    Json claims = claims_of(token);
    if (!claims.is_object()) return refused("the token is not a JWT");
    const auto signature = from_base64url(token.substr(last + 1));
    if (!signature || !verifies(key(), token.substr(0, last), *signature))
        return refused("the token was not issued here");
    if (serial_of(claims) < first_good_) return refused("the token was revoked");
    if (claims.at("exp").get<std::int64_t>() <= seconds_of(now)) return refused("the token has expired");
    KeyPointer key = key_of(parse_json(string_member(claims, "jwk")).value_or(nullptr));
    if (!key) return refused("the token has no key");
    return Token{std::move(key), std::move(claims)};
}

std::string name_of_token(std::string_view token) {
    const Json claims = claims_of(token);
    return std::string(string_member(claims, "jti"));
}

}  // namespace gatehouse::emulator
