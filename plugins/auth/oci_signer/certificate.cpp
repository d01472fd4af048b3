// SPDX-License-Identifier: Apache-2.0
// X.509 by OpenSSL.
#include "plugins/auth/oci_signer/certificate.hpp"

#include <gatehouse/base64.hpp>
#include "plugins/auth/oci_signer/private_key.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

namespace gatehouse::oci {

namespace {

using X509Pointer = std::unique_ptr<X509, decltype(&X509_free)>;

Error wrong_certificate(std::string what) { return {ErrorKind::upstream, std::move(what)}; }

/// Owns memory that an i2d function has allocated.
std::string taken(unsigned char* der, int length) {
    std::string bytes;
    if (length > 0) bytes.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
    OPENSSL_free(der);
    return bytes;
}

std::string tenancy_of(X509* certificate) {
    const X509_NAME* subject = X509_get_subject_name(certificate);
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_organizationalUnitName, at)) >= 0;) {
        const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
        const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                                    static_cast<std::size_t>(ASN1_STRING_length(value)));
        for (const std::string_view prefix : {"opc-tenant:", "opc-identity:"})
            if (text.starts_with(prefix)) return std::string(text.substr(prefix.size()));
    }
    return {};
}

std::chrono::system_clock::time_point expiry_of(X509* certificate) {
    std::tm time{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) != 1) return {};
    return std::chrono::system_clock::from_time_t(timegm(&time));
}

Result<Certificate> described(X509* certificate) {
    Certificate made;
    unsigned char* buffer = nullptr;
    int length = i2d_X509(certificate, &buffer);
    const std::string der = taken(buffer, length);
    buffer = nullptr;
    length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &buffer);
    const std::string key = taken(buffer, length);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (der.empty() || key.empty() ||
        EVP_Digest(der.data(), der.size(), digest, &size, EVP_sha1(), nullptr) != 1)
        return wrong_certificate("it cannot be read");
    made.der = to_base64(der);
    made.public_key = to_base64(key);
    made.fingerprint = hex_pairs({reinterpret_cast<const char*>(digest), size});
    for (char& c : made.fingerprint)
        if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    made.tenancy = tenancy_of(certificate);
    made.expiry = expiry_of(certificate);
    return made;
}

}  // namespace

Result<std::vector<Certificate>> read_certificates(std::string_view pem) {
    if (pem.size() > 64 * 1024) return wrong_certificate("it is larger than 64 KiB");
    const std::unique_ptr<BIO, decltype(&BIO_free)> source(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    std::vector<Certificate> all;
    for (;;) {
        const X509Pointer certificate(PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr), &X509_free);
        ERR_clear_error();  // other code in this process reads the same queue
        if (!certificate) break;
        if (all.size() == 8) return wrong_certificate("it has more than 8 certificates");
        auto one = described(certificate.get());
        if (!one) return one.error();
        all.push_back(*std::move(one));
    }
    if (all.empty()) return wrong_certificate("it is not a PEM certificate");
    return all;
}

}  // namespace gatehouse::oci
