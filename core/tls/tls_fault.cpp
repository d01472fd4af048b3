// SPDX-License-Identifier: Apache-2.0
#include "core/tls/tls_fault.hpp"

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>

namespace gatehouse::core {

TlsFault fault_of_verification(long result) {
    switch (result) {
        case X509_V_OK: return TlsFault::none;
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_CERT_UNTRUSTED: return TlsFault::unknown_authority;
        case X509_V_ERR_CERT_HAS_EXPIRED: return TlsFault::expired;
        case X509_V_ERR_CERT_NOT_YET_VALID: return TlsFault::not_yet_valid;
        case X509_V_ERR_HOSTNAME_MISMATCH: return TlsFault::other_name;
        case X509_V_ERR_IP_ADDRESS_MISMATCH: return TlsFault::other_address;
        default: return TlsFault::distrusted;
    }
}

TlsFault fault_of_openssl_error(unsigned long error) {
    if (ERR_GET_LIB(error) != ERR_LIB_SSL) return TlsFault::other;
    switch (ERR_GET_REASON(error)) {
        case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED: return TlsFault::wants_certificate;
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN: return TlsFault::rejects_certificate;
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA: return TlsFault::unknown_client_authority;
        case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED: return TlsFault::client_certificate_expired;
        case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION: return TlsFault::no_common_version;
        case SSL_R_UNSUPPORTED_PROTOCOL: return TlsFault::old_version;
        case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE: return TlsFault::handshake_failure;
        case SSL_R_WRONG_VERSION_NUMBER: return TlsFault::no_tls;
        default: return TlsFault::other;
    }
}

std::string_view advice_on(TlsFault fault) {
    switch (fault) {
        case TlsFault::wrong_key:
            return "its certificate matches none of the pins in [upstream.hosts]: if it was renewed with "
                   "another key, and you have verified that elsewhere, add the new pin";
        case TlsFault::unknown_authority:
            return "its certificate authority is unknown: if it is your own or that of a TLS-inspecting "
                   "proxy, name its file as ca_file in [upstream.hosts.\"NAME\"]; otherwise install the package ca-certificates";
        case TlsFault::expired: return "renew the upstream's certificate, or check the clock of this machine";
        case TlsFault::not_yet_valid: return "check the clock of this machine";
        case TlsFault::other_name: return "the certificate is for other names: use one of them in the URL";
        case TlsFault::other_address:
            return "the certificate is for other addresses: use one of them in the URL";
        case TlsFault::distrusted: return "the upstream needs another certificate";
        case TlsFault::wants_certificate:
            return "it requires a client certificate: set client_certificate in [upstream]";
        case TlsFault::rejects_certificate:
            return "it rejects the client certificate: check client_certificate in [upstream]";
        case TlsFault::unknown_client_authority:
            return "it does not know the authority of the client certificate: check client_certificate in "
                   "[upstream]";
        case TlsFault::client_certificate_expired:
            return "the client certificate has expired: renew client_certificate in [upstream]";
        case TlsFault::no_common_version:
            return "it supports no TLS version that min_tls in [upstream] allows";
        case TlsFault::old_version:
            return "it supports only older TLS versions than min_tls in [upstream] allows";
        case TlsFault::handshake_failure:
            return "there is no common cipher, or it requires a client certificate";
        case TlsFault::no_tls:
            return "it does not use TLS on this port: check the scheme and the port of the URL";
        case TlsFault::none:
        case TlsFault::other: return {};
    }
    return {};
}

bool is_permanent(TlsFault fault) {
    return fault != TlsFault::none && fault != TlsFault::other && fault != TlsFault::handshake_failure;
}

}  // namespace gatehouse::core
