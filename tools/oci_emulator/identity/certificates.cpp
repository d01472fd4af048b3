// SPDX-License-Identifier: Apache-2.0
// Certificates with OpenSSL.
#include "tools/oci_emulator/identity/certificates.hpp"

#include "tools/oci_emulator/encoding.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace gatehouse::emulator {

namespace {

void require(bool ok) {
    if (!ok) throw std::runtime_error("OpenSSL made no certificate");
}

void add_name(X509_NAME* name, const char* field, const std::string& value) {
    require(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(value.data()),
                                       static_cast<int>(value.size()), -1, 0) == 1);
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), X509_EXTENSION_free);
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

std::string joined_names(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
    return text;
}

void set_serial(X509* certificate) {
    unsigned char bytes[16];
    require(RAND_bytes(bytes, sizeof bytes) == 1);
    bytes[0] &= 0x7f;
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(BN_bin2bn(bytes, sizeof bytes, nullptr),
                                                             BN_free);
    require(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr);
}

}  // namespace

Credential make_credential(const Subject& subject, const Credential* issuer, std::chrono::seconds lifetime) {
    Credential made{new_rsa_key(), CertificatePointer(X509_new(), X509_free)};
    X509* certificate = made.certificate.get();
    require(made.key && certificate && X509_set_version(certificate, X509_VERSION_3) == 1);
    set_serial(certificate);
    // A clock that is slightly behind must not find the certificate not yet valid.
    X509_gmtime_adj(X509_getm_notBefore(certificate), -300);
    X509_gmtime_adj(X509_getm_notAfter(certificate), static_cast<long>(lifetime.count()));
    require(X509_set_pubkey(certificate, made.key.get()) == 1);
    X509_NAME* name = X509_get_subject_name(certificate);
    add_name(name, "CN", subject.common_name);
    for (const std::string& unit : subject.units) add_name(name, "OU", unit);
    X509* above = issuer ? issuer->certificate.get() : certificate;
    require(X509_set_issuer_name(certificate, X509_get_subject_name(above)) == 1);
    add_extension(certificate, above, NID_basic_constraints,
                  subject.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    add_extension(
        certificate, above, NID_key_usage,
        subject.authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature,keyEncipherment");
    add_extension(certificate, above, NID_subject_key_identifier, "hash");
    if (issuer) add_extension(certificate, above, NID_authority_key_identifier, "keyid");
    if (!subject.names.empty())
        add_extension(certificate, above, NID_subject_alt_name, joined_names(subject.names));
    require(X509_sign(certificate, (issuer ? issuer->key : made.key).get(), EVP_sha256()) > 0);
    return made;
}

std::string to_pem(const CertificatePointer& certificate) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_X509(bio.get(), certificate.get());
    char* text = nullptr;
    const long length = BIO_get_mem_data(bio.get(), &text);
    return std::string(text, static_cast<std::size_t>(length));
}

CertificatePointer read_certificate(std::string_view der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    return CertificatePointer(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())), X509_free);
}

KeyPointer key_of(const CertificatePointer& certificate) {
    return KeyPointer(X509_get_pubkey(certificate.get()), EVP_PKEY_free);
}

std::vector<std::string> units_of(const CertificatePointer& certificate) {
    std::vector<std::string> units;
    X509_NAME* name = X509_get_subject_name(certificate.get());
    for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_organizationalUnitName, at)) >= 0;) {
        const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
        units.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                           static_cast<std::size_t>(ASN1_STRING_length(value)));
    }
    return units;
}

std::string fingerprint_of(const CertificatePointer& certificate, bool sha256) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    X509_digest(certificate.get(), sha256 ? EVP_sha256() : EVP_sha1(), digest, &size);
    return to_hex({reinterpret_cast<const char*>(digest), size}, ":");
}

bool descends(const CertificatePointer& leaf, const std::vector<CertificatePointer>& between,
              const CertificatePointer& root) {
    const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(), X509_STORE_free);
    const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(X509_STORE_CTX_new(),
                                                                                  X509_STORE_CTX_free);
    const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> chain(
        sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_free(stack); });
    for (const CertificatePointer& one : between) sk_X509_push(chain.get(), one.get());
    return X509_STORE_add_cert(store.get(), root.get()) == 1 &&
           X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), chain.get()) == 1 &&
           X509_verify_cert(context.get()) == 1;
}

}  // namespace gatehouse::emulator
