// SPDX-License-Identifier: Apache-2.0
#include "core/net/client/native/native_http_client.hpp"

#include "core/net/client/native/native_transfer.hpp"
#include "core/net/client/upstream_target.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

namespace {

constexpr std::chrono::seconds idle_sweep_interval{10};
constexpr std::size_t max_endpoints = 256;  // remembered; nearly all come from the configuration
constexpr std::size_t bytes_per_turn = 512 * 1024;
constexpr std::size_t client_handshakes_per_turn = 4;  // handshake steps of up to a millisecond each

/// The key includes the CA file, because connections verified by different CAs must not be shared.
std::string key_of(std::string_view origin, const std::string& ca_file) {
    return ca_file.empty() ? std::string(origin) : std::string(origin).append("\n").append(ca_file);
}

}  // namespace

NativeHttpClient::NativeHttpClient(Loop& loop, const HttpClientSettings& settings)
    : loop_(loop),
      settings_(settings),
      proxies_(may_proxy(settings.proxy)),
      resolver_(loop),
      buffer_(new char[room]),
      self_(std::make_shared<NativeHttpClient*>(this)) {}

NativeHttpClient::~NativeHttpClient() {
    while (!transfers_.empty()) transfers_.back()->abandon();
    loop_.cancel(sweep_timer_);
}

void NativeHttpClient::configure(const HttpClientSettings& settings) {
    settings_ = settings;
    proxies_ = may_proxy(settings.proxy);
    // The files may have changed, so endpoints with their TLS sessions are dropped.
    std::erase_if(endpoints_, [](const auto& entry) { return entry.second->tls != nullptr; });
}

Result<std::shared_ptr<Endpoint>> NativeHttpClient::find(const http::Request& request) {
    const std::string_view origin = origin_of(request.url),
                           path = std::string_view(request.url).substr(origin.size());
    const bool named = !request.ca_file.empty();
    auto found = named ? endpoints_.find(key_of(origin, request.ca_file)) : endpoints_.find(origin);
    if (found == endpoints_.end()) {
        if (auto target = upstream_target(request.url); !target) return target.error();
        auto endpoint = Endpoint::of(origin, settings_.tls, request.ca_file);
        if (!endpoint || !*endpoint) return endpoint;
        if (endpoints_.size() >= max_endpoints)
            std::erase_if(endpoints_, [](const auto& entry) {
                return entry.second.use_count() == 1 && !entry.second->has_idle();
            });
        found = endpoints_.emplace(key_of(origin, request.ca_file), *std::move(endpoint)).first;
    }
    if (path.starts_with('\\')) return nullptr;
    if (proxies_ && !request.no_proxy && !found->second->local) return nullptr;
    if (!is_url_text(path)) return upstream_target(request.url).error();
    return found->second;
}

std::unique_ptr<Transfer> NativeHttpClient::start(http::Request& request, const RouteTimeouts& timeouts,
                                                  TransferListener& listener) {
    auto endpoint = find(request);
    if (endpoint && !*endpoint) return nullptr;
    if (!endpoint) return refuse(endpoint.error(), listener);
    auto transfer = std::make_unique<NativeTransfer>(*this, listener);
    transfer->begin(*std::move(endpoint), request, timeouts);
    return transfer;
}

std::unique_ptr<Transfer> NativeHttpClient::refuse(Error error, TransferListener& listener) {
    auto transfer = std::make_unique<NativeTransfer>(*this, listener);
    transfer->refuse(std::move(error));
    return transfer;
}

void NativeHttpClient::enlist(NativeTransfer& transfer) {
    transfer.list_index = transfers_.size();
    transfers_.push_back(&transfer);
}

void NativeHttpClient::leave(NativeTransfer& transfer) {
    const std::size_t index = transfer.list_index;
    transfers_[index] = transfers_.back();
    transfers_[index]->list_index = index;
    transfers_.pop_back();
    if (std::exchange(transfer.queued, false))
        std::replace(queue_.begin(), queue_.end(), &transfer, static_cast<NativeTransfer*>(nullptr));
}

void NativeHttpClient::later(NativeTransfer& transfer) {
    if (std::exchange(transfer.queued, true)) return;
    queue_.push_back(&transfer);
    post_turn();
}

bool NativeHttpClient::is_busy() const { return read_ >= bytes_per_turn || !queue_.empty(); }

void NativeHttpClient::has_read(std::size_t bytes) {
    read_ += bytes;
    // A new turn resets the count, which is needed only after many bytes.
    if (read_ >= bytes_per_turn) post_turn();
}

void NativeHttpClient::count_handshake_step() { has_read(bytes_per_turn / client_handshakes_per_turn); }

void NativeHttpClient::post_turn() {
    if (std::exchange(posted_, true)) return;
    loop_.post([self = std::weak_ptr(self_)] {
        if (auto alive = self.lock()) (*alive)->turn();
    });
}

/// Runs the queued transfers in order.  Transfers that are queued during this turn wait for the next.
void NativeHttpClient::turn() {
    posted_ = false;
    read_ = 0;
    for (std::size_t left = queue_.size(); left > 0 && read_ < bytes_per_turn; --left) {
        NativeTransfer* transfer = queue_.front();
        queue_.pop_front();
        if (!transfer) continue;
        transfer->queued = false;
        transfer->attend();
    }
    if (!queue_.empty()) post_turn();
}

void NativeHttpClient::park(Endpoint& endpoint, std::unique_ptr<ClientConnection> connection) {
    endpoint.put(std::move(connection));
    if (!sweep_timer_) sweep_timer_ = loop_.after(idle_sweep_interval, [this] { sweep(); });
}

void NativeHttpClient::sweep() {
    sweep_timer_ = 0;
    const auto moment = std::chrono::steady_clock::now() - max_connection_idle_time;
    bool more = false;
    for (auto& [origin, endpoint] : endpoints_) {
        endpoint->close_idle(moment);
        more |= endpoint->has_idle();
    }
    if (more) sweep_timer_ = loop_.after(idle_sweep_interval, [this] { sweep(); });
}

}  // namespace gatehouse::core
