// SPDX-License-Identifier: Apache-2.0
// One transfer: begin, pause, timeouts and the end.
#include "core/net/client/curl/curl_transfer.hpp"

#include "core/net/client/curl/curl_failure.hpp"
#include "core/net/client/curl/curl_http_client.hpp"
#include "core/net/client/upstream_failure.hpp"

#include <algorithm>
#include <functional>
#include <new>

namespace gatehouse::core {

/// The caller's handle.  It may outlive the transfer's run.  The handle and the transfer notify
/// each other before they are destroyed.
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

CurlTransfer::CurlTransfer(CurlHttpClient& upstream) : upstream_(upstream), easy_(curl::easy_init()) {
    if (!easy_) throw std::bad_alloc();
    set_fixed_options();
}

CurlTransfer::~CurlTransfer() { curl::easy_cleanup(easy_); }

std::unique_ptr<Transfer> CurlTransfer::begin(http::Request request, const RouteTimeouts& timeouts,
                                              TransferListener& listener) {
    auto handle = std::make_unique<Handle>(*this);
    handle_ = handle.get();
    listener_ = &listener;
    stage_ = Stage::waiting;
    head_.reset(upstream_.settings().max_header_bytes);
    socket_ = -1;
    opened_.clear();
    sends_ = 0;
    stale_ = resent_ = excess_ = paused_ = stopped_ = false;
    *error_text_ = '\0';
    limits_.begin(request, timeouts);
    error_ = prepare(request);
    arm();
    return handle;
}

void CurlTransfer::attend() {
    if (stage_ == Stage::idle) return;
    if (!listener_) {
        retire();
    } else if (stage_ == Stage::waiting) {
        if (error_) return fail({*std::move(error_), TransferFault::refused, true, true});
        if (!upstream_.may_connect(*this)) return;  // attend() is called again
        stage_ = Stage::running;
        limits_.enter(TransferLimits::Stage::answer);  // libcurl enforces the connect timeout
        arm();
        upstream_.attach(*this);
    } else if (paused_ != stopped_ && head_.complete()) {
        stopped_ = paused_;
        if (paused_) {
            curl::easy_pause(easy_, CURLPAUSE_RECV);
            return;
        }
        const CURLcode code = upstream_.unpause(*this);
        // libcurl reports a failure at this point only here.
        if (!listener_)
            retire();
        else if (code != CURLE_OK)
            completed(code);
    }
}

// --- the caller's calls ----------------------------------------------------

void CurlTransfer::cancel() {
    handle_ = nullptr;
    listener_ = nullptr;
    if (upstream_.inside()) return upstream_.later(*this);
    CurlHttpClient& upstream = upstream_;
    retire();
    upstream.settled();
}

void CurlTransfer::pause() {
    if (paused_) return;
    paused_ = true;
    if (!head_.complete()) return;
    limits_.enter(TransferLimits::Stage::nothing);
    upstream_.later(*this);
}

void CurlTransfer::resume() {
    if (!paused_) return;
    paused_ = false;
    if (head_.complete()) limits_.enter(TransferLimits::Stage::body);
    arm();
    upstream_.later(*this);
}

// --- timeouts ----------------------------------------------------------

void CurlTransfer::arm() {
    limits_.arm(upstream_.loop(), [this] { on_timer(); });
}

void CurlTransfer::on_timer() {
    limits_.fired();
    if (!limits_.exceeded()) return arm();
    CurlHttpClient& upstream = upstream_;
    fail(limits_.failure());
    upstream.settled();
}

// --- the end -----------------------------------------------------------------

bool CurlTransfer::may_resend(CURLcode code) const {
    if (resent_ || !sends_ || !opened_.empty() || head_.started() || error_) return false;
    if (stale_) return true;
    return (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING) &&
           Clock::now() - sent_ <= TransferLimits::resend_window;
}

std::optional<TransferFailure> CurlTransfer::outcome(CURLcode code) {
    const TransferFault broken = head_.started() ? TransferFault::invalid : TransferFault::closed_before;
    if (error_) return TransferFailure{*std::move(error_), broken};
    if (code != CURLE_OK) {
        const CurlProgress progress = sends_ == 0         ? CurlProgress::connecting
                                      : !head_.started()  ? CurlProgress::sending
                                      : !head_.complete() ? CurlProgress::head
                                                          : CurlProgress::body;
        return curl_failure(code, easy_, progress, limits_.timeouts().connect, error_text_);
    }
    if (!head_.complete())
        return TransferFailure{{ErrorKind::upstream, failure::cut_short, "in the middle of the head"},
                               TransferFault::closed_within};
    if (excess_) return TransferFailure{{ErrorKind::upstream, failure::too_long}, TransferFault::invalid};
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
        if (auto failure = outcome(code)) return fail(*std::move(failure));
        retire()->on_end();
    }
}

// Names the host in `detail`, with the reason, for the log only; the client must not learn the host.
void CurlTransfer::fail(TransferFailure failure) {
    std::string& detail = failure.error.detail;
    detail = host_ + ": " + (detail.empty() ? failure.error.message : detail);
    retire()->on_error(std::move(failure));
}

TransferListener* CurlTransfer::retire() {
    TransferListener* listener = listener_;
    limits_.disarm(upstream_.loop());
    upstream_.give_up(*this);
    if (stage_ == Stage::running) upstream_.detach(*this);
    stage_ = Stage::idle;
    if (handle_) handle_->forget();
    handle_ = nullptr;
    listener_ = nullptr;
    error_.reset();
    body_ = {};
    head_.reset(0);
    // Erases credentials as early as possible.
    std::fill(header_text_.begin(), header_text_.end(), '\0');
    upstream_.release(*this);
    return listener;
}

void CurlTransfer::abandon() {
    limits_.disarm(upstream_.loop());
    if (handle_) handle_->forget();
    if (stage_ == Stage::running) upstream_.detach(*this);
}

}  // namespace gatehouse::core
