// SPDX-License-Identifier: Apache-2.0
// Connection's reading: the decision to read, heads and FIN.
#include "core/net/server/connection.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace gatehouse::core {
namespace {

constexpr int reads_per_turn = 4;     // reads of 64 KiB each; then other connections are served
constexpr int records_per_turn = 16;  // TLS records of 16 KiB each
constexpr int max_blank_lines = 8;
constexpr std::uint64_t max_discarded = 64ull << 20;

}  // namespace

bool Connection::wants_bytes() const {
    if (eof_.seen() || broken_) return false;
    switch (phase_) {
        case Phase::head: return output_.size() <= owner_.limits.client_buffer_bytes;
        case Phase::request:
            return body_state_.stage == BodyStage::reading ||
                   (body_state_.stage != BodyStage::failed &&
                    input_.size() <= owner_.limits.max_header_bytes);
        case Phase::closing: return close_.linger;
        case Phase::closed: break;
    }
    return false;
}

/// Reads until the socket is empty, as edge-triggered events require, or until the connection
/// wants no more bytes.
void Connection::receive() {
    for (int round = 0; wants_bytes(); ++round) {
        if (round == reads_per_turn) return owner_.schedule(*this);
        const bool discard = phase_ == Phase::closing;
        const bool direct = takes_directly();
        iovec parts[2];
        std::size_t used = 0, asked = 0, body_size = 0;
        if (direct) {
            const BodyReader::Room room = body_.room(owner_.scratch.size());
            parts[used++] = {room.data, room.size};
            asked = body_size = room.size;
        }
        // Bytes after the body go into scratch, so that one call can empty the socket.
        if (body_size < owner_.scratch.size()) {
            parts[used++] = {owner_.scratch.data(), owner_.scratch.size()};
            asked += owner_.scratch.size();
        }
        ssize_t count;
        if (used == 1) {
            count =
                ::recv(fd_, parts[0].iov_base, parts[0].iov_len, MSG_DONTWAIT | (discard ? MSG_TRUNC : 0));
        } else {
            msghdr message{};
            message.msg_iov = parts;
            message.msg_iovlen = used;
            count = ::recvmsg(fd_, &message, MSG_DONTWAIT);
        }
        const int error = errno;
        if (count > 0 && discard) {
            discarded_ += static_cast<std::uint64_t>(count);
            if (discarded_ > max_discarded) return close_now(true);
            if (close_.sent_fin) read_deadline_ = std::min(linger_end_, owner_.now + linger_idle);
        } else {
            received(static_cast<std::size_t>(std::max<ssize_t>(count, 0)), direct, body_size);
            if (closed()) return;
        }
        if (count == 0) {
            socket_.unread = false;
            return on_fin();
        }
        if (count < 0) {
            if (error == EINTR) continue;
            socket_.unread = false;
            eof_.drop_hint();
            if (error != EAGAIN && error != EWOULDBLOCK) gone();
            return;
        }
        // A short read has emptied the socket, unless FIN follows.
        if (static_cast<std::size_t>(count) < asked && !eof_.hinted()) {
            socket_.unread = false;
            return;
        }
    }
}

/// As receive(), with TLS.  One call reads one record of at most 16 KiB.  The socket's events do
/// not suffice, because OpenSSL may hold bytes that it has read.
void Connection::receive_tls() {
    for (int round = 0; wants_bytes() && phase_ != Phase::closing; ++round) {
        if (round == records_per_turn) return owner_.schedule(*this);
        const bool direct = takes_directly();
        BodyReader::Room room{owner_.scratch.data(), owner_.scratch.size()};
        if (direct) room = body_.room(owner_.scratch.size());
        const auto [state, count] = channel_->read(room.data, room.size);
        if (direct && state != TlsChannel::State::done) received(0, direct, room.size);
        switch (state) {
            case TlsChannel::State::done: break;
            case TlsChannel::State::again: continue;
            case TlsChannel::State::wants_output:  // OpenSSL responds to a client's key update
                socket_.blocked = true;
                return;
            case TlsChannel::State::failed: return gone();
            case TlsChannel::State::ended:
            case TlsChannel::State::wants_input:
                socket_.unread = false;
                eof_.drop_hint();
                if (state == TlsChannel::State::ended) on_fin();
                return;
        }
        received(count, direct, room.size);
        if (closed()) return;
    }
}

