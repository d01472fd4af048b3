// SPDX-License-Identifier: Apache-2.0
// libcurl's callbacks to a CurlTransfer.  No libcurl handle may be added or removed within them,
// so a listener's requests to do that are deferred until libcurl has returned.
#include "core/net/client/curl/curl_http_client.hpp"
#include "core/net/client/curl/curl_transfer.hpp"
#include "core/net/client/upstream_failure.hpp"

#include <functional>

namespace gatehouse::core {

curl_socket_t CurlTransfer::on_open(void* self, curlsocktype, curl_sockaddr* address) noexcept {
    auto& transfer = *static_cast<CurlTransfer*>(self);
    const curl_socket_t fd = transfer.upstream_.open(*address);
    if (fd >= 0) transfer.opened_.push_back(fd);
    transfer.upstream_.looked_up(transfer, true);
    return fd;
}

/// Called before the request is sent, on a new connection or on a reused one.
int CurlTransfer::on_connected(void* self, char* remote_ip, char* local_ip, int remote_port,
                               int local_port) noexcept {
    auto& transfer = *static_cast<CurlTransfer*>(self);
    if (!transfer.listener_) return CURL_PREREQFUNC_ABORT;
    transfer.upstream_.looked_up(transfer, false);
    const auto now = Clock::now();
    if (++transfer.sends_ == 1) transfer.sent_ = now;
    if (now - transfer.sent_ > TransferLimits::resend_window) {
        transfer.error_ = Error{ErrorKind::upstream, failure::no_answer};
        return CURL_PREREQFUNC_ABORT;
    }
    const std::hash<std::string_view> hash;
    std::uint64_t ends = hash(remote_ip) * 31 + hash(local_ip);
    ends =
        ends * 31 + (static_cast<std::uint64_t>(remote_port) << 16 | static_cast<std::uint64_t>(local_port));
    if (transfer.upstream_.claim(transfer, ends, local_port, transfer.opened_)) return CURL_PREREQFUNC_OK;
    transfer.stale_ = true;
    return CURL_PREREQFUNC_ABORT;
}

std::size_t CurlTransfer::on_header(char* bytes, std::size_t, std::size_t count, void* self) noexcept {
    auto& transfer = *static_cast<CurlTransfer*>(self);
    if (!transfer.listener_ || transfer.error_) return 0;
    ResponseHeadParser& head = transfer.head_;
    const bool was_started = head.started(), was_complete = head.complete(), was_within = head.within();
    if (!was_started) {
        // libcurl accepts a truncated head as a complete response.
        transfer.set_flag(CURLOPT_FORBID_REUSE, transfer.forbid_reuse_, true);
    }
    switch (head.take({bytes, count})) {
        case ResponseHeadParser::State::reading:
            // An interim response does not count as the start of the final response.
            if (was_within != head.within()) {
                transfer.limits_.enter(was_within ? TransferLimits::Stage::answer
                                                  : TransferLimits::Stage::head);
                transfer.arm();
            }
            return count;
        case ResponseHeadParser::State::broken:
            transfer.error_ =
                Error{ErrorKind::upstream, failure::no_http, "its head has " + std::string(head.fault())};
            return 0;
        case ResponseHeadParser::State::too_large:
            transfer.error_ = Error{ErrorKind::upstream, failure::head_too_large};
            return 0;
        case ResponseHeadParser::State::complete: break;
    }
    if (was_complete) return count;  // a trailer
    transfer.limits_.enter(transfer.paused_ ? TransferLimits::Stage::nothing : TransferLimits::Stage::body);
    transfer.arm();
    transfer.set_flag(CURLOPT_FORBID_REUSE, transfer.forbid_reuse_, !head.keeps_connection());
    // From here on libcurl reports bytes after the end of the response to on_debug().
    transfer.set_flag(CURLOPT_VERBOSE, transfer.verbose_, true);
    transfer.listener_->on_head(head.value());
    return transfer.after_listener(count);
}

std::size_t CurlTransfer::on_body(char* bytes, std::size_t, std::size_t count, void* self) noexcept {
    auto& transfer = *static_cast<CurlTransfer*>(self);
    if (!transfer.listener_ || transfer.error_ || !transfer.head_.complete()) return 0;
    transfer.limits_.heard(Clock::now());
    transfer.listener_->on_body({bytes, count});
    if (transfer.listener_) transfer.listener_->on_waiting();
    return transfer.after_listener(count);
}

/// Handles a listener that has cancelled or paused the transfer in its call.
std::size_t CurlTransfer::after_listener(std::size_t taken) {
    if (!listener_) return 0;
    if (paused_ && !stopped_) {
        stopped_ = true;
        curl::easy_pause(easy_, CURLPAUSE_RECV);
    }
    return taken;
}

/// libcurl drops bytes after the end of a response, but reuses the connection after a chunked or
/// an empty body.  The remaining bytes would be parsed as the head of the next response, so such
/// a connection must be closed.  libcurl reports such bytes in its debugging text only.
int CurlTransfer::on_debug(CURL*, curl_infotype type, char* text, std::size_t size, void* self) noexcept {
    if (type != CURLINFO_TEXT) return 0;
    auto& transfer = *static_cast<CurlTransfer*>(self);
    const std::string_view line(text, size);
    if (line.starts_with("Excess found") || line.starts_with("Leftovers after chunking"))
        transfer.set_flag(CURLOPT_FORBID_REUSE, transfer.forbid_reuse_, true);
    if (line.starts_with("Excess found in a read")) transfer.excess_ = true;
    return 0;
}

}  // namespace gatehouse::core
