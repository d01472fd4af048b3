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
        if (!upstream_.may_connect(*this)) return;  // comes here again
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
    if (stage_ == Stage::waiting) return std::min(total, started_ + above_zero(connect_timeout_));
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
    const std::string upstream = "the upstream";
    auto within = [](Milliseconds limit) { return " within " + std::to_string(limit.count()) + " ms"; };
    std::string message;
    if (Clock::now() >= started_ + total_timeout_)
        message = upstream + " did not complete its answer" + within(total_timeout_);
    else if (stage_ == Stage::waiting)
        message = "no connection to " + upstream + within(connect_timeout_);
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
        return curl_failure(code, easy_, progress, connect_timeout_, error_text_);
    }
    if (!head_.complete())
        return Error{ErrorKind::upstream, "the upstream closed the connection in the middle of its answer",
                     "in the middle of the head"};
    if (excess_) return Error{ErrorKind::upstream, "the upstream sent more than the length of its answer"};
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
        if (error) return fail(*std::move(error));
        retire()->on_end();
    }
}

// Which host it was is for the log: it is none of a client's business.
void CurlTransfer::fail(Error error) {
    error.detail = host_ + (error.detail.empty() ? "" : ": " + error.detail);
    retire()->on_error(std::move(error));
}

TransferListener* CurlTransfer::retire() {
    TransferListener* listener = listener_;
    upstream_.loop().cancel(timer_);
    timer_ = 0;
    upstream_.give_up(*this);
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
