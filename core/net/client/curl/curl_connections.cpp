// SPDX-License-Identifier: Apache-2.0
// CurlHttpClient's connections: their sockets on the loop, their owners, and the end of idle
// connections.
#include "core/net/client/curl/curl_http_client.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace gatehouse::core {

namespace {

constexpr std::chrono::seconds curl_sweep_interval{10};
constexpr std::chrono::milliseconds sweep_soon{
    1'100};  // libcurl checks for dead connections at most once a second

int local_port_of(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return -1;
    if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in&>(address).sin_port);
    if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6&>(address).sin6_port);
    return -1;
}

/// Whether a connection has unread bytes, the end or an error.
bool has_news(int fd) {
    char byte;
    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || (errno != EAGAIN && errno != EINTR);
}

curl_socket_t open_nothing(void*, curlsocktype, curl_sockaddr*) { return CURL_SOCKET_BAD; }

}  // namespace

/// Makes a connected socket whose peer is closed, so that reads return the end.
int CurlHttpClient::make_dead_socket() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    ::close(ends[1]);
    return ends[0];
}

CurlTransfer* CurlHttpClient::transfer_of(CURL* easy) {
    char* transfer = nullptr;
    curl::easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    return reinterpret_cast<CurlTransfer*>(transfer);
}

/// Marks the connection of an ended transfer as idle, if it is still open.
void CurlHttpClient::leave(CurlTransfer& transfer) {
    const int fd = transfer.socket();
    if (fd < 0 || socket(fd).owner != &transfer) return;
    socket(fd).owner = nullptr;
    socket(fd).idle_since = Clock::now();
    schedule_sweep(curl_sweep_interval);
}

CurlHttpClient::Socket& CurlHttpClient::socket(int fd) {
    const auto index = static_cast<std::size_t>(fd);
    if (index >= sockets_.size()) sockets_.resize(index + 64);
    return sockets_[index];
}

curl_socket_t CurlHttpClient::open(const curl_sockaddr& address) {
    const int fd = ::socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
    if (fd < 0) return CURL_SOCKET_BAD;
    // libcurl closes a socket that failed to connect without a callback.  If the socket for the
    // next address gets the same number, the loop no longer watches it.
    if (const Socket& known = socket(fd); known.watched) {
        loop_.unwatch(fd);
        watch(fd, known.watched);
    }
    return fd;
}

int CurlHttpClient::close(void* self, curl_socket_t fd) noexcept {
    static_cast<CurlHttpClient*>(self)->forget(fd);
    return ::close(fd);
}

void CurlHttpClient::forget(int fd) {
    Socket& known = socket(fd);
    if (known.watched) loop_.unwatch(fd);
    if (known.buried) --buried_;
    if (auto found = connections_.find(known.ends); found != connections_.end() && found->second == fd)
        connections_.erase(found);
    known = Socket{};
}

bool CurlHttpClient::claim(CurlTransfer& transfer, std::uint64_t ends, int local_port,
                           const std::vector<int>& opened) {
    for (int fd : opened) {
        if (local_port_of(fd) != local_port) continue;
        socket(fd).ours = true;
        socket(fd).ends = ends;
        connections_[ends] = fd;
        break;
    }
    const auto found = connections_.find(ends);
    if (found == connections_.end()) return true;
    const int fd = found->second;
    socket(fd).owner = &transfer;
    transfer.set_socket(fd);
    if (!opened.empty()) return true;
    // libcurl would reuse a connection with waiting bytes, and parse them as the response to this
    // request.
    return !has_news(fd);
}

int CurlHttpClient::on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void*) noexcept {
    auto& upstream = *static_cast<CurlHttpClient*>(self);
    Socket& known = upstream.socket(fd);
    if (what == CURL_POLL_REMOVE) {
        known.wanted = 0;
        // A connection stays watched, because it is usually reused soon.  on_ready() stops the
        // watch if an event comes before that.
        if (known.ours) return 0;
        if (known.watched) upstream.loop_.unwatch(fd);
        known = Socket{};
        return 0;
    }
    known.owner = transfer_of(easy);
    if (known.owner) known.owner->set_socket(fd);
    known.wanted = static_cast<std::uint8_t>(what & (CURL_POLL_IN | CURL_POLL_OUT));
    if (known.wanted != known.watched) upstream.watch(fd, known.wanted);
    return 0;
}

