// SPDX-License-Identifier: Apache-2.0
// Without Nagle's delay, as any gateway has it.
#include "tools/benchmark/sockets.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

namespace gatehouse::benchmark {

namespace {

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<in_port_t>(port));
    return address;
}

void send_at_once(int socket) {
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

void make_nonblocking(int file) {
    const int flags = fcntl(file, F_GETFL);
    if (flags < 0 || fcntl(file, F_SETFL, flags | O_NONBLOCK) < 0) fail("fcntl");
}

int listen_on_loopback(int& port) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (listener < 0 || bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0) fail("bind");
    if (listen(listener, 8192) != 0) fail("listen");
    if (getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) fail("getsockname");
    port = ntohs(address.sin_port);
    return listener;
}

int accept_client(int listener) {
    const int client = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0 && errno != EAGAIN && errno != ECONNABORTED) fail("accept");
    if (client >= 0) send_at_once(client);
    return client;
}

int connect_to_loopback(int port) {
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (client < 0) fail("socket");
    send_at_once(client);
    const sockaddr_in address = loopback(port);
    if (connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
        errno == EINPROGRESS)
        return client;
    close(client);
    return -1;
}

}  // namespace gatehouse::benchmark
