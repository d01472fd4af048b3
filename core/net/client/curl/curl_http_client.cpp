// SPDX-License-Identifier: Apache-2.0
// The multi handle: transfers, timer, and the deferred actions after libcurl has returned.
#include "core/net/client/curl/curl_http_client.hpp"

#include "core/net/client/upstream_target.hpp"

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <new>

namespace gatehouse::core {

namespace {

constexpr std::size_t spare_transfers = 64;        // kept for later requests
constexpr long max_connections = 16'384;           // up to it libcurl closes no connection to make room
constexpr std::chrono::seconds address_known{50};  // less than libcurl keeps it
constexpr std::size_t max_lookups = 256;           // remembered; the names come from the configuration

}  // namespace

Result<std::unique_ptr<HttpClient>> make_curl_http_client(Loop& loop, const HttpClientSettings& settings) {
    if (auto loaded = curl::load(); !loaded) return loaded.error();
    return std::unique_ptr<HttpClient>(std::make_unique<CurlHttpClient>(loop, settings));
}

CurlHttpClient::CurlHttpClient(Loop& loop, const HttpClientSettings& settings)
    : loop_(loop),
      settings_(settings),
      proxies_(may_proxy(settings.proxy)),
      multi_(curl::multi_init()),
      self_(std::make_shared<CurlHttpClient*>(this)) {
    if (!multi_) throw std::bad_alloc();
    dead_ = make_dead_socket();
    curl::multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlHttpClient::on_socket);
    curl::multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl::multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlHttpClient::on_timeout);
    curl::multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl::multi_setopt(multi_, CURLMOPT_MAXCONNECTS, max_connections);
    curl::multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
}

CurlHttpClient::~CurlHttpClient() {
    settling_ = true;  // no listener is called any more
    for (auto& transfer : transfers_) transfer->abandon();
    if (sweeping_) curl::multi_remove_handle(multi_, sweeper_);
    curl::multi_cleanup(multi_);  // closes the connections, by close()
    if (sweeper_) curl::easy_cleanup(sweeper_);
    transfers_.clear();
    for (std::size_t fd = 0; fd < sockets_.size(); ++fd)
        if (sockets_[fd].watched) loop_.unwatch(static_cast<int>(fd));
    loop_.cancel(timer_);
    loop_.cancel(sweep_timer_);
    if (dead_ >= 0) ::close(dead_);
}

void CurlHttpClient::configure(const HttpClientSettings& settings) {
    settings_ = settings;
    proxies_ = may_proxy(settings.proxy);
    configured_anew_ = Clock::now();
}

long CurlHttpClient::seconds_since_configured() const {
    if (!configured_anew_) return std::numeric_limits<long>::max();
    return static_cast<long>(
        std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - *configured_anew_).count());
}

std::unique_ptr<Transfer> CurlHttpClient::start(http::Request request, const RouteTimeouts& timeouts,
                                                TransferListener& listener) {
    if (idle_.empty()) {
        transfers_.push_back(std::make_unique<CurlTransfer>(*this));
        transfers_.back()->place = transfers_.size() - 1;
        idle_.push_back(transfers_.back().get());
    }
    CurlTransfer* transfer = idle_.back();
    idle_.pop_back();
    auto handle = transfer->begin(std::move(request), timeouts, listener);
    later(*transfer);
    return handle;
}

void CurlHttpClient::attach(CurlTransfer& transfer) { curl::multi_add_handle(multi_, transfer.easy()); }

void CurlHttpClient::detach(CurlTransfer& transfer) {
    // libcurl closes an unconnected socket before it reports that.  By then another thread may use
    // the descriptor's number.
    for (int fd : transfer.opened()) {
        Socket& known = socket(fd);
        if (known.ours || known.owner != &transfer) continue;
        if (known.watched) loop_.unwatch(fd);
        known = Socket{};
    }
    curl::multi_remove_handle(multi_, transfer.easy());
    leave(transfer);
}

void CurlHttpClient::later(CurlTransfer& transfer) {
    if (!transfer.queued) {
        transfer.queued = true;
        queue_.push_back(&transfer);
    }
    post_settle();
}

void CurlHttpClient::release(CurlTransfer& transfer) {
    const bool keep = idle_.size() < spare_transfers && holds_since(transfer.made);
    if (keep || transfer.queued) return idle_.push_back(&transfer);
    const std::size_t place = transfer.place;
    std::swap(transfers_[place], transfers_.back());
    transfers_[place]->place = place;
    transfers_.pop_back();
}

