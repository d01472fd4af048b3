// SPDX-License-Identifier: Apache-2.0
// The interface for HTTP requests to upstreams.  WorkerContexts owns one HttpClient per Loop.
//
// The interface is independent of the implementation, native or libcurl.  [the loop's thread]
#pragma once

#include "core/net/client/transfer_failure.hpp"
#include "core/net/loop.hpp"
#include "core/tls/upstream_tls.hpp"
#include "core/util/route_timeouts.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::core {

/// Receives the events of one transfer.  on_end or on_error is the last call.
class TransferListener {
public:
    /// The final head.  1xx heads are skipped; redirects are not followed.
    virtual void on_head(const http::ResponseHead& head) = 0;
    virtual void on_body(std::string_view bytes) = 0;
    /// Everything that has arrived was passed on, and the response has not ended.
    virtual void on_waiting() {}
    virtual void on_end() = 0;
    /// ErrorKind upstream: unreachable, reset, truncated or malformed; timeout: one of the
    /// RouteTimeouts.  The message names the host, never a credential or a query.
    virtual void on_error(TransferFailure failure) = 0;

protected:
    ~TransferListener() = default;
};

/// A running transfer.  Destroying it, also within a call of its listener, cancels it and
/// closes its connection.
class Transfer {
public:
    virtual ~Transfer() = default;
    /// Stops on_body until resume().  A few bytes that were already read may still come.
    virtual void pause() = 0;
    virtual void resume() = 0;
};

/// Timeouts and limits of the client.  A request may override them.
struct HttpClientSettings {
    RouteTimeouts timeouts = {};
    std::size_t max_header_bytes = 65'536;
    UpstreamTls tls = {};
    std::string proxy = {};  // empty: the environment's; "none": no proxy
};

/// Every client closes a kept-alive connection that has had no transfer for this time.
inline constexpr std::chrono::seconds max_connection_idle_time{60};

class HttpClient {
public:
    virtual ~HttpClient() = default;

    /// Starts a transfer with the timeouts of its route.  Those of the request itself take
    /// precedence.  The listener is not called during this call.  It must live until its last call or
    /// until the Transfer is destroyed.
    virtual std::unique_ptr<Transfer> start(http::Request request, const RouteTimeouts& timeouts,
                                            TransferListener& listener) = 0;
    /// Starts a transfer with the timeouts of the settings.
    std::unique_ptr<Transfer> start(http::Request request, TransferListener& listener) {
        return start(std::move(request), settings().timeouts, listener);
    }

    /// Changes the settings of the transfers that start from now on.
    virtual void configure(const HttpClientSettings& settings) = 0;
    virtual const HttpClientSettings& settings() const = 0;
};

/// Makes a client that uses the native client, and libcurl for requests that the native client
/// does not support.  libcurl is loaded at the first such request.  Make and destroy it on the
/// loop's thread.
std::unique_ptr<HttpClient> make_http_client(Loop& loop, const HttpClientSettings& settings);

/// Makes an HttpClient that uses libcurl's multi interface.  Returns an error if libcurl is not
/// installed.  Make and destroy it on the loop's thread.
Result<std::unique_ptr<HttpClient>> make_curl_http_client(Loop& loop, const HttpClientSettings& settings);

}  // namespace gatehouse::core
