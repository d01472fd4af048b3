// SPDX-License-Identifier: Apache-2.0
// Requests to upstreams, one HttpClient per Loop.
//
// The interface says nothing of the client that stands behind it.  Threads: all of it belongs to the Loop's
// thread.
#pragma once

#include "core/net/loop.hpp"
#include "core/tls/upstream_tls.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// Hears of one transfer.  After on_end or on_error nothing more is called.
class TransferListener {
public:
    /// The final head: 1xx have been skipped, redirects are answers like others.
    virtual void on_head(const http::ResponseHead& head) = 0;
    virtual void on_body(std::string_view bytes) = 0;
    virtual void on_end() = 0;
    /// upstream: unreachable, reset, cut short or garbage; timeout: one of the
    /// four.  The message names the host, never a credential or a query.
    virtual void on_error(Error error) = 0;

protected:
    ~TransferListener() = default;
};

/// A running transfer.  Destroying it cancels it, also from its listener's own
/// calls; its connection is then closed.
class Transfer {
public:
    virtual ~Transfer() = default;
    /// No more on_body until resume(); a few bytes already read may still come.
    virtual void pause() = 0;
    virtual void resume() = 0;
};

/// Timeouts and limits of the client.  A request may override them.
struct HttpClientSettings {
    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::milliseconds first_byte_timeout{100'000};
    std::chrono::milliseconds idle_timeout{60'000};
    std::chrono::milliseconds total_timeout{600'000};
    std::size_t max_header_bytes = 65'536;
    UpstreamTls tls = {};
    std::string proxy = {};  // empty: the environment's; "none": never one
};

class HttpClient {
public:
    virtual ~HttpClient() = default;

    /// Starts a transfer.  The listener, which hears nothing during the call,
    /// must live until the last of its calls or until the Transfer is destroyed.
    virtual std::unique_ptr<Transfer> start(http::Request request, TransferListener& listener) = 0;

    /// Other settings for the transfers that start from now on.
    virtual void configure(const HttpClientSettings& settings) = 0;
};

/// Our own client, and libcurl for what that does not do, from the first such request on.
/// Make and destroy it on the loop's thread.
std::unique_ptr<HttpClient> make_http_client(Loop& loop, const HttpClientSettings& settings);

/// An HttpClient on libcurl's multi interface; an error if there is no libcurl.  Make and
/// destroy it on the loop's thread.
Result<std::unique_ptr<HttpClient>> make_curl_http_client(Loop& loop, const HttpClientSettings& settings);

}  // namespace gatehouse::core
