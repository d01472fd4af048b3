// SPDX-License-Identifier: Apache-2.0
// One transfer of libcurl: its options, callbacks, timeouts and result.
//
// Owned by a CurlHttpClient, which keeps finished ones for later requests: an easy
// handle is expensive to make.  The caller owns a small Handle.  [the loop's thread]
#pragma once

#include "core/net/client/curl/curl_library.hpp"
#include "core/net/client/http_client.hpp"
#include "core/net/client/response_head.hpp"
#include "core/net/client/transfer_limits.hpp"
#include "core/net/client/upstream_request.hpp"

#include <optional>
#include <vector>

namespace gatehouse::core {

class CurlHttpClient;

class CurlTransfer {
public:
    explicit CurlTransfer(CurlHttpClient& upstream);
    ~CurlTransfer();
    CurlTransfer(const CurlTransfer&) = delete;
    CurlTransfer& operator=(const CurlTransfer&) = delete;

    /// Takes a request; it is sent by the next attend().  REQUIRES: idle.
    std::unique_ptr<Transfer> begin(http::Request request, const RouteTimeouts& timeouts,
                                    TransferListener& listener);

    /// Performs the actions that were deferred while libcurl was on the stack: start, cancel,
    /// pause, resume.
    void attend();
    /// libcurl has finished the transfer.
    void completed(CURLcode code);
    /// Called when the HttpClient is destroyed: calls the listener no more.
    void abandon();

    CURL* easy() const { return easy_; }
    /// The host and port whose address must be looked up; empty: the address is known.
    const std::string& name() const { return name_; }
    const std::vector<int>& opened() const { return opened_; }
    int socket() const { return socket_; }
    void set_socket(int fd) { socket_ = fd; }

    // Used by the CurlHttpClient only.
    bool queued = false;    // for attend()
    std::size_t place = 0;  // in its list of transfers
    const std::chrono::steady_clock::time_point made = std::chrono::steady_clock::now();

private:
    class Handle;
    using Clock = std::chrono::steady_clock;
    enum class Stage { idle, waiting, running };

    // Options (curl_options.cpp).
    void set_fixed_options();
    std::optional<Error> prepare(http::Request& request);
    void set_headers(const http::Request& request, const RequestFields& fields);
    void set_method(const std::string& method, bool with_body);
    void set_tls(const HostTls& wanted, const std::string& own_ca_file);
    void set_proxy(bool direct);
    void set_flag(CURLoption option, bool& current, bool wanted);

    // libcurl's calls.
    static std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* self) noexcept;
    static std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* self) noexcept;
    static int on_connected(void* self, char* remote_ip, char* local_ip, int remote_port,
                            int local_port) noexcept;
    static int on_debug(CURL*, curl_infotype type, char* text, std::size_t size, void* self) noexcept;
    static curl_socket_t on_open(void* self, curlsocktype, curl_sockaddr* address) noexcept;
    std::size_t after_listener(std::size_t taken);

    // Called by the Handle.
    void cancel();
    void pause();
    void resume();

    void arm();
    void on_timer();
    bool may_resend(CURLcode code) const;
    std::optional<TransferFailure> outcome(CURLcode code);
    void fail(TransferFailure failure);
    /// Back to idle, and to the upstream, which may delete this at once.
    TransferListener* retire();

    CurlHttpClient& upstream_;
    CURL* easy_ = nullptr;
    Stage stage_ = Stage::idle;
    Handle* handle_ = nullptr;
    TransferListener* listener_ = nullptr;
    std::optional<Error> error_;  // our error, which replaces libcurl's

    // The request, kept while libcurl may read it.
    std::string host_, name_, body_, header_text_;
    std::vector<curl_slist> header_list_;

    ResponseHeadParser head_;
    int socket_ = -1;          // the connection, once there is one
    std::vector<int> opened_;  // sockets opened for this attempt; empty: a connection is reused
    int sends_ = 0;            // how often the request was sent; more than once after a race with keep-alive
    bool stale_ = false;       // the old connection had bytes waiting
    bool resent_ = false;
    bool excess_ = false;   // more bytes than content-length came
    bool paused_ = false;   // wanted
    bool stopped_ = false;  // done

    TransferLimits limits_;
    Clock::time_point sent_;

    // The state of the easy handle's options, to set only what changes.
    HostTls tls_;
    std::string proxy_;
    bool direct_ = false, fresh_ = false, forbid_reuse_ = false, verbose_ = false, resumes_tls_ = true;
    char error_text_[CURL_ERROR_SIZE] = {};
};

}  // namespace gatehouse::core
