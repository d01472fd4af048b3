// SPDX-License-Identifier: Apache-2.0
#include "core/tls/identity.hpp"

#include "core/tls/certificate_facts.hpp"
#include "core/tls/pem.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <ctime>
#include <utility>

namespace gatehouse::core {

namespace {

constexpr std::time_t soon = 7 * 24 * 3600;

Result<void> use_key(SSL_CTX& context, const std::string& path, const std::string& certificate,
                     const std::vector<CertificateOwner>& chain) {
    auto key = read_private_key(path);
    if (!key) return tls_key_error("key", "cannot use the private key " + path + ": " + key.error().message);
    if (X509_check_private_key(chain.front().get(), key->get()) != 1) {
        std::string message =
            "the private key " + path + " does not belong to the certificate " + certificate;
        const bool another = std::any_of(chain.begin() + 1, chain.end(), [&](const CertificateOwner& one) {
            return X509_check_private_key(one.get(), key->get()) == 1;
        });
        if (another) message += "'s first certificate: put the gateway's own certificate before its chain";
        ERR_clear_error();
        return tls_key_error("key", message);
    }
    if (SSL_CTX_use_PrivateKey(&context, key->get()) != 1)
        return tls_key_error("key", "cannot use the private key " + path + ": " + take_openssl_reason());
    return {};
}

}  // namespace

Result<std::vector<CertificateOwner>> use_identity(SSL_CTX& context, const std::string& certificate,
                                                   const std::string& key) {
    const std::string which = "cannot use the certificate " + certificate + ": ";
    auto chain = read_certificates(certificate);
    if (!chain) return tls_key_error("certificate", which + chain.error().message);
    ERR_clear_error();
    if (SSL_CTX_use_certificate(&context, chain->front().get()) != 1)
        return tls_key_error("certificate", which + take_openssl_reason());
    for (auto one = chain->begin() + 1; one != chain->end(); ++one)
        if (SSL_CTX_add1_chain_cert(&context, one->get()) != 1)
            return tls_key_error("certificate", which + take_openssl_reason());
    if (auto ok = use_key(context, key, certificate, *chain); !ok) return ok.error();
    return chain;
}

Result<std::vector<CertificateOwner>> read_authorities(const std::string& path) {
    auto all = read_certificates(path);
    if (all) return all;
    return Error{ErrorKind::bad_config,
                 "cannot use the certificate authorities in " + path + ": " + all.error().message};
}

static std::string remark_on(const X509& certificate) {
    if (X509_cmp_current_time(X509_get0_notAfter(&certificate)) < 0) return "has expired";
    if (X509_cmp_current_time(X509_get0_notBefore(&certificate)) > 0) return "is not valid yet";
    std::time_t then = std::time(nullptr) + soon;
    if (X509_cmp_time(X509_get0_notAfter(&certificate), &then) < 0) return "expires within a week";
    return {};
}

Validity validity_of(const X509& certificate) {
    Validity made{.remark = remark_on(certificate), .end = "?"};
    std::tm time{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &time) != 1) return made;
    made.end = text_of(*X509_get0_notAfter(&certificate));
    made.end_seconds = timegm(&time);
    return made;
}

}  // namespace gatehouse::core
