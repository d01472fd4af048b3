// SPDX-License-Identifier: Apache-2.0
#include "core/http/direct/link.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace gatehouse::core {

namespace {

Link::State state_of(int error) {
    return error == EAGAIN || error == EWOULDBLOCK ? Link::State::blocked : Link::State::failed;
}

}  // namespace

Link::Link(Loop& loop, int fd, Owner& owner) : loop_(loop), owner_(&owner), fd_(fd) {
    loop_.watch_edges(fd, *this);
}

Link::~Link() {
    loop_.unwatch(fd_);
    ::close(fd_);
}

void Link::on_edge(Edge edge) {
    ended_ |= edge.ended;
    owner_->on_link(*this, edge);
}

Link::Moved Link::read(char* bytes, std::size_t size) {
    ssize_t got;
    do got = ::recv(fd_, bytes, size, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got > 0) return {State::done, static_cast<std::size_t>(got)};
    return {got == 0 ? State::ended : state_of(errno)};
}

Link::Moved Link::write(const iovec* parts, std::size_t count) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts);
    message.msg_iovlen = count;
    ssize_t sent;
    do sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0) return {State::done, static_cast<std::size_t>(sent)};
    return {state_of(errno)};
}

bool Link::silent() {
    char byte;
    return !ended_ && ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EINTR);
}

}  // namespace gatehouse::core
