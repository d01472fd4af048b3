// SPDX-License-Identifier: Apache-2.0
#include "core/tls/client_tls.hpp"

#include "core/tls/certificate_facts.hpp"
#include "core/tls/identity.hpp"
#include "core/tls/openssl_types.hpp"

#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <new>
#include <utility>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_sessions = 8;
constexpr unsigned char offered_protocols[] = "\x08http/1.1";

/// The distributions' bundles of authorities, used if OpenSSL's default locations are empty.
constexpr const char* bundles[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                   "/etc/ssl/cert.pem"};

bool is_address(const std::string& host) {
    unsigned char bytes[16];
    return inet_pton(AF_INET, host.c_str(), bytes) == 1 || inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

/// Whether OpenSSL finds each authority on demand, so that the bundle need not be read in advance.
bool has_hashed_authorities() {
    const char* named = std::getenv(X509_get_default_cert_dir_env());
    std::error_code error;
    std::filesystem::directory_iterator entry(named ? named : X509_get_default_cert_dir(), error), end;
    for (; !error && entry != end; entry.increment(error))
        if (entry->path().extension() == ".0") return true;
    return false;
}

bool trust_the_systems(SSL_CTX& context) {
    if (SSL_CTX_set_default_verify_paths(&context) != 1) return false;
    std::error_code error;
    const char* file = std::getenv(X509_get_default_cert_file_env());
    if (std::filesystem::exists(file ? file : X509_get_default_cert_file(), error) ||
        has_hashed_authorities())
        return true;
    for (const char* bundle : bundles)
        if (SSL_CTX_load_verify_file(&context, bundle) == 1) return true;
    return false;
}

/// Returns the pin of the certificate's key in base64; empty on failure.
std::string pin_of(X509& certificate) {
    unsigned char* key = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(&certificate), &key);
    if (size <= 0) return {};
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(key, static_cast<std::size_t>(size), digest.data());
    OPENSSL_free(key);
    std::string text(45, '\0');
    text.resize(static_cast<std::size_t>(
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), digest.data(), digest.size())));
    return text;
}

}  // namespace

ClientTls::ClientTls(const HostTls& wanted, const std::string& host)
    : context_(SSL_CTX_new(TLS_client_method())),
      host_(host),
      is_name_(!is_address(host)),
      pins_(wanted.pins) {
    if (!context_) throw std::bad_alloc();
    if (host_.ends_with('.')) host_.pop_back();
    SSL_CTX_set_min_proto_version(
        context_, wanted.min_version == TlsVersion::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                   SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_clear_mode(context_, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_read_ahead(context_, 1);  // one recv() per record instead of two
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, note_rejected_certificate);
    SSL_CTX_set_alpn_protos(context_, offered_protocols, sizeof offered_protocols - 1);
    SSL_CTX_set_app_data(context_, this);
    SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_, &ClientTls::on_session);
}

ClientTls::~ClientTls() {
    for (SSL_SESSION* session : sessions_) SSL_SESSION_free(session);
    SSL_CTX_free(context_);
}

Result<std::shared_ptr<ClientTls>> ClientTls::make(const HostTls& wanted, const std::string& host,
                                                   Fault& fault) {
    std::shared_ptr<ClientTls> made(new ClientTls(wanted, host));
    ERR_clear_error();
    fault = Fault::authorities;
    if (wanted.ca_file.empty()) {
        if (!trust_the_systems(*made->context_)) return Error{ErrorKind::bad_config, take_openssl_reason()};
    } else {
        auto authorities = read_authorities(wanted.ca_file);
        if (!authorities) return authorities.error();
        X509_STORE* store = SSL_CTX_get_cert_store(made->context_);
        for (const CertificateOwner& one : *authorities) X509_STORE_add_cert(store, one.get());
        // A configured certificate is trusted even if it is not self-signed.
        X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    }
    fault = Fault::identity;
    if (!wanted.client_certificate.empty())
        if (auto shown = use_identity(*made->context_, wanted.client_certificate, wanted.client_key); !shown)
            return shown.error();
    fault = Fault::none;
    return made;
}

// --- sessions ----------------------------------------------------------------

int ClientTls::on_session(SSL* ssl, SSL_SESSION* session) {
    auto& tls = *static_cast<ClientTls*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    if (!SSL_SESSION_is_resumable(session)) return 0;
    if (tls.sessions_.size() >= max_sessions) {
        SSL_SESSION_free(tls.sessions_.front());
        tls.sessions_.erase(tls.sessions_.begin());
    }
    tls.sessions_.push_back(session);
    return 1;  // takes ownership
}

void ClientTls::resume(SSL& ssl) {
    if (sessions_.empty()) return;
    SSL_SESSION* latest = sessions_.back();
    SSL_set_session(&ssl, latest);
    // A TLS 1.3 session is used once, so that an observer cannot link two connections.
    if (SSL_SESSION_get_protocol_version(latest) < TLS1_3_VERSION) return;
    sessions_.pop_back();
    SSL_SESSION_free(latest);
}

bool ClientTls::accepts_key(const SSL& ssl) const {
    if (pins_.empty()) return true;
    X509* shown = SSL_get0_peer_certificate(&ssl);
    return shown && std::find(pins_.begin(), pins_.end(), pin_of(*shown)) != pins_.end();
}

// --- a connection ------------------------------------------------------------

ClientStream::ClientStream(std::shared_ptr<ClientTls> tls, int fd)
    : TlsStream(tls->context_, fd), tls_(std::move(tls)) {
    SSL* ssl = session();
    const char* host = tls_->host_.c_str();
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const bool set = tls_->is_name_
                         ? SSL_set_tlsext_host_name(ssl, host) == 1 && SSL_set1_host(ssl, host) == 1
                         : X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    if (!set) throw std::bad_alloc();  // without it, any host would be accepted
    tls_->resume(*ssl);
    SSL_set_connect_state(ssl);
}

ClientStream::State ClientStream::handshake_step() {
    const State state = TlsStream::handshake_step();
    if (state != State::done || tls_->accepts_key(*session())) return state;
    wrong_key_ = true;
    return State::failed;
}

bool ClientStream::distrusted() const { return wrong_key_ || SSL_get_verify_result(session()) != X509_V_OK; }

std::string ClientStream::failure() const {
    const long verified = SSL_get_verify_result(session());
    std::string said = wrong_key_ ? "its public key matches none of its pins"
                       : verified != X509_V_OK
                           ? X509_verify_cert_error_string(verified) + rejected_certificate(*session())
                           : reason();
    if (const std::string_view advice = advice_on(fault()); !advice.empty()) said.append("; ").append(advice);
    return said;
}

TlsFault ClientStream::fault() const {
    if (wrong_key_) return TlsFault::wrong_key;
    if (const TlsFault shown = fault_of_verification(SSL_get_verify_result(session()));
        shown != TlsFault::none)
        return shown;
    const unsigned long error = ERR_peek_last_error();
    return error ? fault_of_openssl_error(error) : TlsFault::none;
}

}  // namespace gatehouse::core
