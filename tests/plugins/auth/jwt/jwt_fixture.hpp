// SPDX-License-Identifier: Apache-2.0
// An issuer for tests that makes valid and invalid keys and tokens, and the plugin's entry
// point that receives them.
#pragma once

#include "tests/plugins/auth/scripted_host.hpp"

#include <doctest/doctest.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>
#include <string_view>

extern "C" const gatehouse::Descriptor gatehouse_plugin;

inline std::string base64url(std::string_view bytes) {
    std::string out(bytes.size() * 4 / 3 + 5, '\0');
    out.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                                        reinterpret_cast<const unsigned char*>(bytes.data()),
                                                        static_cast<int>(bytes.size()))));
    while (out.ends_with('=')) out.pop_back();
    for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return out;
}

/// A private key, its JWK, and tokens signed with it.
class Issuer {
public:
    Issuer(std::string algorithm, std::string kid)
        : algorithm_(std::move(algorithm)), kid_(std::move(kid)), key_(make(algorithm_), EVP_PKEY_free) {
        REQUIRE(key_);
    }

    /// `extra` is added to the JWK, such as ,"use":"sig".
    std::string jwk(const std::string& extra = "") const {
        std::string text = "{\"kid\":\"" + kid_ + "\"";
        if (is_rsa())
            text += R"(,"kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
                    number(OSSL_PKEY_PARAM_RSA_E) + "\"";
        else if (algorithm_ == "ES256")
            text += R"(,"kty":"EC","crv":"P-256","x":")" + number(OSSL_PKEY_PARAM_EC_PUB_X, 32) +
                    R"(","y":")" + number(OSSL_PKEY_PARAM_EC_PUB_Y, 32) + "\"";
        else
            text += R"(,"kty":"OKP","crv":"Ed25519","x":")" + base64url(raw_public()) + "\"";
        return text + extra + "}";
    }
    std::string set(const std::string& extra = "") const { return R"({"keys":[)" + jwk(extra) + "]}"; }

    std::string raw_public() const {
        std::string bytes(32, '\0');
        std::size_t size = bytes.size();
        REQUIRE(EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                            &size) == 1);
        return bytes;
    }

    std::string header() const { return R"({"alg":")" + algorithm_ + R"(","kid":")" + kid_ + R"("})"; }
    std::string token(const std::string& claims) const { return token(header(), claims); }
    std::string token(const std::string& header, const std::string& claims) const {
        const std::string text = base64url(header) + "." + base64url(claims);
        return text + "." + base64url(sign(text));
    }

    std::string sign(const std::string& text) const {
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(),
                                                                             EVP_MD_CTX_free);
        EVP_PKEY_CTX* context = nullptr;
        const EVP_MD* hash = algorithm_ == "EdDSA" ? nullptr : EVP_sha256();
        REQUIRE(EVP_DigestSignInit(digest.get(), &context, hash, nullptr, key_.get()) == 1);
        if (algorithm_ == "PS256") {
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING);
            EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST);
        }
        unsigned char out[1024];
        std::size_t size = sizeof out;
        REQUIRE(EVP_DigestSign(digest.get(), out, &size, reinterpret_cast<const unsigned char*>(text.data()),
                               text.size()) == 1);
        if (algorithm_ != "ES256") return {reinterpret_cast<char*>(out), size};
        const unsigned char* at = out;
        ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size));
        unsigned char halves[64];
        BN_bn2binpad(ECDSA_SIG_get0_r(pair), halves, 32);
        BN_bn2binpad(ECDSA_SIG_get0_s(pair), halves + 32, 32);
        ECDSA_SIG_free(pair);
        return {reinterpret_cast<char*>(halves), sizeof halves};
    }

