// SPDX-License-Identifier: Apache-2.0
// One transfer's life: begin, what libcurl tells, pause, limits of time, the end.
#include "core/http/curl_transfer.hpp"

#include "core/http/curl_failure.hpp"
#include "core/http/curl_upstream.hpp"

#include <algorithm>
#include <functional>
#include <new>

namespace gatehouse::core {

namespace {

// An upstream that closes an idle connection just when a request goes out on it has
// not seen the request: it is sent again.  Later than this it may have been at work.
constexpr std::chrono::milliseconds resend_window{2'000};

std::chrono::milliseconds above_zero(std::chrono::milliseconds limit) {
    return limit.count() > 0 ? limit : std::chrono::hours(24 * 365);
}

}  // namespace

/// What the caller holds.  It outlives the transfer's run, but never the other way
/// round unnoticed: whichever goes first tells the other.
class CurlTransfer::Handle final : public Transfer {
public:
    explicit Handle(CurlTransfer& transfer) : transfer_(&transfer) {}
    ~Handle() override {
        if (transfer_) transfer_->cancel();
    }
    void pause() override {
        if (transfer_) transfer_->pause();
    }
    void resume() override {
        if (transfer_) transfer_->resume();
    }
    void forget() { transfer_ = nullptr; }

private:
    CurlTransfer* transfer_;
};

CurlTransfer::CurlTransfer(CurlUpstream& upstream) : upstream_(upstream), easy_(curl_easy_init()) {
    if (!easy_) throw std::bad_alloc();
    set_fixed_options();
}

CurlTransfer::~CurlTransfer() { curl_easy_cleanup(easy_); }

std::unique_ptr<Transfer> CurlTransfer::begin(http::Request request, TransferListener& listener) {
    const UpstreamSettings& settings = upstream_.settings();
    auto handle = std::make_unique<Handle>(*this);
    handle_ = handle.get();
    listener_ = &listener;
    stage_ = Stage::waiting;
    head_.reset(settings.max_head_bytes);
    socket_ = -1;
    opened_.clear();
    sends_ = 0;
    stale_ = resent_ = excess_ = paused_ = stopped_ = false;
    *error_text_ = '\0';
    connect_timeout_ = request.connect_timeout.value_or(settings.connect_timeout);
    first_byte_timeout_ = above_zero(request.first_byte_timeout.value_or(settings.first_byte_timeout));
    idle_timeout_ = above_zero(request.idle_timeout.value_or(settings.idle_timeout));
    total_timeout_ = above_zero(request.total_timeout.value_or(settings.total_timeout));
    body_ = std::move(request.body);
    error_ = prepare(request);
    started_ = Clock::now();
    arm();
    return handle;
}

void CurlTransfer::attend() {
    if (stage_ == Stage::idle) return;
    if (!listener_) {
        retire();
    } else if (stage_ == Stage::waiting) {
        if (error_) return fail(*std::move(error_));
        stage_ = Stage::running;
        upstream_.attach(*this);
    } else if (paused_ != stopped_ && head_.complete()) {
        stopped_ = paused_;
        if (paused_) {
            curl_easy_pause(easy_, CURLPAUSE_RECV);
            return;
        }
        const CURLcode code = upstream_.unpause(*this);
        // A failure here is not reported by libcurl in any other way.
        if (!listener_)
            retire();
        else if (code != CURLE_OK)
            completed(code);
    }
}

// --- what libcurl tells ------------------------------------------------------

curl_socket_t CurlTransfer::on_open(void* self, curlsocktype, curl_sockaddr* address) noexcept {
    auto& transfer = *static_cast<CurlTransfer*>(self);
    const curl_socket_t fd = transfer.upstream_.open(*address);
    if (fd >= 0) transfer.opened_.push_back(fd);
    return fd;
}

/// The request is about to be sent, on a new connection or an old one.
int CurlTransfer::on_connected(void* self, char* remote_ip, char* local_ip, int remote_port,
                               int local_port) noexcept {
    auto& transfer = *static_cast<CurlTransfer*>(self);
    if (!transfer.listener_) return CURL_PREREQFUNC_ABORT;
    const auto now = Clock::now();
    if (++transfer.sends_ == 1) transfer.sent_ = now;
    if (now - transfer.sent_ > resend_window) {
        transfer.error_ = Error{ErrorKind::upstream, "the upstream " + transfer.host_ +
                                                         " closed the connection without an answer"};
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
    AnswerHead& head = transfer.head_;
    const bool was_started = head.started(), was_complete = head.complete();
    if (!was_started) {
        transfer.head_began_ = Clock::now();
        // libcurl takes a head that ends in its middle for a whole answer.
        transfer.set_flag(CURLOPT_FORBID_REUSE, transfer.forbid_reuse_, true);
    }
    switch (head.take({bytes, count})) {
        case AnswerHead::State::reading:
            if (!was_started) transfer.arm();
            return count;
        case AnswerHead::State::broken:
            transfer.error_ =
                Error{ErrorKind::upstream, "the upstream " + transfer.host_ + " sent what is no HTTP answer",
                      "its head has " + std::string(head.fault())};
            return 0;
        case AnswerHead::State::too_large:
            transfer.error_ = Error{ErrorKind::upstream,
                                    "the upstream " + transfer.host_ + " sent a head that is too large"};
            return 0;
        case AnswerHead::State::complete: break;
    }
    if (was_complete) return count;  // a trailer
    transfer.active_ = Clock::now();
    transfer.arm();
    transfer.set_flag(CURLOPT_FORBID_REUSE, transfer.forbid_reuse_, false);
    // From here on libcurl tells on_debug() of bytes after the end of the answer.
    transfer.set_flag(CURLOPT_VERBOSE, transfer.verbose_, true);
    transfer.listener_->on_head(head.value());
    return transfer.after_listener(count);
}

std::size_t CurlTransfer::on_body(char* bytes, std::size_t, std::size_t count, void* self) noexcept {
    auto& transfer = *static_cast<CurlTransfer*>(self);
    if (!transfer.listener_ || transfer.error_ || !transfer.head_.complete()) return 0;
    transfer.active_ = Clock::now();
    transfer.listener_->on_body({bytes, count});
    return transfer.after_listener(count);
}

/// The listener may have cancelled or paused the transfer meanwhile.
std::size_t CurlTransfer::after_listener(std::size_t taken) {
    if (!listener_) return 0;
    if (paused_ && !stopped_) {
        stopped_ = true;
        curl_easy_pause(easy_, CURLPAUSE_RECV);
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

// --- what the caller asks ----------------------------------------------------

void CurlTransfer::cancel() {
    handle_ = nullptr;
    listener_ = nullptr;
    if (upstream_.inside()) return upstream_.later(*this);
    CurlUpstream& upstream = upstream_;
    retire();
    upstream.settled();
}

void CurlTransfer::pause() {
    if (paused_) return;
    paused_ = true;
    if (head_.complete()) upstream_.later(*this);
}

void CurlTransfer::resume() {
    if (!paused_) return;
    paused_ = false;
    active_ = Clock::now();
    arm();
    upstream_.later(*this);
}

// --- limits of time ----------------------------------------------------------

CurlTransfer::Clock::time_point CurlTransfer::deadline() const {
    const auto total = started_ + total_timeout_;
    if (!head_.started()) return std::min(total, started_ + first_byte_timeout_);
    // The rest of the head gets this time once, lest it come byte by byte for ever.
    if (!head_.complete()) return std::min(total, head_began_ + idle_timeout_);
    return paused_ ? total : std::min(total, active_ + idle_timeout_);
}

/// Sets the timer so that it never fires too late.  Most answers come before: so it is
/// not set anew with every byte, but looks at the deadline when it fires.
void CurlTransfer::arm() {
    auto when = deadline();
    if (timer_ && armed_ <= when) return;
    const auto now = Clock::now();
    // An early look: it is soon enough for every limit on an answer that comes before it.
    if (!head_.started() && now < started_ + idle_timeout_) when = std::min(when, started_ + idle_timeout_);
    when = std::max(when, now);
    upstream_.loop().cancel(timer_);
    armed_ = when;
    timer_ = upstream_.loop().after(std::chrono::ceil<Milliseconds>(when - now), [this] { on_timer(); });
}

void CurlTransfer::on_timer() {
    timer_ = 0;
    CurlUpstream& upstream = upstream_;
    const auto now = Clock::now();
    if (now >= deadline()) {
        fail(timeout_error());
        upstream.settled();
    } else {
        arm();
    }
}

Error CurlTransfer::timeout_error() const {
    const std::string upstream = "the upstream " + host_;
    auto within = [](Milliseconds limit) { return " within " + std::to_string(limit.count()) + " ms"; };
    std::string message;
    if (Clock::now() >= started_ + total_timeout_)
        message = upstream + " did not complete its answer" + within(total_timeout_);
    else if (!head_.started())
        message = upstream + " sent no answer" + within(first_byte_timeout_);
    else if (!head_.complete())
        message = upstream + " did not complete the head of its answer" + within(idle_timeout_);
    else
        message = upstream + " stopped in the middle of its answer and sent nothing for " +
                  std::to_string(idle_timeout_.count()) + " ms";
    return {ErrorKind::timeout, std::move(message)};
}

// --- the end -----------------------------------------------------------------

bool CurlTransfer::may_resend(CURLcode code) const {
    if (resent_ || !sends_ || !opened_.empty() || head_.started() || error_) return false;
    if (stale_) return true;
    return (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING) &&
           Clock::now() - sent_ <= resend_window;
}

std::optional<Error> CurlTransfer::outcome(CURLcode code) {
    if (error_) return std::move(error_);
    if (code != CURLE_OK) {
        const CurlProgress progress = sends_ == 0         ? CurlProgress::connecting
                                      : !head_.started()  ? CurlProgress::sending
                                      : !head_.complete() ? CurlProgress::head
                                                          : CurlProgress::body;
        return curl_failure(code, easy_, host_, progress, connect_timeout_, error_text_);
    }
    if (!head_.complete())
        return Error{ErrorKind::upstream,
                     "the upstream " + host_ + " closed the connection in the middle of its answer",
                     "in the middle of the head"};
    if (excess_)
        return Error{ErrorKind::upstream,
                     "the upstream " + host_ + " sent more than the length of its answer"};
    return std::nullopt;
}

void CurlTransfer::completed(CURLcode code) {
    if (!listener_) {
        retire();
    } else if (may_resend(code)) {
        resent_ = true;
        upstream_.detach(*this);
        set_flag(CURLOPT_FRESH_CONNECT, fresh_, true);
        upstream_.attach(*this);
    } else {
        std::optional<Error> error = outcome(code);
        TransferListener* listener = retire();
        if (error)
            listener->on_error(*std::move(error));
        else
            listener->on_end();
    }
}

void CurlTransfer::fail(Error error) { retire()->on_error(std::move(error)); }

TransferListener* CurlTransfer::retire() {
    TransferListener* listener = listener_;
    upstream_.loop().cancel(timer_);
    timer_ = 0;
    if (stage_ == Stage::running) upstream_.detach(*this);
    stage_ = Stage::idle;
    if (handle_) handle_->forget();
    handle_ = nullptr;
    listener_ = nullptr;
    error_.reset();
    body_ = {};
    head_.reset(0);
    // A credential is not kept longer than needed.
    std::fill(header_text_.begin(), header_text_.end(), '\0');
    upstream_.release(*this);
    return listener;
}

void CurlTransfer::abandon() {
    upstream_.loop().cancel(timer_);
    if (handle_) handle_->forget();
    if (stage_ == Stage::running) upstream_.detach(*this);
}

}  // namespace gatehouse::core
