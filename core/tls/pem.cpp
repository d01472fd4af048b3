// SPDX-License-Identifier: Apache-2.0
#include "core/tls/pem.hpp"

#include "core/util/text_file.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_file_bytes = 4 << 20;  // a system's bundle of authorities has 200 KiB

Error unusable(std::string why) { return {ErrorKind::bad_config, std::move(why)}; }

bool ended_well() {
    const unsigned long last = ERR_peek_last_error();
    return ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
}

/// Never prompts on the terminal; records that OpenSSL requested a pass phrase.
int no_pass_phrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

}  // namespace

std::string take_openssl_reason() {
    const unsigned long last = ERR_peek_last_error();
    const char* reason = ERR_reason_error_string(last);
    ERR_clear_error();
    return reason ? reason : "an unknown reason";
}

Result<std::vector<CertificateOwner>> read_certificates(const std::string& path) {
    auto text = read_text_file(path, max_file_bytes);
    if (!text) return text.error();
    const BioOwner bio(BIO_new_mem_buf(text->data(), static_cast<int>(text->size())));
    std::vector<CertificateOwner> all;
    ERR_clear_error();
    while (CertificateOwner one{PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr)})
        all.push_back(std::move(one));
    if (!ended_well()) return unusable("contains a malformed certificate: " + take_openssl_reason());
    ERR_clear_error();
    if (all.empty()) return unusable("contains no PEM certificate");
    return all;
}

Result<PrivateKeyOwner> read_private_key(const std::string& path) {
    auto text = read_text_file(path, max_file_bytes);
    if (!text) return text.error();
    if (text->find("PRIVATE KEY-----") == text->npos) return unusable("contains no PEM private key");
    const BioOwner bio(BIO_new_mem_buf(text->data(), static_cast<int>(text->size())));
    bool asked = false;
    ERR_clear_error();
    PrivateKeyOwner key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, &asked)};
    OPENSSL_cleanse(text->data(), text->size());
    if (asked) {
        ERR_clear_error();
        return unusable("is encrypted: `openssl pkey -in FILE -out OTHER` writes it without a pass phrase");
    }
    if (!key) return unusable("contains a malformed private key: " + take_openssl_reason());
    ERR_clear_error();
    return key;
}

}  // namespace gatehouse::core
