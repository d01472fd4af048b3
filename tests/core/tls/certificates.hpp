// SPDX-License-Identifier: Apache-2.0
// Generates certificates, and makes a folder for them.  [one thread]
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace gatehouse::core::testing {

/// A certificate and its key, signed by another certificate or self-signed.
struct Certificate {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* x509 = X509_new();

    Certificate(const char* name, const std::string& alternative_names, const Certificate* issuer,
                long from = -3600, long to = 3600) {
        X509_set_version(x509, 2);
        static long serial = 1;
        ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
        X509_gmtime_adj(X509_getm_notBefore(x509), from);
        X509_gmtime_adj(X509_getm_notAfter(x509), to);
        X509_set_pubkey(x509, key);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
        X509_set_issuer_name(x509, X509_get_subject_name(issuer ? issuer->x509 : x509));
        add(NID_basic_constraints, issuer ? "CA:FALSE" : "critical,CA:TRUE");
        if (!alternative_names.empty()) add(NID_subject_alt_name, alternative_names.c_str());
        X509_sign(x509, issuer ? issuer->key : key, EVP_sha256());
    }
    ~Certificate() {
        X509_free(x509);
        EVP_PKEY_free(key);
    }
    Certificate(const Certificate&) = delete;

    /// Writes the certificate and its chain to a file.
    std::string write(const std::string& path, const Certificate* chain = nullptr) const {
        FILE* file = std::fopen(path.c_str(), "w");
        PEM_write_X509(file, x509);
        if (chain) PEM_write_X509(file, chain->x509);
        std::fclose(file);
        return path;
    }
    /// SHA-256 of its public key's SubjectPublicKeyInfo in base64.
    std::string pin() const {
        unsigned char digest[32], text[45];
        unsigned char* der = nullptr;
        const int size = i2d_PUBKEY(key, &der);
        EVP_Digest(der, static_cast<std::size_t>(size), digest, nullptr, EVP_sha256(), nullptr);
        OPENSSL_free(der);
        EVP_EncodeBlock(text, digest, sizeof digest);
        return reinterpret_cast<char*>(text);
    }
    /// Its key, with a pass phrase if there is one.
    std::string write_key(const std::string& path, const char* pass_phrase = nullptr) const {
        FILE* file = std::fopen(path.c_str(), "w");
        PEM_write_PrivateKey(file, key, pass_phrase ? EVP_aes_128_cbc() : nullptr, nullptr, 0, nullptr,
                             const_cast<char*>(pass_phrase));
        std::fclose(file);
        std::filesystem::permissions(path, std::filesystem::perms(0600));
        return path;
    }

private:
    void add(int nid, const char* value) {
        X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
        X509_add_ext(x509, extension, -1);
        X509_EXTENSION_free(extension);
    }
};

/// A directory that is removed at the end of the test.
struct Folder {
    std::filesystem::path path;
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "gatehouse-XXXXXX").string();
        path = mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string operator/(const char* name) const { return (path / name).string(); }
};

}  // namespace gatehouse::core::testing
