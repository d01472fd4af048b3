// SPDX-License-Identifier: Apache-2.0
// Connection's writing: responses and back-pressure.
#include "core/net/server/connection.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace gatehouse::core {
namespace {

constexpr std::size_t max_joined_response = 16 * 1024;  // a body up to this size is sent with its head

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
    std::string text = WriteQueue::spare();
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
    if (response.body.size() <= max_joined_response) framing.room = response.body.size();
    std::string text = WriteQueue::spare();
    write_head(text, response.head, framing, owner_.date.get());
    if (response.body.size() <= max_joined_response) {
        text += response.body;
        output_.take(std::move(text));
    } else {
        output_.take(std::move(text));
        output_.take(std::move(response.body));
    }
}

void Connection::flush() {
    // Further responses may follow at once if the client pipelines requests.
    if (response_.ended && output_.size() <= max_joined_response && !input_.empty()) return;
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
        stall_deadline_ = owner_.now + owner_.limits.client_write_timeout;
    }
    if (socket_.blocked) owner_.want_writable(*this);
    if (response_.throttled && output_.size() <= owner_.limits.client_buffer_bytes / 2) {
        response_.throttled = false;
        tell([](RequestListener& listener) { listener.on_writable(); });
    }
    if (phase_ == Phase::closing) continue_closing();
}

}  // namespace gatehouse::core
