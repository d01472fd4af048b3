// SPDX-License-Identifier: Apache-2.0
// For the tests of the principals: an environment, a folder, a host, tokens, certificates,
// and a check of signatures.
#pragma once

#include <gatehouse/base64.hpp>
#include "plugins/auth/oci_signer/certificate.hpp"
#include "plugins/auth/oci_signer/credential_cache.hpp"
#include "plugins/auth/oci_signer/principal.hpp"
#include "plugins/auth/oci_signer/signature.hpp"
#include "plugins/common/host/detachable_host.hpp"
#include "tests/plugins/auth/oci_signer/oci_keys.hpp"
#include "tests/plugins/auth/scripted_host.hpp"

#include <openssl/x509.h>

#include <map>

namespace principals {

using gatehouse::test::Json;

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace std::chrono_literals;

const Time noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 12h;
const std::string tenancy = "ocid1.tenancy.oc1..aaaaaaaaexampletenancy";

inline std::string base64url(const std::string& text) {
    std::string out = to_base64(text);
    while (out.ends_with('=')) out.pop_back();
    for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return out;
}

/// A JWT with these claims.
inline std::string jwt(const Json& claims) {
    return base64url(R"({"alg":"RS256"})") + "." + base64url(claims.dump()) + ".c2ln";
}
inline std::int64_t seconds(Time time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}
inline std::string token(Time expiry, const std::string& mark = "") {
    return jwt({{"exp", seconds(expiry)}, {"sub", "?>?>" + mark}});
}
inline std::string token_answer(const std::string& token) { return Json::object({{"token", token}}).dump(); }

inline std::string pem_of(EVP_PKEY* key) { return oci_keys::pkcs8(key); }

/// The tests share a few keys, because making a key is slow.
inline EVP_PKEY* test_key(int number) {
    static std::map<int, oci_keys::KeyPointer> keys;
    auto found = keys.find(number);
    if (found == keys.end())
        found = keys.emplace(number, oci_keys::KeyPointer(EVP_RSA_gen(2048), &EVP_PKEY_free)).first;
    return found->second.get();
}

/// A certificate of `key` with these organizational units in its subject.
inline std::string certificate(EVP_PKEY* key, const std::vector<std::string>& units,
                               const char* not_after = "20991231235959Z") {
    X509* made = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    ASN1_TIME_set_string(X509_getm_notBefore(made), "20260101000000Z");
    ASN1_TIME_set_string(X509_getm_notAfter(made), not_after);
    X509_set_pubkey(made, key);
    X509_NAME* name = X509_get_subject_name(made);
    auto add = [&](const char* field, const std::string& value) {
        X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(value.data()),
                                   static_cast<int>(value.size()), -1, 0);
    };
    add("CN", "ocid1.instance.oc1..example");
    for (const std::string& unit : units) add("OU", unit);
    X509_set_issuer_name(made, name);
    X509_sign(made, key, EVP_sha256());
    oci_keys::Bio out;
    PEM_write_bio_X509(out.bio, made);
    X509_free(made);
    return out.text();
}

/// The value of `name` in the Authorization of a signed request.
inline std::string parameter(const http::Request& request, const std::string& name) {
    const std::string field(request.headers.get("authorization"));
    const std::size_t at = field.find(name + "=\"");
    if (at == std::string::npos) return "(none)";
    const std::size_t start = at + name.size() + 2;
    return field.substr(start, field.find('"', start) - start);
}

/// Returns whether `public_key` (DER in base64) verifies the request's signature.
inline bool is_signed_by(const http::Request& request, const std::string& public_key) {
    std::string der(public_key.size(), '\0');
    der.resize(static_cast<std::size_t>(EVP_DecodeBlock(
        reinterpret_cast<unsigned char*>(der.data()),
        reinterpret_cast<const unsigned char*>(public_key.data()), static_cast<int>(public_key.size()))));
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    const oci_keys::KeyPointer key(d2i_PUBKEY(nullptr, &bytes, static_cast<long>(der.size())),
                                   &EVP_PKEY_free);
    REQUIRE(key);
    const std::string given = parameter(request, "signature");
    std::string signature(given.size(), '\0');
    signature.resize(static_cast<std::size_t>(EVP_DecodeBlock(
        reinterpret_cast<unsigned char*>(signature.data()),
        reinterpret_cast<const unsigned char*>(given.data()), static_cast<int>(given.size()))));
    signature.resize(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())));
    SignedHeaders names;
    const std::string list = parameter(request, "headers");
    for (std::size_t at = 0; at < list.size();) {
        const std::size_t end = std::min(list.find(' ', at), list.size());
        names.push_back(std::string_view(list).substr(at, end - at));
        at = end + 1;
    }
    const std::string text = signing_string(request, target_of(request.url)->path, names);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    const bool good =
        EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
        EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                         reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

struct Fixture {
    oci_keys::Home home;
    ScriptedHost host;
    std::map<std::string, std::string> environment;
    SignerOptions options;
    std::shared_ptr<DetachableHost> detachable = std::make_shared<DetachableHost>(host);
    std::shared_ptr<CredentialCache> cache;

    Fixture() { host.time = noon; }
    ~Fixture() { detachable->cut(); }

    Environment lookup() {
        return [this](const char* name) -> std::optional<std::string> {
            if (std::string(name) == "HOME") return home.path.string();
            const auto found = environment.find(name);
            if (found == environment.end() || found->second.empty()) return std::nullopt;
            return found->second;
        };
    }
    void start() {
        cache = std::make_shared<CredentialCache>(make_source(options, lookup(), *detachable), detachable,
                                                  std::chrono::milliseconds(options.token_wait_ms));
        cache->start();
    }
    /// The configuration error at start.
    std::string start_error() {
        try {
            start();
        } catch (const KeyError& error) {
            return error.path + ": " + error.what();
        }
        return "(none)";
    }
    /// The id of the signing key, the detail of the error, or "(waits)".
    std::string key_id() {
        auto out = std::make_shared<std::string>("(waits)");
        cache->get(Completion<CredentialPointer>([this, out](Result<CredentialPointer> result) {
            if (result) credential = *result;
            *out = result ? (*result)->key_id : result.error().detail;
        }));
        return *out;
    }
    std::string rejected() {
        auto out = std::make_shared<std::string>("(waits)");
        cache->rejected(Completion<bool>([out](Result<bool> result) { *out = *result ? "yes" : "no"; }));
        return *out;
    }
    bool was_logged(const std::string& part) const { return host.has_logged(part); }
    /// Checks that logs and advice do not contain `secret`.
    void is_nowhere(const std::string& secret) {
        CHECK(!host.has_logged(secret));
        CHECK(cache->advice().find(secret) == std::string::npos);
    }

    CredentialPointer credential;
};

}  // namespace principals
