// SPDX-License-Identifier: Apache-2.0
// Connection's events: of the socket, of the worker's turn and of the timer.
#include "core/net/server/connection.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace gatehouse::core {
namespace {

// Measured bytes: a connection's map entries and its peer; a request's flow, its transfer and the
// plugins' objects for it.
constexpr std::size_t per_connection = 512, per_request = 24 * 1024;

}  // namespace

Connection::Connection(ConnectionOwner& owner, int fd, std::uint64_t id, std::string peer)
    : owner_(owner),
      fd_(fd),
      id_(id),
      peer_(std::move(peer)),
      scanner_(owner.limits.max_header_bytes, owner.limits.max_headers),
      read_deadline_(owner.now + owner.limits.header_timeout),
      stall_deadline_(never),
      linger_end_(never),
      body_start_(never),
      timer_at_(never) {
    if (owner_.tls) security_ = Security::opening;
}

void Connection::on_ready(bool readable, bool writable, bool hangup, bool fin) {
    if (writable) socket_.blocked = false;
    if (readable || hangup || fin || !writable) socket_.unread = true;
    socket_.news |= socket_.unread;
    socket_.hangup |= hangup;
    if (fin) eof_.hint();
    if (channel_) channel_->news(fin);
    owner_.schedule(*this);
}

void Connection::process_input() {
    assert_legal();
    if (closed()) return;
    if (broken_ || socket_.hangup) return gone();
    if (before_tls()) return wait_for_turn();
    if (response_.ended) finish_request();
    if (!closed()) parse_input();
    if (!closed() && socket_.unread && wants_bytes()) {
        if (channel_ && phase_ != Phase::closing)
            receive_tls();
        else
            receive();
    }
    if (phase_ == Phase::request && socket_.unread && socket_.news && !wants_bytes()) look_for_fin();
}

void Connection::flush_output() {
    assert_legal();
    if (closed() || before_tls()) return;
    flush();
    if (!closed()) arm();
    if (!closed()) count_held();
    assert_legal();
}

void Connection::assert_legal() const {
    // A broken connection is closed in its next step, whatever its state.
    assert(broken_ || state().legal());
}

void Connection::count_held() {
    held_.set(sizeof *this + per_connection + (channel_ ? channel_->size() : 0) + input_.size() +
              output_.size() + reserved_ + (listener_ ? per_request : 0));
}

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
