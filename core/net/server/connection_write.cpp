// SPDX-License-Identifier: Apache-2.0
// The writing half of Connection: responses, back-pressure, timeouts and the end.
#include "core/net/server/connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace gatehouse::core {
namespace {

constexpr std::size_t joined = 16 * 1024;  // a body up to this size is sent with its head
constexpr std::chrono::seconds linger_time{5};
constexpr std::chrono::seconds first_words{
    1};  // time for the request of a client that connected just before the server stops

ResponseState::Framing framing_of(bool bodiless, bool chunked) {
    using Framing = ResponseState::Framing;
    if (bodiless) return Framing::bodiless;
    return chunked ? Framing::chunked : Framing::until_close;
}

}  // namespace

// --- Client: sets flags and appends bytes; process_input() and flush_output() do the rest ---

void Connection::respond(http::Response response) {
    if (!is_running() || response_.begun()) return;
    response_.framing = Framing::complete;
    response_.ended = true;
    sent_ = response.body.size();
    write_complete(std::move(response), head_->method == "HEAD");
    owner_.schedule(*this);
}

void Connection::begin(const http::ResponseHead& head) {
    if (!is_running() || response_.begun()) return;
    const bool chunked = !request_.http_1_0 && !is_bodiless(head.status);
    response_.framing = framing_of(head_->method == "HEAD" || is_bodiless(head.status), chunked);
    decide_close();
    std::string text;
    write_head(text, head, {request_.http_1_0, close_.wanted, chunked, {}}, owner_.date.get());
    output_.take(std::move(text));
    owner_.schedule(*this);
}

bool Connection::write(std::string_view bytes) {
    if (!is_running() || !response_.begun() || broken_) return true;
    sent_ += bytes.size();
    if (!bytes.empty() && response_.framing != Framing::bodiless) {
        if (response_.framing == Framing::chunked) {
            char size[24];
            char* end = std::to_chars(size, size + 16, bytes.size(), 16).ptr;
            *end++ = '\r';
            *end++ = '\n';
            output_.append({size, static_cast<std::size_t>(end - size)}, bytes, "\r\n");
        } else {
            output_.append(bytes);
        }
    }
    owner_.schedule(*this);
    const std::size_t limit = owner_.limits.client_buffer_bytes;
    if (output_.size() > limit && !socket_.blocked) {
        switch (send_output()) {
            case WriteQueue::Sent::all: break;
            case WriteQueue::Sent::blocked: socket_.blocked = true; break;  // flush() requests the event
            case WriteQueue::Sent::failed: broken_ = true; break;
        }
    }
    if (output_.size() <= limit) return true;
    response_.throttled = true;
    return false;
}

void Connection::end() {
    if (!is_running() || !response_.begun()) return;
    if (response_.framing == Framing::chunked) output_.append("0\r\n\r\n");
    response_.ended = true;
    owner_.schedule(*this);
}

void Connection::abort() {
    if (!is_running()) return;
    response_.ended = true;
    close_.wanted = true;
    close_.reset = response_.framing == Framing::until_close;
    owner_.schedule(*this);
}

// --- writing ----------------------------------------------------------------------

/// Decides whether the connection can serve another request after this response.
void Connection::decide_close() {
    // An unread body that is already buffered does not prevent reuse.
    if (body_state_.stage == BodyStage::announced && !request_.chunked &&
        *request_.content_length <= input_.size()) {
        input_.consume(static_cast<std::size_t>(*request_.content_length));
        body_state_.stage = BodyStage::done;
    }
    if (body_state_.unfinished()) close_.wanted = close_.linger = true;
    if (response_.framing == Framing::until_close || !request_.keep_alive || owner_.draining ||
        (eof_.seen() && input_.empty()))
        close_.wanted = true;
}

void Connection::write_complete(http::Response response, bool head_only) {
    decide_close();
    ResponseFraming framing{request_.http_1_0, close_.wanted, false, {}};
    const bool bodiless = is_bodiless(response.head.status);
    if (!bodiless) framing.content_length = response.body.size();
    if (head_only || bodiless) response.body.clear();
    if (response.body.size() <= joined) framing.room = response.body.size();
    std::string text;
    write_head(text, response.head, framing, owner_.date.get());
    if (response.body.size() <= joined) {
        text += response.body;
        output_.take(std::move(text));
    } else {
        output_.take(std::move(text));
        output_.take(std::move(response.body));
    }
}

void Connection::refuse(const Error& error, std::string_view path) {
    http::Response response;
    try {
        response = owner_.application.refuse(error, path);
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

void Connection::flush() {
    // Further responses may follow at once if the client pipelines requests.
    if (response_.ended && output_.size() <= joined && !input_.empty()) return;
    if (!output_.empty() && !socket_.blocked) {
        owner_.application.before_bytes_go();
        const std::size_t before = output_.size();
        const WriteQueue::Sent sent = send_output();
        if (sent == WriteQueue::Sent::failed) return gone();
        socket_.blocked = sent == WriteQueue::Sent::blocked;
        if (output_.size() < before) stall_deadline_ = never;
        const std::size_t limit = owner_.limits.client_buffer_bytes;
        if (before > limit && output_.size() <= limit) owner_.schedule(*this);  // the next request may begin
    }
    if (output_.empty()) {
        stall_deadline_ = never;
    } else if (stall_deadline_ == never) {
        stall_deadline_ = owner_.now + owner_.limits.client_stall;
    }
    if (socket_.blocked) owner_.want_writable(*this);
    if (response_.throttled && output_.size() <= owner_.limits.client_buffer_bytes / 2) {
        response_.throttled = false;
        tell([](RequestListener& listener) { listener.on_writable(); });
    }
    if (phase_ == Phase::closing) continue_closing();
}

// --- the end ------------------------------------------------------------------------

void Connection::finish_request() {
    const auto listener = std::exchange(
        listener_, nullptr);  // kept until the end of this call, which may hold the last reference
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
    read_deadline_ = std::min(read_deadline_, owner_.now + first_words);
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

// --- timeouts ------------------------------------------------------------------------

/// One timer serves all deadlines.  A later deadline does not reset the timer; the timer checks it
/// when it fires.
void Connection::arm() {
    const TimePoint next = std::min(read_deadline_, stall_deadline_);
    if (next >= timer_at_) return;
    owner_.timeouts.cancel(timer_);
    timer_ = owner_.wake(*this, next);
    timer_at_ = next;
}

void Connection::on_timer() {
    timer_ = 0;
    timer_at_ = never;
    if (closed()) return;
    owner_.schedule(*this);
    if (owner_.now >= stall_deadline_) return close_now(true);
    if (owner_.now < read_deadline_) return;
    read_deadline_ = never;
    switch (phase_) {
        case Phase::head:
            if (!head_started_ && !output_.empty()) {  // the client still reads the last response
                read_deadline_ = owner_.now + owner_.limits.keep_alive;
                return;
            }
            if (!head_started_) return close_now(false);
            return refuse(refusal("the head of the request took too long", 408), path_of(input_.view()));
        case Phase::request:
            if (body_state_.stage == BodyStage::reading)
                body_failed(refusal("the body of the request took too long", 408));
            return;
        case Phase::closing: return close_now(false);
        case Phase::closed: return;
    }
}

}  // namespace gatehouse::core
