// SPDX-License-Identifier: Apache-2.0
// Connection's handling of request bodies: requested, announced, counted and read.
#include "core/net/server/connection.hpp"

#include <utility>

namespace gatehouse::core {
namespace {

// A body is held together with its translation for the upstream.
constexpr std::size_t copies_of_body = 2;

Error no_room() {
    return {.kind = ErrorKind::unavailable,
            .message = "the gateway has reached its memory limit",
            .detail = "memory_limit",
            .retry_after_seconds = 1};
}

}  // namespace

void Connection::read_body(std::size_t limit) {
    if (!is_running() || body_state_.wanted) return;
    body_state_.wanted = true;
    body_limit_ = limit;
    if (!in_on_request_) start_body();  // during on_request the listener is not known yet
}

/// Reserves memory for a body of this size before it is read.  Returns false if the limit is reached.
bool Connection::reserve(std::size_t size) {
    const std::size_t wanted = copies_of_body * size;
    if (!held_.try_add(wanted - reserved_)) return false;
    reserved_ = wanted;
    return true;
}

void Connection::start_body() {
    if (body_state_.stage == BodyStage::none) {
        body_.start_length(0);
        return body_progress(true);
    }
    if (body_state_.stage != BodyStage::announced) return;
    if (request_.content_length.value_or(0) > body_limit_) {
        Error error{ErrorKind::too_large,
                    "the body is larger than " + std::to_string(body_limit_) + " bytes"};
        return body_failed(std::move(error));
    }
    if (!reserve(request_.content_length.value_or(0))) return body_failed(no_room());
    body_state_.stage = BodyStage::reading;
    body_start_ = owner_.now;
    if (request_.chunked)
        body_.start_chunked(body_limit_);
    else
        body_.start_length(*request_.content_length);
    read_deadline_ = body_start_ + owner_.limits.body_timeout;
    feed_body();
    if (body_state_.stage != BodyStage::reading) return;
    if (eof_.seen()) return body_failed(refusal("the request ended within its body"));
    if (request_.expects_continue && !response_.begun()) output_.append("HTTP/1.1 100 Continue\r\n\r\n");
    owner_.schedule(*this);
}

void Connection::feed_body() {
    std::string_view bytes = input_.view();
    const std::size_t before = bytes.size();
    auto complete = body_.feed(bytes);
    input_.consume(before - bytes.size());
    if (!complete) return body_failed(complete.error());
    body_progress(*complete);
}

void Connection::body_progress(bool complete) {
    received_ = body_.size();
    if (complete) {
        body_state_.stage = BodyStage::done;
        read_deadline_ = never;
        return tell([&](RequestListener& listener) { listener.on_body(body_.take()); });
    }
    if (request_.chunked && !reserve(body_.size())) return body_failed(no_room());
    const std::uint64_t expected = request_.content_length.value_or(received_);
    read_deadline_ = body_start_ + owner_.limits.body_timeout +
                     owner_.limits.body_timeout_per_mb * static_cast<std::int64_t>(expected >> 20);
}

void Connection::body_failed(Error error) {
    body_state_.stage = BodyStage::failed;
    read_deadline_ = never;
    body_ = BodyReader();
    tell([&](RequestListener& listener) { listener.on_body_error(std::move(error)); });
}

}  // namespace gatehouse::core
