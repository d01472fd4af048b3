// SPDX-License-Identifier: Apache-2.0
#include "core/net/listening.hpp"

#include "core/net/socket_option.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <memory>
#include <system_error>
#include <utility>

namespace gatehouse::core {
namespace {

constexpr int backlog = 4096;

struct ListenAddress {
    std::string host, port;
};

/// Splits "host:port", or returns an error.
Result<ListenAddress> split(const std::string& listen) {
    auto wrong = [&](const std::string& why) {
        return Error{ErrorKind::bad_config, "cannot listen on \"" + listen + "\": " + why};
    };
    const std::size_t colon = listen.rfind(':');
    if (colon == std::string::npos || colon == 0 || (listen[0] == '[') != (listen[colon - 1] == ']') ||
        (listen[0] != '[' && listen.find(':') != colon))
        return wrong("it must be host:port, such as 127.0.0.1:8050 or [::1]:8050");
    unsigned port = 0;
    const char* end = listen.data() + listen.size();
    const auto read = std::from_chars(listen.data() + colon + 1, end, port);
    if (read.ec != std::errc() || read.ptr != end || port > 65535)
        return wrong("the port must be a number from 0 to 65535");
    ListenAddress address{listen.substr(0, colon), std::to_string(port)};
    if (listen[0] == '[') address.host = listen.substr(1, colon - 2);
    // localhost may resolve to ::1 only, which many clients do not try.
    if (address.host == "localhost") address.host = "127.0.0.1";
    return address;
}

// Otherwise the kernel would buffer megabytes for each client that does not read.
constexpr int unsent_bytes = 128 * 1024;

/// Sets the options that accepted sockets inherit: no delay, and a small send buffer.
void prepare(int fd) {
    set_socket_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_socket_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent_bytes);
}

/// Returns a listening socket, or -1 and errno.
int open_on(const addrinfo& where) {
    const int fd = ::socket(where.ai_family, where.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    set_socket_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    // [::] includes IPv4.
    if (where.ai_family == AF_INET6) set_socket_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    prepare(fd);
    if (::bind(fd, where.ai_addr, where.ai_addrlen) == 0 && ::listen(fd, backlog) == 0) return fd;
    const int why = errno;
    ::close(fd);
    errno = why;
    return -1;
}

std::string words_of(int error) { return std::error_code(error, std::generic_category()).message(); }

}  // namespace

Result<int> listen_on(const std::string& listen) {
    const auto address = split(listen);
    if (!address) return address.error();
    auto failed = [&](const std::string& why) {
        return Error{ErrorKind::bad_config, "cannot listen on \"" + listen + "\": " + why};
    };
    addrinfo wanted{};
    wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(address->host.c_str(), address->port.c_str(), &wanted, &found) != 0 || !found)
        return failed("the host name cannot be resolved");
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, &::freeaddrinfo);
    int error = 0;
    for (const addrinfo* one = found; one; one = one->ai_next) {
        if (const int fd = open_on(*one); fd >= 0) return fd;
        error = errno;
    }
    return failed(words_of(error));
}

Result<void> adopt_listening(int fd) {
    int type = 0;
    socklen_t size = sizeof type;
    // A second listen() only sets the backlog.
    if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM ||
        ::listen(fd, backlog) != 0)
        return Error{ErrorKind::bad_config, "the inherited descriptor " + std::to_string(fd) +
                                                " is not a stream socket that can listen"};
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    prepare(fd);
    return {};
}

std::uint16_t port_of(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
    if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6&>(address).sin6_port);
    if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in&>(address).sin_port);
    return 0;
}

}  // namespace gatehouse::core