CURLcode CurlHttpClient::unpause(CurlTransfer& transfer) {
    inside_ = true;
    const CURLcode code = curl::easy_pause(transfer.easy(), CURLPAUSE_CONT);
    inside_ = false;
    return code;
}

void CurlHttpClient::settled() {
    if (settling_ || inside_) return;
    if (due())
        post_settle();
    else
        arm();
}

// --- names -------------------------------------------------------------------

bool CurlHttpClient::may_connect(CurlTransfer& transfer) {
    if (transfer.name().empty()) return true;
    if (lookups_.size() >= max_lookups)
        std::erase_if(lookups_, [](const auto& entry) {
            return !entry.second.leader && entry.second.followers.empty();
        });
    Lookup& lookup = lookups_[transfer.name()];
    if (Clock::now() < lookup.known_until) return true;
    if (!lookup.leader) lookup.leader = &transfer;
    if (lookup.leader == &transfer) return true;
    lookup.followers.push_back(&transfer);
    return false;
}

void CurlHttpClient::looked_up(CurlTransfer& transfer, bool known) {
    if (transfer.name().empty()) return;
    const auto found = lookups_.find(transfer.name());
    if (found == lookups_.end() || found->second.leader != &transfer) return;
    Lookup& lookup = found->second;
    lookup.leader = nullptr;
    if (known) lookup.known_until = Clock::now() + address_known;
    // If the name is still unknown, the first follower leads, and the others wait again.
    std::vector<CurlTransfer*> followers;
    followers.swap(lookup.followers);
    for (CurlTransfer* follower : followers) later(*follower);
}

void CurlHttpClient::give_up(CurlTransfer& transfer) {
    looked_up(transfer, false);
    if (transfer.name().empty()) return;
    if (const auto found = lookups_.find(transfer.name()); found != lookups_.end())
        std::erase(found->second.followers, &transfer);
}

// --- time --------------------------------------------------------------------

int CurlHttpClient::on_timeout(CURLM*, long milliseconds, void* self) noexcept {
    auto& upstream = *static_cast<CurlHttpClient*>(self);
    if (milliseconds < 0)
        upstream.deadline_.reset();
    else
        upstream.deadline_ = Clock::now() + std::chrono::milliseconds(milliseconds);
    return 0;
}

void CurlHttpClient::arm() {
    if (!deadline_ || (timer_ && armed_ <= *deadline_)) return;
    loop_.cancel(timer_);
    armed_ = *deadline_;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(armed_ - Clock::now());
    timer_ = loop_.after(std::max(wait, std::chrono::milliseconds(0)), [this] {
        timer_ = 0;
        settle();
    });
}

void CurlHttpClient::post_settle() {
    if (settling_ || inside_ || posted_) return;  // the running or posted settle() does it
    posted_ = true;
    loop_.post([self = std::weak_ptr(self_)] {
        if (auto alive = self.lock()) {
            (*alive)->posted_ = false;
            (*alive)->settle();
        }
    });
}

// --- after libcurl -----------------------------------------------------------

void CurlHttpClient::run(curl_socket_t fd, int events) {
    int running = 0;
    inside_ = true;
    curl::multi_socket_action(multi_, fd, events, &running);
    inside_ = false;
}

/// Performs the actions that are not allowed inside libcurl: reports ends, starts, cancels and
/// resumes transfers.  Listeners may request more of them.  It runs a few rounds at once, then
/// lets other tasks of the loop run.
void CurlHttpClient::settle() {
    if (settling_) return;
    settling_ = true;
    for (int round = 0; round < 4; ++round) {
        reap();
        attend();
        if (!due()) break;
        deadline_.reset();
        run(CURL_SOCKET_TIMEOUT, 0);
    }
    reap();
    settling_ = false;
    if (!queue_.empty() || due())
        post_settle();
    else
        arm();
}

void CurlHttpClient::reap() {
    int waiting = 0;
    while (CURLMsg* message = curl::multi_info_read(multi_, &waiting)) {
        if (message->msg != CURLMSG_DONE) continue;
        const CURLcode code = message->data.result;
        CURL* easy = message->easy_handle;
        if (CurlTransfer* transfer = transfer_of(easy)) {
            transfer->completed(code);
        } else {
            curl::multi_remove_handle(multi_, easy);
            sweeping_ = false;
        }
    }
}

void CurlHttpClient::attend() {
    // The queue may grow during this loop.
    for (std::size_t i = 0; i < queue_.size(); ++i) {
        queue_[i]->queued = false;
        queue_[i]->attend();
    }
    queue_.clear();
}

}  // namespace gatehouse::core
