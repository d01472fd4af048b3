// SPDX-License-Identifier: Apache-2.0
// Reads PEM keys with OpenSSL and finds them again by keyId.
#include "tools/oci_emulator/keys.hpp"

#include "tools/oci_emulator/encoding.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
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
        return Error{ErrorKind::bad_config, "the key is not an RSA key"};
    return key;
}

Result<KeyPointer> read_public_der(std::string_view der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    KeyPointer key(d2i_PUBKEY(nullptr, &bytes, static_cast<long>(der.size())), EVP_PKEY_free);
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key.get()) < 2048)
        return Error{ErrorKind::bad_request, "no RSA key of 2048 bits or more"};
    return key;
}

std::string public_der(const KeyPointer& key) {
    unsigned char* der = nullptr;
    const int length = i2d_PUBKEY(key.get(), &der);
    if (length <= 0) return {};
    std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
    OPENSSL_free(der);
    return bytes;
}

std::string private_pem(const KeyPointer& key) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PrivateKey_traditional(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const long length = BIO_get_mem_data(bio.get(), &text);
    return std::string(text, static_cast<std::size_t>(length));
}

KeyPointer new_rsa_key() { return KeyPointer(EVP_RSA_gen(2048), EVP_PKEY_free); }

std::string sign_text(const KeyPointer& key, std::string_view text) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t length = 0;
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get());
    EVP_DigestSign(context.get(), nullptr, &length, bytes, text.size());
    std::string signature(length, '\0');
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, bytes,
                   text.size());
    signature.resize(length);
    return signature;
}

bool verifies(const KeyPointer& key, std::string_view text, std::string_view signature) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                            text.size()) == 1;
}

std::string fingerprint_of(const KeyPointer& key) {
    const std::string der = public_der(key);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_Digest(der.data(), der.size(), digest, &size, EVP_md5(), nullptr);
    return to_hex({reinterpret_cast<const char*>(digest), size}, ":");
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
    // An API key: three parts that are not empty.  The emulator cannot check the
    // OCIDs in the first two.
    if (std::count(key_id.begin(), key_id.end(), '/') != 2) return nullptr;
    const std::size_t first = key_id.find('/'), last = key_id.rfind('/');
    if (!key_id.starts_with("ocid1.tenancy.") ||
        !key_id.substr(first + 1, last - first - 1).starts_with("ocid1.user."))
        return nullptr;
    if (!tenancies_.empty() && !tenancies_.contains(key_id.substr(0, first))) return nullptr;
    const auto found = by_fingerprint_.find(key_id.substr(last + 1));
    return found == by_fingerprint_.end() ? nullptr : found->second;
}

}  // namespace gatehouse::emulator
