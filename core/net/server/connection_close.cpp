// SPDX-License-Identifier: Apache-2.0
// Connection's end: of a request, of the connection, and of both while the server stops.
#include "core/net/server/connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace gatehouse::core {
namespace {

constexpr std::chrono::seconds linger_time{5};
// For the request of a client that connected just before the server stops.
constexpr std::chrono::seconds first_request_time{1};

}  // namespace

void Connection::refuse(const Error& error, std::string_view path) {
    http::Response response;
    try {
        response = owner_.application.refuse(error, path, peer_);
    } catch (...) {
        broken_ = true;
        return owner_.schedule(*this);
    }
    request_ = ParsedHead();
    request_.keep_alive = false;
    body_state_ = {};
    write_complete(std::move(response), false);
    begin_closing(true);
    owner_.schedule(*this);
}

void Connection::finish_request() {
    // Kept until the end of this call, which may hold the last reference.
    const auto listener = std::exchange(listener_, nullptr);
    if (body_state_.unfinished()) close_.linger = true;
    body_ = BodyReader();
    body_state_ = {};
    response_ = {};
    eof_.told = false;
    reserved_ = 0;
    if (close_.wanted) return begin_closing(close_.linger);
    phase_ = Phase::head;
    request_ = ParsedHead();
    head_.reset();
    scanner_.reset();
    head_started_ = false;
    blank_lines_ = 0;
    read_deadline_ = owner_.now + owner_.limits.keep_alive;
    if (owner_.draining) begin_closing(false);
}

void Connection::begin_closing(bool linger) {
    // Closing with unread bytes causes a reset, and the client might lose the response.
    close_.wanted = true;
    close_.linger = linger || socket_.unread || !input_.empty();
    phase_ = Phase::closing;
    read_deadline_ = never;
    input_.clear();
    owner_.schedule(*this);
}

void Connection::continue_closing() {
    if (!output_.empty()) return;
    if (close_.reset || !close_.linger || eof_.seen()) return close_now(close_.reset);
    if (close_.sent_fin) return;
    close_.sent_fin = true;
    if (channel_) channel_->say_end();
    ::shutdown(fd_, SHUT_WR);
    linger_end_ = owner_.now + linger_time;
    read_deadline_ = owner_.now + linger_idle;
    if (socket_.unread) owner_.schedule(*this);
}

void Connection::reject(const Error& error) {
    if (security_ == Security::plain) return refuse(error, {});
    broken_ = true;  // a response would need a handshake, and there are too many
    owner_.schedule(*this);
}

void Connection::drain() {
    socket_.unread = true;  // an unread request may have come
    process_input();
    flush_output();
    if (phase_ != Phase::head || head_started_ || !output_.empty()) return;
    if (!fresh_) return close_now(false);
    // A new client's request is probably on its way.
    read_deadline_ = std::min(read_deadline_, owner_.now + first_request_time);
    arm();
}

void Connection::finish_now() {
    tell([](RequestListener& listener) { listener.on_stop(); });
}

void Connection::close_hard() {
    // A complete response may still be in transit, so the connection is not reset.
    const bool running = is_running();
    if (!running && !closed() && !socket_.blocked) send_output();
    close_now(running);
}

/// The client has disconnected or cannot be served any longer.
void Connection::gone() { close_now(true); }

void Connection::close_now(bool reset) {
    if (closed()) return;
    if (reset) {
        const ::linger now{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    if (security_ == Security::tls && !reset && !close_.sent_fin && output_.empty()) channel_->say_end();
    channel_.reset();
    const bool tell_it = is_running();
    const auto listener = std::exchange(listener_, nullptr);
    phase_ = Phase::closed;
    output_.clear();
    held_.set(0);
    owner_.timeouts.cancel(std::exchange(timer_, 0));
    owner_.close(*this);
    if (!listener || !tell_it) return;
    try {
        listener->on_gone();
    } catch (...) {  // the last call of the listener; the exception is ignored
    }
}

}  // namespace gatehouse::core
