// SPDX-License-Identifier: Apache-2.0
// One libcurl multi handle on a Loop: its sockets, its timer, its connections.
//
// To save system calls, it sets the loop's timer only if the next deadline is earlier than the armed one, and
// changes the watched events of a socket only if they differ.  Everything happens on the loop's thread.
#pragma once

#include "core/net/client/curl/curl_transfer.hpp"
#include "core/net/client/http_client.hpp"

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace gatehouse::core {

class CurlHttpClient final : public HttpClient, private Watcher {
public:
    using Clock = std::chrono::steady_clock;

    CurlHttpClient(Loop& loop, const HttpClientSettings& settings);
    ~CurlHttpClient() override;

    std::unique_ptr<Transfer> start(http::Request request, const RouteTimeouts& timeouts,
                                    TransferListener& listener) override;
    void configure(const HttpClientSettings& settings) override;

    // For CurlTransfer.
    Loop& loop() { return loop_; }
    const HttpClientSettings& settings() const override { return settings_; }
    bool proxies() const { return proxies_; }
    /// A very large number if configure() was never called.
    long seconds_since_configured() const;
    /// Whether nothing has been configured since then.
    bool holds_since(Clock::time_point then) const { return !configured_anew_ || then >= *configured_anew_; }
    /// Whether libcurl is on the stack: then no handle may be added or removed.
    bool inside() const { return inside_; }
    void attach(CurlTransfer& transfer);
    void detach(CurlTransfer& transfer);
    /// Calls transfer.attend() as soon as libcurl has been left.
    void later(CurlTransfer& transfer);
    /// Returns a finished transfer to the idle list.
    void release(CurlTransfer& transfer);
    /// Lifts a pause; libcurl delivers the bytes that it has kept during this call.
    CURLcode unpause(CurlTransfer& transfer);
    /// Sets the timer again if necessary.  Call after libcurl was used outside of an event.
    void settled();

    /// libcurl starts a thread for each name look-up.  If several transfers need the same name, only the
    /// first one starts a look-up; the others get false and wait for attend().
    bool may_connect(CurlTransfer& transfer);
    /// The transfer has finished its look-up; known: libcurl's cache has the address for others.
    void looked_up(CurlTransfer& transfer, bool known);
    /// Ends the transfer in any stage.
    void give_up(CurlTransfer& transfer);

    curl_socket_t open(const curl_sockaddr& address);
    /// A transfer is about to send on the connection with these ends; new: one of
    /// the sockets in `opened`.  False: unrequested bytes are waiting on it.
    bool claim(CurlTransfer& transfer, std::uint64_t ends, int local_port, const std::vector<int>& opened);
    static int close(void* self, curl_socket_t fd) noexcept;

private:
    struct Socket {
        bool ours = false;                     // a connection; false: one of libcurl's wake-up pipes
        bool buried = false;                   // replaced by a dead one, for libcurl to find and close
        std::uint8_t wanted = 0, watched = 0;  // CURL_POLL_IN, CURL_POLL_OUT
        CurlTransfer* owner = nullptr;
        std::uint64_t ends = 0;
        Clock::time_point idle_since = {};
    };

    struct Lookup {
        CurlTransfer* leader = nullptr;
        std::vector<CurlTransfer*> followers = {};
        Clock::time_point known_until = {};
    };

    static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void*) noexcept;
    static int on_timeout(CURLM*, long milliseconds, void* self) noexcept;
    void on_ready(int fd, bool readable, bool writable) override;

    static CurlTransfer* transfer_of(CURL* easy);
    static int make_dead_socket();
    Socket& socket(int fd);
    void leave(CurlTransfer& transfer);
    void watch(int fd, std::uint8_t events);
    void forget(int fd);
    void bury(int fd);
    void run(curl_socket_t fd, int events);
    void settle();
    void reap();
    void attend();
    bool due() const { return deadline_ && *deadline_ <= Clock::now(); }
    void arm();
    void post_settle();
    void schedule_sweep(std::chrono::milliseconds delay);
    void sweep();

    Loop& loop_;
    HttpClientSettings settings_;
    bool proxies_;
    std::optional<Clock::time_point> configured_anew_;
    CURLM* multi_ = nullptr;
    CURL* sweeper_ = nullptr;  // see sweep()
    bool sweeping_ = false;
    int dead_ = -1;  // a socket whose other end is closed
    std::size_t buried_ = 0;

    std::vector<Socket> sockets_;                         // by descriptor
    std::unordered_map<std::uint64_t, int> connections_;  // by their ends
    std::unordered_map<std::string, Lookup> lookups_;     // by name
    std::vector<std::unique_ptr<CurlTransfer>> transfers_;
    std::vector<CurlTransfer*> idle_, queue_;

    std::optional<Clock::time_point> deadline_;  // libcurl's
    Clock::time_point armed_;
    Loop::TimerId timer_ = 0, sweep_timer_ = 0;
    Clock::time_point sweep_at_;
    bool inside_ = false, settling_ = false, posted_ = false;
    std::shared_ptr<CurlHttpClient*> self_;  // for tasks that may outlive us
};

}  // namespace gatehouse::core
