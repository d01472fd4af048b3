// SPDX-License-Identifier: Apache-2.0
#include "core/tls/channel.hpp"

#include "core/tls/certificate_facts.hpp"
#include "core/tls/tls_fault.hpp"
#include "core/util/ascii.hpp"

#include <openssl/x509.h>

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>

namespace gatehouse::core {

namespace {

constexpr unsigned char handshake_record = 22;
constexpr std::size_t record_head_bytes = 5, max_record_bytes = 16 * 1024;
constexpr std::size_t established_bytes = 16 * 1024, shaking_bytes = 48 * 1024;

/// Whether `c` can begin a plain-text request: a letter of a method or an empty line.
bool is_text(char c) { return is_letter(c) || c == '\r' || c == '\n'; }

}  // namespace

Opening look_at_opening(int fd) {
    unsigned char head[record_head_bytes];
    const ssize_t count = ::recv(fd, head, sizeof head, MSG_PEEK | MSG_DONTWAIT);
    if (count < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? Opening::incomplete
                                                                         : Opening::gone;
    if (count == 0) return Opening::gone;
    if (is_text(static_cast<char>(head[0]))) return Opening::plain_text;
    if (head[0] != handshake_record) return Opening::nonsense;
    if (count < static_cast<ssize_t>(sizeof head)) return Opening::incomplete;
    const std::size_t size = static_cast<std::size_t>(head[3]) << 8 | head[4];
    if (size > max_record_bytes) return Opening::nonsense;
    int there = 0;
    if (::ioctl(fd, FIONREAD, &there) != 0) return Opening::handshake;
    return static_cast<std::size_t>(there) >= sizeof head + size ? Opening::handshake : Opening::incomplete;
}

TlsChannel::TlsChannel(std::shared_ptr<const ServerTls> tls, int fd, Handshakes& handshakes)
    : TlsStream(tls->context(), fd), tls_(std::move(tls)), slot_(handshakes) {
    SSL_set_accept_state(session());
}

TlsChannel::State TlsChannel::handshake_step() {
    const State state = TlsStream::handshake_step();
    if (state != State::done) return state;
    slot_.give_back();
    shown_ = shown_certificate(*session());
    return state;
}

bool TlsChannel::resumed() const { return SSL_session_reused(session()) == 1; }

std::string TlsChannel::failure() const {
    const long verified = SSL_get_verify_result(session());
    if (verified != X509_V_OK) {
        const bool foreign = fault_of_verification(verified) == TlsFault::unknown_authority;
        return std::string("the client's certificate") + (foreign ? " is not signed by client_ca: " : ": ") +
               X509_verify_cert_error_string(verified) + rejected_certificate(*session());
    }
    const std::string why = reason();
    return why.empty() ? "the client disconnected" : why;
}

std::size_t TlsChannel::size() const { return established() ? established_bytes : shaking_bytes; }

}  // namespace gatehouse::core