/// A transfer whose descriptor cannot be watched ends by its timeout, because an exception must
/// not pass through libcurl.
void CurlHttpClient::watch(int fd, std::uint8_t events) {
    try {
        loop_.watch(fd, events & CURL_POLL_IN, events & CURL_POLL_OUT, *this);
        socket(fd).watched = events;
    } catch (...) {
        socket(fd).watched = 0;
    }
}

void CurlHttpClient::on_ready(int fd, bool readable, bool writable) {
    Socket& known = socket(fd);
    if (!known.watched) return;
    if (known.wanted) {
        run(fd, (readable ? CURL_CSELECT_IN : 0) | (writable ? CURL_CSELECT_OUT : 0));
        return settle();
    }
    // The event is unexpected.  Its transfer is paused and will read when it resumes, or its idle
    // connection was closed or has received bytes and cannot be reused.  The event may also be
    // outdated, for bytes that have been read since; the watch may stay then.
    const bool idle = known.ours && !known.owner, silent = idle && !has_news(fd);
    if (silent && known.watched == CURL_POLL_IN) return;
    known.watched = 0;
    loop_.unwatch(fd);
    if (idle && !silent) bury(fd);
}

/// Ends an idle connection.  libcurl owns it and has no call to close it, but checks whether a
/// connection has ended before it reuses it.  Therefore the descriptor is replaced by an ended
/// socket.
void CurlHttpClient::bury(int fd) {
    Socket& known = socket(fd);
    if (known.buried || dead_ < 0 || dup3(dead_, fd, O_CLOEXEC) < 0) return;
    known.buried = true;
    ++buried_;
    schedule_sweep(sweep_soon);
}

// --- idle connections --------------------------------------------------------

void CurlHttpClient::schedule_sweep(std::chrono::milliseconds delay) {
    const auto at = Clock::now() + delay;
    if (sweep_timer_ && sweep_at_ <= at) return;
    loop_.cancel(sweep_timer_);
    sweep_at_ = at;
    sweep_timer_ = loop_.after(delay, [this] {
        sweep_timer_ = 0;
        sweep();
    });
}

/// Closes connections that have been idle for long, or have ended.  libcurl closes dead
/// connections only when a transfer starts.  Without traffic, a transfer that cannot get a socket
/// makes libcurl do so.
void CurlHttpClient::sweep() {
    const auto now = Clock::now();
    bool more = false;
    for (std::size_t fd = 0; fd < sockets_.size(); ++fd) {
        Socket& known = sockets_[fd];
        if (!known.ours || known.owner || known.wanted || known.buried) continue;
        if (known.idle_since + max_connection_idle_time > now) {
            more = true;
            continue;
        }
        if (known.watched) loop_.unwatch(static_cast<int>(fd));
        known.watched = 0;
        bury(static_cast<int>(fd));
    }
    if (buried_ && !sweeping_) {
        if (!sweeper_) {
            sweeper_ = curl::easy_init();
            if (!sweeper_) return;
            curl::easy_setopt(sweeper_, CURLOPT_NOSIGNAL, 1L);
            curl::easy_setopt(sweeper_, CURLOPT_PROXY, "");
            curl::easy_setopt(sweeper_, CURLOPT_URL, "http://127.0.0.1:1/");
            curl::easy_setopt(sweeper_, CURLOPT_OPENSOCKETFUNCTION, &open_nothing);
        }
        sweeping_ = curl::multi_add_handle(multi_, sweeper_) == CURLM_OK;
        settle();
    }
    if (buried_)
        schedule_sweep(sweep_soon);
    else if (more)
        schedule_sweep(curl_sweep_interval);
}

}  // namespace gatehouse::core