/// Handles `count` received bytes: if `directly`, the first are in the body's `room`, others in
/// scratch.
void Connection::received(std::size_t count, bool directly, std::size_t room) {
    if (!directly) {
        if (count == 0) return;
        input_.give({owner_.scratch.data(), count});
        parse_input();
        return input_.keep();
    }
    const std::size_t taken = std::min(count, room);
    const bool complete = body_.received(taken);
    if (count > taken) {
        input_.give({owner_.scratch.data(), count - taken});
        input_.keep();
    }
    if (count > 0) body_progress(complete);
}

/// Parses the buffered bytes.
void Connection::parse_input() {
    if (phase_ == Phase::closing) input_.clear();
    if (reads_body() && !input_.empty()) feed_body();
    if (phase_ == Phase::head && output_.size() <= owner_.limits.client_buffer_bytes) {
        if (!input_.empty()) parse();
        if (phase_ == Phase::head && eof_.seen()) {
            if (input_.empty())
                begin_closing(false);
            else
                refuse(refusal("the request ended within its head"), path_of(input_.view()));
        }
    }
}

void Connection::parse() {
    while (!head_started_ && input_.view().starts_with("\r\n")) {  // RFC 9112, 2.2
        if (++blank_lines_ > max_blank_lines)
            return refuse(refusal("too many empty lines before the request line"), {});
        input_.consume(2);
    }
    const std::string_view bytes = input_.view();
    if (bytes.empty() || (!head_started_ && bytes == "\r")) return;
    if (!head_started_) {
        head_started_ = true;
        if (!fresh_) read_deadline_ = owner_.now + owner_.limits.header_timeout;
    }
    auto size = scanner_.scan(bytes);
    if (!size) return refuse(size.error(), path_of(bytes));
    if (*size == 0) return;
    auto parsed = parse_head(bytes.substr(0, *size), owner_.limits.max_headers);
    if (!parsed) return refuse(parsed.error(), path_of(bytes));
    input_.consume(*size);
    start_request(std::move(*parsed));
}

void Connection::start_request(ParsedHead parsed) {
    request_ = std::move(parsed);
    request_.head.peer = peer_;
    if (channel_) {
        request_.head.certificate = channel_->shown().subject;
        request_.head.certificate_names = channel_->shown().names;
    }
    head_ = std::make_shared<const http::RequestHead>(std::move(request_.head));
    phase_ = Phase::request;
    fresh_ = false;
    body_state_.stage = request_.has_body() ? BodyStage::announced : BodyStage::none;
    received_ = sent_ = 0;
    read_deadline_ = never;

    in_on_request_ = true;
    try {
        listener_ = owner_.application.on_request(*this);
        if (!listener_ && !response_.ended) broken_ = true;
    } catch (...) {
        broken_ = true;
    }
    in_on_request_ = false;
    if (broken_) return owner_.schedule(*this);
    if (body_state_.wanted && !response_.ended) start_body();
    if (eof_.seen()) tell_half_close();
}

// --- FIN -----------------------------------------------------------------

void Connection::on_fin() {
    eof_.stage = Eof::Stage::seen;
    if (reads_body()) body_failed(refusal("the request ended within its body"));
    if (phase_ == Phase::request) tell_half_close();
    if (phase_ == Phase::head) parse_input();
}

void Connection::tell_half_close() {
    if (std::exchange(eof_.told, true)) return;
    tell([](RequestListener& listener) { listener.on_half_close(); });
}

/// Detects FIN without reading, while sent bytes have to wait.
void Connection::look_for_fin() {
    socket_.news = false;
    pollfd state{fd_, POLLRDHUP, 0};
    if (eof_.seen() || ::poll(&state, 1, 0) <= 0) return;
    if (state.revents & (POLLERR | POLLHUP)) return gone();
    if (state.revents & POLLRDHUP) tell_half_close();
}

}  // namespace gatehouse::core
