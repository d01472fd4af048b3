// SPDX-License-Identifier: Apache-2.0
// Owning pointers to OpenSSL's objects, and its errors as text.  Only sources of core/tls and
// those that make an SSL_CTX include this.  [any thread]
#pragma once

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace gatehouse::core {

struct OpensslFree {
    void operator()(X509* one) const { X509_free(one); }
    void operator()(EVP_PKEY* one) const { EVP_PKEY_free(one); }
    void operator()(BIO* one) const { BIO_free(one); }
    void operator()(SSL_CTX* one) const { SSL_CTX_free(one); }
    void operator()(SSL* one) const { SSL_free(one); }
};

using CertificateOwner = std::unique_ptr<X509, OpensslFree>;
using PrivateKeyOwner = std::unique_ptr<EVP_PKEY, OpensslFree>;
using BioOwner = std::unique_ptr<BIO, OpensslFree>;
using TlsContextOwner = std::unique_ptr<SSL_CTX, OpensslFree>;
using TlsSessionOwner = std::unique_ptr<SSL, OpensslFree>;

/// Returns OpenSSL's text for its last error on this thread, such as "key values mismatch",
/// and clears the error queue.
std::string take_openssl_reason();

}  // namespace gatehouse::core
