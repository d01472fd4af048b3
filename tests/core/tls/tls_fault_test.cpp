// SPDX-License-Identifier: Apache-2.0
#include "core/tls/tls_fault.hpp"

#include <doctest/doctest.h>

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>

#include <set>
#include <string>

using namespace gatehouse::core;

TEST_CASE("the causes come from the numbers of OpenSSL") {
    CHECK(fault_of_verification(X509_V_OK) == TlsFault::none);
    CHECK(fault_of_verification(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT) == TlsFault::unknown_authority);
    CHECK(fault_of_verification(X509_V_ERR_CERT_HAS_EXPIRED) == TlsFault::expired);
    CHECK(fault_of_verification(X509_V_ERR_IP_ADDRESS_MISMATCH) == TlsFault::other_address);
    CHECK(fault_of_verification(X509_V_ERR_EE_KEY_TOO_SMALL) == TlsFault::distrusted);

    auto ssl = [](int reason) { return fault_of_openssl_error(ERR_PACK(ERR_LIB_SSL, 0, reason)); };
    CHECK(ssl(SSL_R_WRONG_VERSION_NUMBER) == TlsFault::no_tls);
    CHECK(ssl(SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED) == TlsFault::wants_certificate);
    CHECK(ssl(SSL_R_TLSV1_ALERT_INTERNAL_ERROR) == TlsFault::other);
    CHECK(fault_of_openssl_error(0) == TlsFault::other);
    CHECK(fault_of_openssl_error(ERR_PACK(ERR_LIB_X509, 0, SSL_R_WRONG_VERSION_NUMBER)) == TlsFault::other);
}

TEST_CASE("each cause has one advice of its own, and no advice only if there is nothing to do") {
    std::set<std::string> texts;
    for (int i = 1; i < static_cast<int>(TlsFault::other); ++i) {
        const auto fault = static_cast<TlsFault>(i);
        CAPTURE(i);
        CHECK(!advice_on(fault).empty());
        CHECK(texts.insert(std::string(advice_on(fault))).second);
        CHECK(is_permanent(fault) == (fault != TlsFault::handshake_failure));
    }
    CHECK(advice_on(TlsFault::other).empty());
    CHECK(!is_permanent(TlsFault::other));
}
