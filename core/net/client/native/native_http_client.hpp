// SPDX-License-Identifier: Apache-2.0
// The native HTTP/1.1 client, with keep-alive connections on the worker's loop.  It does
// not support proxies; make_http_client() gives such requests to libcurl.
//
// Owned by the HttpClient of one worker.  [the loop's thread]
#pragma once

#include "core/net/client/http_client.hpp"
#include "core/net/client/native/endpoint.hpp"
#include "core/net/client/native/resolver.hpp"

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gatehouse::core {

class NativeTransfer;

class NativeHttpClient {
public:
    NativeHttpClient(Loop& loop, const HttpClientSettings& settings);
    ~NativeHttpClient();
    NativeHttpClient(const NativeHttpClient&) = delete;
    NativeHttpClient& operator=(const NativeHttpClient&) = delete;

    void configure(const HttpClientSettings& settings);
    /// As HttpClient::start().  Returns null and does not change the request if this client does
    /// not support it.
    std::unique_ptr<Transfer> start(http::Request& request, const RouteTimeouts& timeouts,
                                    TransferListener& listener);
    /// Makes a transfer that fails with `error` after this call has returned.
    std::unique_ptr<Transfer> refuse(Error error, TransferListener& listener);

    // For NativeTransfer.
    Loop& loop() { return loop_; }
    const HttpClientSettings& settings() const { return settings_; }
    Resolver& resolver() { return resolver_; }
    void enlist(NativeTransfer& transfer);
    void leave(NativeTransfer& transfer);
    /// Calls transfer.attend() in a later turn, after all earlier requests.
    void later(NativeTransfer& transfer);
    /// Keeps a connection that can serve another request.
    void park(Endpoint& endpoint, std::unique_ptr<ClientConnection> connection);

    /// The shared buffer that all transfers read into, one at a time.
    static constexpr std::size_t room = 16 * 1024;
    char* buffer() { return buffer_.get(); }
    /// Whether a connection should stop reading in this turn, so that the loop serves others.
    bool is_busy() const;
    void has_read(std::size_t bytes);
    void count_handshake_step();

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };

    /// Returns null if this client does not support the request.
    Result<std::shared_ptr<Endpoint>> find(const http::Request& request);
    void post_turn();
    void turn();
    void sweep();

    Loop& loop_;
    HttpClientSettings settings_;
    bool proxies_;
    Resolver resolver_;
    std::unordered_map<std::string, std::shared_ptr<Endpoint>, Hash, std::equal_to<>>
        endpoints_;  // by key_of()
    std::vector<NativeTransfer*> transfers_;
    std::deque<NativeTransfer*> queue_;  // null: the transfer is destroyed
    std::unique_ptr<char[]> buffer_;
    std::size_t read_ = 0;  // bytes in this turn
    bool posted_ = false;
    Loop::TimerId sweep_timer_ = 0;
    std::shared_ptr<NativeHttpClient*> self_;  // for tasks that may outlive us
};

}  // namespace gatehouse::core
