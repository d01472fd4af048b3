// SPDX-License-Identifier: Apache-2.0
#include "core/net/client/native/client_connection.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace gatehouse::core {

namespace {

ClientConnection::State state_of_errno() {
    return errno == EAGAIN || errno == EWOULDBLOCK ? ClientConnection::State::blocked
                                                   : ClientConnection::State::failed;
}

}  // namespace

ClientConnection::ClientConnection(Loop& loop, int fd, Owner& owner) : loop_(loop), owner_(&owner), fd_(fd) {
    loop_.watch_edges(fd, *this);
}

ClientConnection::~ClientConnection() {
    if (stream_ && stream_->established() && !failed_) stream_->say_end();
    loop_.unwatch(fd_);
    ::close(fd_);
}

void ClientConnection::on_edge(Edge edge) {
    ended_ |= edge.ended;
    if (stream_ && (edge.readable || edge.ended)) stream_->news(edge.ended);
    owner_->on_connection_event(*this, edge);
}

ClientConnection::Moved ClientConnection::read(char* bytes, std::size_t size) {
    if (stream_) {
        TlsStream::Moved moved;
        do moved = stream_->read(bytes, size);
        while (moved.state == TlsStream::State::again);
        return {state_of(moved.state), moved.count};
    }
    ssize_t got;
    do got = ::recv(fd_, bytes, size, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got > 0) return {State::done, static_cast<std::size_t>(got)};
    return {got == 0 ? State::ended : state_of_errno()};
}

ClientConnection::Moved ClientConnection::write(const iovec* parts, std::size_t count) {
    if (stream_) {
        // After a blocked write the caller passes the same bytes again, because none count as sent.
        const TlsStream::Moved moved =
            stream_->write(static_cast<const char*>(parts->iov_base), parts->iov_len, count > 1);
        return {state_of(moved.state), moved.count};
    }
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts);
    message.msg_iovlen = count;
    ssize_t sent;
    do
        sent = count == 1 ? ::send(fd_, parts->iov_base, parts->iov_len, MSG_NOSIGNAL | MSG_DONTWAIT)
                          : ::sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0) return {State::done, static_cast<std::size_t>(sent)};
    return {state_of_errno()};
}

bool ClientConnection::silent() {
    if (ended_ || stream_) return !ended_ && stream_->silent();
    char byte;
    return ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EINTR);
}

// --- TLS ---------------------------------------------------------------------

void ClientConnection::secure(const std::shared_ptr<ClientTls>& tls) {
    stream_ = std::make_unique<ClientStream>(tls, fd_);
}

ClientConnection::State ClientConnection::state_of(TlsStream::State state) {
    switch (state) {
        case TlsStream::State::done: return State::done;
        case TlsStream::State::again:
        case TlsStream::State::wants_input:
        case TlsStream::State::wants_output: return State::blocked;
        case TlsStream::State::ended: return State::ended;
        case TlsStream::State::failed: break;
    }
    failed_ = true;
    return State::failed;
}

ClientConnection::State ClientConnection::handshake_step() {
    TlsStream::State state;
    do state = stream_->handshake_step();
    while (state == TlsStream::State::again);
    return state_of(state);
}

}  // namespace gatehouse::core
