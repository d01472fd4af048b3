// SPDX-License-Identifier: Apache-2.0
// OpenSSL on one side, a plain socket on the other.
#include "tools/oci_emulator/tls_front.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>

namespace gatehouse::emulator {

namespace {

constexpr int most_connections = 1024;
constexpr int look_up_ms = 200;  // interval at which the end is checked
constexpr std::chrono::seconds handshake_time(10);

struct Socket {
    int fd = -1;
    explicit Socket(int which) : fd(which) {}
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() {
        if (fd >= 0) ::close(fd);
    }
};

using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;

// Waits until one of the two is ready.  Returns false at the end.
bool wait_for(pollfd* fds, nfds_t count, const std::atomic<bool>& ending) {
    for (;;) {
        if (ending) return false;
        const int ready = ::poll(fds, count, look_up_ms);
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
}

bool handshake(SSL* session, int fd, const std::atomic<bool>& ending) {
    const auto end = std::chrono::steady_clock::now() + handshake_time;
    for (;;) {
        const int done = SSL_accept(session);
        if (done == 1) return true;
        const int why = SSL_get_error(session, done);
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return false;
        pollfd one{fd, static_cast<short>(why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT), 0};
        if (ending || std::chrono::steady_clock::now() > end || ::poll(&one, 1, look_up_ms) < 0) return false;
    }
}

// Bytes in one direction.
struct Pipe {
    std::array<char, 16384> bytes;
    std::size_t start = 0, end = 0;
    bool finished = false;  // no more bytes will come
    bool empty() const { return start == end; }
};

class Relay {
public:
    Relay(SSL* session, int client, int server) : session_(session), client_(client), server_(server) {}

    void run(const std::atomic<bool>& ending) {
        while (step()) {
            std::array<pollfd, 2> fds = {pollfd{client_, client_events(), 0},
                                         pollfd{server_, server_events(), 0}};
            // poll() does not report bytes that OpenSSL has already read.
            if (up_.empty() && !up_.finished && SSL_pending(session_) > 0) continue;
            if (!wait_for(fds.data(), fds.size(), ending)) return;
        }
    }

private:
    short client_events() const {
        return static_cast<short>((up_.empty() && !up_.finished ? POLLIN : 0) |
                                  (down_.empty() ? 0 : POLLOUT));
    }
    short server_events() const {
        return static_cast<short>((down_.empty() && !down_.finished ? POLLIN : 0) |
                                  (up_.empty() ? 0 : POLLOUT));
    }

    // Returns false at the end.
    bool step() {
        ERR_clear_error();
        if (up_.empty() && !up_.finished && !read_client()) return false;
        if (!up_.empty() && !write_server()) return false;
        if (down_.empty() && !down_.finished && !read_server()) return false;
        if (!down_.empty() && !write_client()) return false;
        if (!down_.finished || !down_.empty()) return true;
        SSL_shutdown(session_);
        return false;
    }

    bool read_client() {
        const int got = SSL_read(session_, up_.bytes.data(), static_cast<int>(up_.bytes.size()));
        if (got > 0) {
            up_.start = 0;
            up_.end = static_cast<std::size_t>(got);
            return true;
        }
        const int why = SSL_get_error(session_, got);
        if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return true;
        up_.finished = true;
        ::shutdown(server_, SHUT_WR);
        return why == SSL_ERROR_ZERO_RETURN;
    }

    bool write_server() {
        const ssize_t put = ::send(server_, up_.bytes.data() + up_.start, up_.end - up_.start, MSG_NOSIGNAL);
        if (put < 0) return errno == EAGAIN || errno == EINTR;
        up_.start += static_cast<std::size_t>(put);
        return true;
    }

    bool read_server() {
        const ssize_t got = ::recv(server_, down_.bytes.data(), down_.bytes.size(), 0);
        if (got < 0) return errno == EAGAIN || errno == EINTR;  // a reset: close without an error
        down_.start = 0;
        down_.end = static_cast<std::size_t>(got);
        down_.finished = got == 0;
        return true;
    }

    bool write_client() {
        const int put =
            SSL_write(session_, down_.bytes.data() + down_.start, static_cast<int>(down_.end - down_.start));
        if (put > 0) {
            down_.start += static_cast<std::size_t>(put);
            return true;
        }
        const int why = SSL_get_error(session_, put);
        return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
    }

    SSL* session_;
    int client_, server_;
    Pipe up_, down_;
};

void make_non_blocking(int fd) {
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int connect_to(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
    if (fd >= 0) ::close(fd);
    return -1;
}

Result<int> listen_on(const std::string& address, std::uint16_t& port) {
    const std::size_t colon = address.rfind(':');
    if (colon == std::string::npos) return Error{ErrorKind::bad_config, address + " is not HOST:PORT"};
    std::string host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    if (::getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &found) != 0)
        return Error{ErrorKind::bad_config, "unknown address " + address};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, ::freeaddrinfo);
    const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || ::bind(fd, found->ai_addr, found->ai_addrlen) != 0 || ::listen(fd, 512) != 0) {
        if (fd >= 0) ::close(fd);
        return Error{ErrorKind::bad_config, "cannot listen on " + address + ": " + std::strerror(errno)};
    }
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size);
    port = ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port
                                             : reinterpret_cast<sockaddr_in*>(&bound)->sin_port);
    return fd;
}

