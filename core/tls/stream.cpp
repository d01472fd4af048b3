// SPDX-License-Identifier: Apache-2.0
#include "core/tls/stream.hpp"

#include "core/tls/openssl_types.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <new>

namespace gatehouse::core {

namespace {

constexpr int most_empty_rounds = 4;  // records of up to 16 KiB each

int bounded(std::size_t size) {
    return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

// --- OpenSSL's access to the socket: no signals, no useless system calls --------------

int TlsStream::receive(BIO* bio, char* place, int size) {
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

int TlsStream::send(BIO* bio, const char* bytes, int size) {
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

long TlsStream::control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return static_cast<const Socket*>(BIO_get_data(bio))->ended;
    return command == BIO_CTRL_FLUSH;
}

const BIO_METHOD* TlsStream::method() {
    static BIO_METHOD* const made = [] {
        BIO_METHOD* method =
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "a socket that does not block");
        if (!method) throw std::bad_alloc();
        BIO_meth_set_read(method, &TlsStream::receive);
        BIO_meth_set_write(method, &TlsStream::send);
        BIO_meth_set_ctrl(method, &TlsStream::control);
        return method;
    }();
    return made;
}

// --- the session ------------------------------------------------------------------------

TlsStream::TlsStream(SSL_CTX* context, int fd) : socket_{.fd = fd} {
    TlsSessionOwner ssl(SSL_new(context));
    BIO* bio = BIO_new(method());
    if (!ssl || !bio) {
        BIO_free(bio);
        ERR_clear_error();
        throw std::bad_alloc();
    }
    BIO_set_data(bio, &socket_);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl.get(), bio, bio);
    ssl_ = ssl.release();
}

TlsStream::~TlsStream() { SSL_free(ssl_); }

TlsStream::State TlsStream::state_of(int result) {
    switch (SSL_get_error(ssl_, result)) {
        case SSL_ERROR_WANT_READ: break;
        case SSL_ERROR_WANT_WRITE: return State::wants_output;
        case SSL_ERROR_ZERO_RETURN: return State::ended;
        default: return State::failed;
    }
    if (socket_.drained) return State::wants_input;
    // A record without data, such as a key update.
    return ++empty_rounds_ > most_empty_rounds ? State::failed : State::again;
}

TlsStream::State TlsStream::handshake_step() {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_);
    if (result != 1) return state_of(result);
    established_ = true;
    empty_rounds_ = 0;
    return State::done;
}

std::string TlsStream::reason() const {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason ? reason : "";
}

TlsStream::Moved TlsStream::read(char* place, std::size_t size) {
    ERR_clear_error();
    const int count = SSL_read(ssl_, place, bounded(size));
    if (count <= 0) return {state_of(count)};
    empty_rounds_ = 0;
    return {State::done, static_cast<std::size_t>(count)};
}

TlsStream::Moved TlsStream::write(const char* bytes, std::size_t size, bool more) {
    ERR_clear_error();
    socket_.more = more;
    const int count = SSL_write(ssl_, bytes, bounded(size));
    if (count > 0) return {State::done, static_cast<std::size_t>(count)};
    const State state = state_of(count);
    return {state == State::failed || state == State::ended ? State::failed : State::wants_output};
}

bool TlsStream::silent() {
    char byte;
    const bool here = ::recv(socket_.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
    if (!here && !SSL_has_pending(ssl_)) return true;
    // The record may contain only a session ticket.
    socket_.drained = false;
    ERR_clear_error();
    return SSL_get_error(ssl_, SSL_peek(ssl_, &byte, 1)) == SSL_ERROR_WANT_READ;
}

void TlsStream::say_end() {
    ERR_clear_error();
    socket_.more = false;
    SSL_shutdown(ssl_);
}

}  // namespace gatehouse::core
