// SPDX-License-Identifier: Apache-2.0
// Reads PEM keys with OpenSSL and finds them again by keyId.
#include "tools/oci_emulator/keys.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>

namespace gatehouse::emulator {

namespace {

// An encrypted key must not make OpenSSL ask on the terminal.
int no_pass_phrase(char*, int, int, void*) { return 0; }

KeyPointer from_pem(const std::string& pem, bool is_private) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    EVP_PKEY* key = is_private ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr)
                               : PEM_read_bio_PUBKEY(bio.get(), nullptr, no_pass_phrase, nullptr);
    return KeyPointer(key, EVP_PKEY_free);
}

}  // namespace

Result<KeyPointer> read_key(const std::string& pem) {
    KeyPointer key = from_pem(pem, false);
    if (!key) key = from_pem(pem, true);
    if (!key) return Error{ErrorKind::bad_config, "no public key and no unencrypted private key in PEM form"};
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA)
        return Error{ErrorKind::bad_config, "the key is no RSA key"};
    return key;
}

std::string fingerprint_of(const KeyPointer& key) {
    unsigned char* der = nullptr;
    const int length = i2d_PUBKEY(key.get(), &der);
    if (length <= 0) return {};
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_Digest(der, static_cast<std::size_t>(length), digest, &size, EVP_md5(), nullptr);
    OPENSSL_free(der);
    std::string out;
    for (unsigned int i = 0; i < size; ++i) {
        constexpr std::string_view hex = "0123456789abcdef";
        if (i) out += ':';
        out += hex[digest[i] >> 4];
        out += hex[digest[i] & 15];
    }
    return out;
}

void KeyStore::add(KeyPointer key) {
    std::string fingerprint = fingerprint_of(key);
    by_fingerprint_.insert_or_assign(std::move(fingerprint), std::move(key));
}

void KeyStore::add(std::string key_id, KeyPointer key) {
    by_key_id_.insert_or_assign(std::move(key_id), std::move(key));
}

KeyPointer KeyStore::find(std::string_view key_id) const {
    if (const auto found = by_key_id_.find(key_id); found != by_key_id_.end()) return found->second;
    // An API key: three parts, none empty.  The first two are OCIDs that nobody here can check.
    if (std::count(key_id.begin(), key_id.end(), '/') != 2) return nullptr;
    const std::size_t first = key_id.find('/'), last = key_id.rfind('/');
    if (!key_id.starts_with("ocid1.tenancy.") ||
        !key_id.substr(first + 1, last - first - 1).starts_with("ocid1.user."))
        return nullptr;
    const auto found = by_fingerprint_.find(key_id.substr(last + 1));
    return found == by_fingerprint_.end() ? nullptr : found->second;
}

}  // namespace gatehouse::emulator
