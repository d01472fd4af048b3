// SPDX-License-Identifier: Apache-2.0
#include "core/net/acceptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace gatehouse::core {
namespace {

constexpr int accepts_at_once = 256;  // accepts before it checks for a stop
constexpr int pause_ms = 10;          // between two attempts without descriptors
constexpr std::chrono::seconds shortage_patience{1};

int open_reserve() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

void close_if_open(int& fd) {
    if (fd >= 0) ::close(std::exchange(fd, -1));
}

}  // namespace

Acceptor::Acceptor(int listening, bool inherited, Deliver deliver)
    : listening_(listening),
      inherited_(inherited),
      shared_(inherited),
      deliver_(std::move(deliver)),
      stop_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      reserve_(open_reserve()) {
    try {
        if (stop_fd_ < 0) throw std::system_error(errno, std::generic_category());
        thread_ = std::thread([this] { run(); });
    } catch (...) {
        close_if_open(listening_);
        close_if_open(stop_fd_);
        close_if_open(reserve_);
        throw;
    }
}

void Acceptor::stop() {
    if (!thread_.joinable()) return;
    const std::uint64_t one = 1;
    (void)!::write(stop_fd_, &one, sizeof one);
    thread_.join();
    close_if_open(listening_);
    close_if_open(stop_fd_);
    close_if_open(reserve_);
}

int Acceptor::share() {
    shared_ = true;
    return listening_;
}

bool Acceptor::told_to_stop(int milliseconds) const {
    pollfd stop{stop_fd_, POLLIN, 0};
    return ::poll(&stop, 1, milliseconds) > 0;
}

void Acceptor::run() {
    for (;;) {
        pollfd events[] = {{listening_, POLLIN, 0}, {stop_fd_, POLLIN, 0}};
        if (::poll(events, 2, -1) < 0 && errno != EINTR) return;
        const bool stops = events[1].revents != 0;
        if (stops && shared_) return;
        Outcome outcome = Outcome::accepted;
        for (int i = 0; i < accepts_at_once && outcome == Outcome::accepted; ++i) outcome = accept_one();
        if (outcome != Outcome::shortage)
            shortage_since_.reset();
        else if (!told_to_stop(pause_ms))
            go_short();
        if (stops || outcome == Outcome::broken) return;
    }
}

Acceptor::Outcome Acceptor::accept_one() {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const int fd =
        ::accept4(listening_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
        try {
            deliver_(fd, peer);
        } catch (...) {
            ::close(fd);
        }
        return Outcome::accepted;
    }
    switch (errno) {
        case EAGAIN: return Outcome::none;
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM: return Outcome::shortage;
        case EBADF:
        case EINVAL:
        case ENOTSOCK: return Outcome::broken;
        default: return Outcome::accepted;  // this connection is lost; the next may succeed
    }
}

/// Descriptors usually become free at once, and the kernel keeps the waiting connections.
void Acceptor::go_short() {
    const auto now = std::chrono::steady_clock::now();
    if (!shortage_since_) shortage_since_ = now;
    if (now - *shortage_since_ >= shortage_patience) shed();
}

/// Without a descriptor no connection can be rejected, and the socket stays readable.  Closing the
/// reserve frees one descriptor, with which the waiting connections are accepted and closed.
void Acceptor::shed() {
    for (int i = 0; i < accepts_at_once; ++i) {
        close_if_open(reserve_);
        const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd >= 0) ::close(fd);
        reserve_ = open_reserve();
        if (fd < 0 || reserve_ < 0) return;
    }
}

}  // namespace gatehouse::core