// Reads the certificates of `pem` in order.  The first is the server's own.
bool use_certificates(SSL_CTX* context, const std::string& pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    bool first = true;
    while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
        const std::unique_ptr<X509, decltype(&X509_free)> owned(one, X509_free);
        if (first ? SSL_CTX_use_certificate(context, one) != 1 : SSL_CTX_add1_chain_cert(context, one) != 1)
            return false;
        first = false;
    }
    ERR_clear_error();
    return !first;
}

bool use_key(SSL_CTX* context, const std::string& pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(
            bio.get(), nullptr, [](char*, int, int, void*) { return 0; }, nullptr),
        EVP_PKEY_free);
    return key && SSL_CTX_use_PrivateKey(context, key.get()) == 1 && SSL_CTX_check_private_key(context) == 1;
}

}  // namespace

GeneratedTls generate_tls(const std::vector<std::string>& names) {
    const Credential ca = make_credential({.common_name = "Emulated Authority", .authority = true}, nullptr,
                                          std::chrono::hours(24 * 365));
    const Credential server =
        make_credential({.common_name = "oci_emulator", .names = names}, &ca, std::chrono::hours(24 * 30));
    return {{to_pem(server.certificate), private_pem(server.key)}, to_pem(ca.certificate)};
}

TlsFront::~TlsFront() {
    ending_ = true;
    if (acceptor_.joinable()) acceptor_.join();
    while (running_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (listener_ >= 0) ::close(listener_);
}

Result<void> TlsFront::start(const std::string& address, const TlsIdentity& identity, std::uint16_t target) {
    context_ = std::shared_ptr<SSL_CTX>(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // A close without close_notify counts as a close.
    SSL_CTX_set_options(context_.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (!use_certificates(context_.get(), identity.certificate_pem) ||
        !use_key(context_.get(), identity.key_pem))
        return Error{ErrorKind::bad_config,
                     "the TLS certificate and key are not a matching pair in PEM form"};
    const auto listener = listen_on(address, port_);
    if (!listener) return listener.error();
    listener_ = *listener;
    target_ = target;
    acceptor_ = std::thread([this] { accept_all(); });
    return {};
}

void TlsFront::accept_all() {
    for (pollfd one{listener_, POLLIN, 0}; wait_for(&one, 1, ending_);) {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) continue;
        if (running_ >= most_connections) {
            ::close(client);
            continue;
        }
        ++running_;
        std::thread([this, client] {
            serve(client);
            --running_;
        }).detach();
    }
}

void TlsFront::serve(int client_fd) {
    const Socket client(client_fd);
    make_non_blocking(client.fd);
    const Session session(SSL_new(context_.get()), SSL_free);
    if (!session || SSL_set_fd(session.get(), client.fd) != 1 ||
        !handshake(session.get(), client.fd, ending_))
        return;
    const Socket server(connect_to(target_));
    if (server.fd < 0) return;
    make_non_blocking(server.fd);
    Relay(session.get(), client.fd, server.fd).run(ending_);
}

}  // namespace gatehouse::emulator
