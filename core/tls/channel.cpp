// SPDX-License-Identifier: Apache-2.0
#include "core/tls/channel.hpp"

#include "core/tls/openssl_types.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <new>

namespace gatehouse::core {

namespace {

constexpr unsigned char handshake_record = 22;
constexpr std::size_t record_head_bytes = 5, max_record_bytes = 16 * 1024;
constexpr int most_empty_rounds = 4;  // of 16 KiB each
constexpr std::size_t established_bytes = 16 * 1024, shaking_bytes = 48 * 1024;

/// A method's name, or an empty line before one: nothing that TLS begins with.
bool is_text(unsigned char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '\r' || c == '\n';
}

std::string subject_of(const SSL& ssl) {
    X509* shown = SSL_get0_peer_certificate(&ssl);
    if (!shown || SSL_get_verify_result(&ssl) != X509_V_OK) return {};
    const BioOwner text(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(text.get(), X509_get_subject_name(shown), 0, XN_FLAG_RFC2253);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(text.get(), &bytes);
    return {bytes, static_cast<std::size_t>(std::max(size, 0L))};
}

int bounded(std::size_t size) {
    return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

Opening look_at_opening(int fd) {
    unsigned char head[record_head_bytes];
    const ssize_t count = ::recv(fd, head, sizeof head, MSG_PEEK | MSG_DONTWAIT);
    if (count < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? Opening::incomplete
                                                                         : Opening::gone;
    if (count == 0) return Opening::gone;
    if (is_text(head[0])) return Opening::plain_text;
    if (head[0] != handshake_record) return Opening::nonsense;
    if (count < static_cast<ssize_t>(sizeof head)) return Opening::incomplete;
    const std::size_t size = static_cast<std::size_t>(head[3]) << 8 | head[4];
    if (size > max_record_bytes) return Opening::nonsense;
    int there = 0;
    if (::ioctl(fd, FIONREAD, &there) != 0) return Opening::handshake;
    return static_cast<std::size_t>(there) >= sizeof head + size ? Opening::handshake : Opening::incomplete;
}

// --- OpenSSL's side of the socket: no signals, no call that cannot succeed -------------

int TlsChannel::receive(BIO* bio, char* place, int size) {
    auto& socket = *static_cast<Socket*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (!socket.drained) {
        ssize_t count;
        do count = ::recv(socket.fd, place, static_cast<std::size_t>(size), MSG_DONTWAIT);
        while (count < 0 && errno == EINTR);
        if (count > 0) {
            socket.drained = count < size && !socket.fin;
            return static_cast<int>(count);
        }
        if (count == 0) socket.ended = true;
        if (count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) return static_cast<int>(count);
        socket.drained = true;
    }
    BIO_set_retry_read(bio);
    return -1;
}

int TlsChannel::send(BIO* bio, const char* bytes, int size) {
    const auto& socket = *static_cast<const Socket*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    ssize_t count;
    do
        count = ::send(socket.fd, bytes, static_cast<std::size_t>(size),
                       MSG_NOSIGNAL | MSG_DONTWAIT | (socket.more ? MSG_MORE : 0));
    while (count < 0 && errno == EINTR);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) BIO_set_retry_write(bio);
    return static_cast<int>(count);
}

long TlsChannel::control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return static_cast<const Socket*>(BIO_get_data(bio))->ended;
    return command == BIO_CTRL_FLUSH;
}

const BIO_METHOD* TlsChannel::method() {
    static BIO_METHOD* const made = [] {
        BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "a client's socket");
        if (!method) throw std::bad_alloc();
        BIO_meth_set_read(method, &TlsChannel::receive);
        BIO_meth_set_write(method, &TlsChannel::send);
        BIO_meth_set_ctrl(method, &TlsChannel::control);
        return method;
    }();
    return made;
}

// --- the session ------------------------------------------------------------------------

TlsChannel::TlsChannel(std::shared_ptr<const ServerTls> tls, int fd, Handshakes& handshakes)
    : tls_(std::move(tls)), place_(handshakes), socket_{.fd = fd} {
    TlsSessionOwner ssl(SSL_new(tls_->context()));
    BIO* bio = BIO_new(method());
    if (!ssl || !bio) {
        BIO_free(bio);
        ERR_clear_error();
        throw std::bad_alloc();
    }
    BIO_set_data(bio, &socket_);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl.get(), bio, bio);
    SSL_set_accept_state(ssl.get());
    ssl_ = ssl.release();
}

TlsChannel::~TlsChannel() { SSL_free(ssl_); }

TlsChannel::State TlsChannel::state_of(int result) {
    switch (SSL_get_error(ssl_, result)) {
        case SSL_ERROR_WANT_READ: break;
        case SSL_ERROR_WANT_WRITE: return State::wants_output;
        case SSL_ERROR_ZERO_RETURN: return State::ended;
        default: return State::failed;
    }
    if (socket_.drained) return State::wants_input;
    // A record that carried nothing, such as the demand for other keys.
    return ++empty_rounds_ > most_empty_rounds ? State::failed : State::again;
}

TlsChannel::State TlsChannel::shake() {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_);
    if (result != 1) return state_of(result);
    established_ = true;
    empty_rounds_ = 0;
    place_.give_back();
    subject_ = subject_of(*ssl_);
    return State::done;
}

std::string TlsChannel::failure() const {
    const long verified = SSL_get_verify_result(ssl_);
    if (verified != X509_V_OK)
        return std::string("the client's certificate: ") + X509_verify_cert_error_string(verified);
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason ? reason : "the client has gone";
}

TlsChannel::Moved TlsChannel::read(char* place, std::size_t size) {
    ERR_clear_error();
    const int count = SSL_read(ssl_, place, bounded(size));
    if (count <= 0) return {state_of(count)};
    empty_rounds_ = 0;
    return {State::done, static_cast<std::size_t>(count)};
}

TlsChannel::Moved TlsChannel::write(const char* bytes, std::size_t size, bool more) {
    ERR_clear_error();
    socket_.more = more;
    const int count = SSL_write(ssl_, bytes, bounded(size));
    if (count > 0) return {State::done, static_cast<std::size_t>(count)};
    const State state = state_of(count);
    return {state == State::failed || state == State::ended ? State::failed : State::wants_output};
}

void TlsChannel::say_end() {
    ERR_clear_error();
    socket_.more = false;
    SSL_shutdown(ssl_);
}

std::size_t TlsChannel::size() const { return established_ ? established_bytes : shaking_bytes; }

}  // namespace gatehouse::core
