// SPDX-License-Identifier: Apache-2.0
#include "core/tls/server_tls.hpp"

#include "core/tls/certificate_facts.hpp"
#include "core/tls/identity.hpp"
#include "core/tls/pem.hpp"

#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/tls1.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace gatehouse::core {

namespace {

// Forward secrecy and authenticated encryption only.  TLS 1.3 uses OpenSSL's defaults.
constexpr const char* ciphers_of_1_2 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* groups = "X25519:P-256:P-384";
constexpr std::string_view supported_protocol = "\x08http/1.1";
constexpr long max_certificates_bytes = 32 * 1024;  // limit for a client's chain

/// RFC 7301: rejects a client whose ALPN list has no supported protocol.  A client without ALPN uses
/// HTTP/1.1.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
    for (unsigned at = 0; at < offered_size; at += 1u + offered[at]) {
        const std::string_view one(reinterpret_cast<const char*>(offered) + at,
                                   std::min(1u + offered[at], offered_size - at));
        if (one != supported_protocol) continue;
        *out = offered + at + 1;
        *size = offered[at];
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
              int sealing) {
    auto& tickets = *static_cast<TicketKeys*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    return sealing ? tickets.seal(name, iv, cipher, mac) : tickets.open(name, iv, cipher, mac);
}

/// OpenSSL verifies a client's certificate in a full handshake, not when a ticket resumes a session.
SSL_TICKET_RETURN on_opened_ticket(SSL*, SSL_SESSION* session, const unsigned char*, std::size_t,
                                   SSL_TICKET_STATUS status, void*) {
    if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW)
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    const X509* shown = SSL_SESSION_get0_peer(session);
    if (shown && X509_cmp_current_time(X509_get0_notAfter(shown)) < 0) return SSL_TICKET_RETURN_IGNORE_RENEW;
    // A TLS 1.3 ticket is for one use.
    const bool renew =
        status == SSL_TICKET_SUCCESS_RENEW || SSL_SESSION_get_protocol_version(session) == TLS1_3_VERSION;
    return renew ? SSL_TICKET_RETURN_USE_RENEW : SSL_TICKET_RETURN_USE;
}

void set_up(SSL_CTX& context, const ServerTlsOptions& options, TicketKeys& tickets) {
    SSL_CTX_set_min_proto_version(&context, options.min_version == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(&context, 0);
    SSL_CTX_set_cipher_list(&context, ciphers_of_1_2);
    SSL_CTX_set1_groups_list(&context, groups);
    // An end without close_notify counts as FIN, because HTTP's framing detects truncation.
    SSL_CTX_set_options(&context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                      SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                      SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(&context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                   SSL_MODE_RELEASE_BUFFERS);
    // A client must not keep a loop busy with empty records.
    SSL_CTX_clear_mode(&context, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_read_ahead(&context, 1);  // one recv() per record instead of two
    SSL_CTX_set_alpn_select_cb(&context, choose_protocol, nullptr);
    SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);  // the clients keep their sessions
    SSL_CTX_set_timeout(&context, tickets.lifetime().count());
    SSL_CTX_set_app_data(&context, &tickets);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(&context, on_ticket);
    SSL_CTX_set_session_ticket_cb(&context, nullptr, on_opened_ticket, nullptr);
    SSL_CTX_set_max_cert_list(&context, max_certificates_bytes);
}

/// The scope of sessions.  A session that was made under other certificates is not resumed, so a
/// client whose authority is no longer trusted cannot connect with an old ticket.
class SessionScope {
public:
    void add(X509& certificate) {
        std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
        X509_digest(&certificate, EVP_sha256(), digest.data(), nullptr);
        all_.append(reinterpret_cast<const char*>(digest.data()), digest.size());
    }
    void add(std::string_view text) { all_ += text; }
    void set(SSL_CTX& context) const {
        std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
        static_assert(SHA256_DIGEST_LENGTH <= SSL_MAX_SID_CTX_LENGTH);
        EVP_Digest(all_.data(), all_.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
        SSL_CTX_set_session_id_context(&context, digest.data(), static_cast<unsigned>(digest.size()));
    }

private:
    std::string all_;
};

Result<void> ask_clients(SSL_CTX& context, const ServerTlsOptions& options, SessionScope& scope) {
    auto trusted = read_certificates(options.client_ca);
    if (!trusted)
        return tls_key_error("client_ca", "cannot use the certificate authorities in " + options.client_ca +
                                              ": " + trusted.error().message);
    for (const CertificateOwner& one : *trusted) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), one.get());
        SSL_CTX_add_client_CA(&context, one.get());
        scope.add(*one);
    }
    scope.add(options.client_certificate);
    const bool required = options.client_certificate == "required";
    SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       note_rejected_certificate);
    ERR_clear_error();
    return {};
}

}  // namespace

ServerTls::ServerTls(std::shared_ptr<TicketKeys> tickets)
    : tickets_(std::move(tickets)), context_(SSL_CTX_new(TLS_server_method())) {
    if (!context_) throw std::runtime_error("no TLS context: " + take_openssl_reason());
}
ServerTls::~ServerTls() { SSL_CTX_free(context_); }

Result<std::shared_ptr<const ServerTls>> ServerTls::make(const ServerTlsOptions& options,
                                                         std::shared_ptr<TicketKeys> tickets) {
    std::shared_ptr<ServerTls> made(new ServerTls(std::move(tickets)));
    SSL_CTX& context = *made->context_;
    set_up(context, options, *made->tickets_);
    SessionScope scope;
    auto chain = use_identity(context, options.certificate, options.key);
    if (!chain) return chain.error();
    for (const CertificateOwner& one : *chain) scope.add(*one);
    if (!options.client_ca.empty())
        if (auto ok = ask_clients(context, options, scope); !ok) return ok.error();
    scope.set(context);
    made->validity_ = validity_of(*chain->front());
    return std::shared_ptr<const ServerTls>(std::move(made));
}

}  // namespace gatehouse::core
