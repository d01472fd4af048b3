// SPDX-License-Identifier: Apache-2.0
// Connection's TLS handshake: it waits for the client's first record, for its turn, and for each
// step of the handshake.  The header timeout includes the handshake.
#include "core/net/server/connection.hpp"

#include <utility>

namespace gatehouse::core {

/// Queues the connection for its turn after an event.
void Connection::wait_for_turn() {
    if (!std::exchange(waits_for_turn_, true)) owner_.handshakes.wants_turn(id_);
    arm();
    count_held();
}

void Connection::continue_handshake() {
    waits_for_turn_ = false;
    if (closed()) return;
    if (security_ == Security::opening) open_tls();
    if (security_ != Security::handshake || closed()) return;
    switch (channel_->handshake_step()) {
        case TlsChannel::State::done:
            security_ = Security::tls;
            socket_.unread = true;
            owner_.application.handshake_done(channel_->resumed());
            return owner_.schedule(*this);
        case TlsChannel::State::again: return wait_for_turn();
        case TlsChannel::State::wants_input: return;
        case TlsChannel::State::wants_output: return owner_.want_writable(*this);
        case TlsChannel::State::ended:
        case TlsChannel::State::failed: break;
    }
    owner_.application.handshake_failed(peer_, channel_->failure());
    // OpenSSL has sent an alert.  Unread input must not cause a reset that overtakes the alert.
    without_tls();
    begin_closing(true);
}

void Connection::open_tls() {
    switch (look_at_opening(fd_)) {
        case Opening::incomplete:
            if (eof_.hinted()) gone();
            return;
        case Opening::gone: return gone();
        case Opening::plain_text: without_tls(); return refuse(refusal("this port accepts HTTPS only"), {});
        case Opening::nonsense: without_tls(); return begin_closing(true);
        case Opening::handshake: break;
    }
    if (!owner_.handshakes.may_begin(id_)) {
        waits_for_turn_ = true;
        return;
    }
    channel_ = std::make_unique<TlsChannel>(owner_.tls, fd_, owner_.handshakes);
    if (eof_.hinted()) channel_->news(true);
    security_ = Security::handshake;
    count_held();
}

void Connection::without_tls() {
    channel_.reset();
    security_ = Security::plain;
    count_held();
}

}  // namespace gatehouse::core