private:
    static EVP_PKEY* make(const std::string& algorithm) {
        if (algorithm == "ES256") return EVP_EC_gen("P-256");
        if (algorithm == "EdDSA") return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
        return EVP_RSA_gen(2048);
    }
    bool is_rsa() const { return algorithm_ == "RS256" || algorithm_ == "PS256"; }
    std::string number(const char* name, int size = 0) const {
        BIGNUM* value = nullptr;
        REQUIRE(EVP_PKEY_get_bn_param(key_.get(), name, &value) == 1);
        unsigned char out[1024];
        const int length = size ? BN_bn2binpad(value, out, size) : BN_bn2bin(value, out);
        BN_free(value);
        return base64url({reinterpret_cast<char*>(out), static_cast<std::size_t>(length)});
    }

    std::string algorithm_, kid_;
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

inline constexpr std::int64_t test_time = 1'800'000'000;
inline const std::string good_claims =
    R"({"iss":"https://issuer.test","aud":"gatehouse","sub":"alice","exp":1800000300})";

inline gatehouse::http::RequestHead showing(const std::string& token) {
    return {.headers = {{"authorization", "Bearer " + token}}};
}

/// A host at `test_time`, and instances that fetch their keys from a URL.
struct JwtFixture {
    ScriptedHost host;
    JwtFixture() { host.time = std::chrono::system_clock::time_point(std::chrono::seconds(test_time)); }

    static gatehouse::Table table(std::vector<gatehouse::Entry> more = {}) {
        using Texts = std::vector<std::string>;
        gatehouse::Table table = gatehouse::testing::strings({{"jwks_url", "https://issuer.test/keys"}});
        table.entries.push_back({"issuer", gatehouse::Value{Texts{"https://issuer.test"}}});
        table.entries.push_back({"audience", gatehouse::Value{Texts{"gatehouse"}}});
        for (gatehouse::Entry& entry : more) {
            std::erase_if(table.entries, [&](const auto& old) { return old.name == entry.name; });
            table.entries.push_back(std::move(entry));
        }
        return table;
    }
    std::unique_ptr<gatehouse::Authenticator> authenticator(gatehouse::Table config = table()) {
        auto made =
            gatehouse::testing::create<gatehouse::Authenticator>(gatehouse_plugin, std::move(config), host);
        if (!made) FAIL(made.error().message);
        return *std::move(made);
    }
    /// An instance that receives these keys at once.
    std::unique_ptr<gatehouse::Authenticator> authenticator_with(const std::string& keys,
                                                                 gatehouse::Table config = table()) {
        host.answer = [keys](const gatehouse::http::Request&) { return response(200, keys); };
        return authenticator(std::move(config));
    }
    std::string error(gatehouse::Table config) {
        auto made =
            gatehouse::testing::create<gatehouse::Authenticator>(gatehouse_plugin, std::move(config), host);
        REQUIRE(!made);
        CHECK(made.error().kind == gatehouse::ErrorKind::bad_config);
        return made.error().message;
    }
};

/// The accepted client and its models, "alice" or "alice: a, b*"; or the reason for the
/// rejection, "no: it has expired".
inline std::string shown(const gatehouse::Result<gatehouse::Identity>& answer) {
    if (!answer) {
        const gatehouse::Error& error = answer.error();
        constexpr std::string_view before = "the token was rejected: ";
        if (error.kind != gatehouse::ErrorKind::unauthenticated)
            return std::to_string(status_of(error)) + ": " + error.message;
        CHECK(error.message == "the token is missing or not valid");
        CHECK(error.detail.starts_with(before));
        return "no: " + error.detail.substr(before.size());
    }
    std::string text = answer->name;
    for (const std::string& model : answer->models) text += (text == answer->name ? ": " : ", ") + model;
    return text;
}

inline std::string who(gatehouse::Authenticator& authenticator, const gatehouse::http::RequestHead& head) {
    std::optional<gatehouse::Result<gatehouse::Identity>> out;
    authenticator.authenticate(head, gatehouse::testing::into(out));
    REQUIRE(out);
    return shown(*out);
}
inline std::string who(gatehouse::Authenticator& authenticator, const std::string& token) {
    return who(authenticator, showing(token));
}
