// SPDX-License-Identifier: Apache-2.0
// What libcurl tells a CurlTransfer while it runs.  No handle of libcurl may be added or
// removed in here, and what a listener asks of that kind waits until libcurl is left.
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

/// The request is about to be sent, on a new connection or an old one.
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
        // libcurl takes a head that ends in its middle for a whole answer.
        transfer.set_flag(CURLOPT_FORBID_REUSE, transfer.forbid_reuse_, true);
    }
    switch (head.take({bytes, count})) {
        case ResponseHeadParser::State::reading:
            // An interim answer is no beginning of the one that is awaited.
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
    // From here on libcurl tells on_debug() of bytes after the end of the answer.
    transfer.set_flag(CURLOPT_VERBOSE, transfer.verbose_, true);
    transfer.listener_->on_head(head.value());
    return transfer.after_listener(count);
}

std::size_t CurlTransfer::on_body(char* bytes, std::size_t, std::size_t count, void* self) noexcept {
    auto& transfer = *static_cast<CurlTransfer*>(self);
    if (!transfer.listener_ || transfer.error_ || !transfer.head_.complete()) return 0;
    transfer.limits_.heard(Clock::now());
    transfer.listener_->on_body({bytes, count});
    return transfer.after_listener(count);
}

/// The listener may have cancelled or paused the transfer meanwhile.
std::size_t CurlTransfer::after_listener(std::size_t taken) {
    if (!listener_) return 0;
    if (paused_ && !stopped_) {
        stopped_ = true;
        curl::easy_pause(easy_, CURLPAUSE_RECV);
    }
    return taken;
}

/// libcurl reads bytes beyond the end of an answer and drops them, but would use the
/// connection again after a chunked or an empty one.  What is left of them would then
/// be taken for the head of the next answer, so such a connection must go.  libcurl
/// says this in its text for debugging only.
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
