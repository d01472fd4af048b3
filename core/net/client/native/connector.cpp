// SPDX-License-Identifier: Apache-2.0
#include "core/net/client/native/connector.hpp"

#include "core/net/socket_option.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace gatehouse::core {

namespace {

// Per address, before the next address is tried too.
constexpr std::chrono::milliseconds address_patience{250};
constexpr int keep_alive_probe_seconds = 60;

bool is_connected(int fd) {
    sockaddr_storage peer;
    socklen_t size = sizeof peer;
    return ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
}

}  // namespace

/// A socket that is connecting to one address.
class Connector::Try final : public EdgeWatcher {
public:
    Try(Connector& connector, int fd) : connector_(connector), fd_(fd) {}
    ~Try() {
        if (fd_ < 0) return;
        connector_.loop_.unwatch(fd_);
        ::close(fd_);
    }
    Try(const Try&) = delete;
    Try& operator=(const Try&) = delete;

    void on_edge(Edge) override {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error)
            connector_.failed(*this, error);
        else if (is_connected(fd_))
            connector_.connected(*this);
    }
    int release() { return std::exchange(fd_, -1); }

private:
    Connector& connector_;
    int fd_;
};

Connector::Connector(Loop& loop, Addresses addresses, std::uint16_t port, Listener& listener)
    : loop_(loop), addresses_(std::move(addresses)), port_(port), listener_(listener) {}

Connector::~Connector() { loop_.cancel(timer_); }

/// Opens a socket that connects or is connected.  Returns errno on failure.
int Connector::open(int& fd) {
    Address address = (*addresses_)[next_++];
    address.set_port(port_);
    fd = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (fd < 0) return errno;
    set_socket_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_socket_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_socket_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, keep_alive_probe_seconds);
    set_socket_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, keep_alive_probe_seconds);
    if (::connect(fd, address.data(), address.size()) == 0 || errno == EINPROGRESS) return 0;
    return errno;
}

void Connector::try_next() {
    loop_.cancel(std::exchange(timer_, 0));
    while (next_ < addresses_->size()) {
        int fd = -1;
        int error = open(fd);
        auto one = std::make_unique<Try>(*this, fd);
        if (!error && !loop_.watch_edges(fd, *one)) error = EMFILE;
        if (error) {
            if (!first_error_) first_error_ = error;
            continue;
        }
        tries_.push_back(std::move(one));
        if (next_ < addresses_->size())
            timer_ = loop_.after(address_patience, [this] {
                timer_ = 0;
                try_next();
            });
        return;
    }
    if (tries_.empty()) listener_.on_unreachable(first_error_);
}

void Connector::connected(Try& which) { listener_.on_connected(which.release()); }

void Connector::failed(Try& which, int os_error) {
    if (!first_error_) first_error_ = os_error;
    std::erase_if(tries_, [&](const auto& each) { return each.get() == &which; });
    try_next();
}

}  // namespace gatehouse::core
