// SPDX-License-Identifier: Apache-2.0
// The interface between the server and the code that handles a client's request.
//
// The server reads and checks the head, then gets a RequestListener from the
// Application.  Then listener and Client call each other until the response has
// ended or the client has disconnected.
//
// Threads: all calls for one request happen on the thread of its Loop.
#pragma once

#include "core/net/loop.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// One request's side of the connection.  Valid from the RequestListener's construction until
/// the first of end(), abort() and on_gone().  The connection handles HEAD, HTTP/1.0,
/// keep-alive, chunking and content-length; a response's head need not name them.
class Client {
public:
    virtual const http::RequestHead& head() const = 0;
    /// Returns the same head, for readers after the end of the request.
    virtual std::shared_ptr<const http::RequestHead> kept_head() const {
        return std::make_shared<const http::RequestHead>(head());
    }
    virtual Loop& loop() = 0;

    /// Starts reading the body; on_body() or on_body_error() follows, possibly
    /// during the call.  More than `limit` bytes is too_large (413); a content-length
    /// is checked before any byte is read.  Responds to `Expect: 100-continue`.  If this is not
    /// called and a body was announced, the connection is closed after the response.
    virtual void read_body(std::size_t limit) = 0;

    /// Sends a complete response.  No other call may follow.
    virtual void respond(http::Response response) = 0;

    /// Begins a response of unknown length; write() and end() follow.
    virtual void begin(const http::ResponseHead& head) = 0;
    /// Takes all bytes.  Returns false if more than `client_buffer_bytes` are waiting, because the
    /// client is slow; on_writable() follows when they have been sent.
    virtual bool write(std::string_view bytes) = 0;
    virtual void end() = 0;

    /// Ends a response that cannot be completed.  The connection is closed without the response's
    /// regular end, so the client detects the truncation.
    virtual void abort() = 0;

    /// Whether the client has sent FIN.  It may still read.
    virtual bool half_closed() const = 0;

    /// The bytes of request body and response so far, for the log.
    virtual std::uint64_t bytes_received() const = 0;
    virtual std::uint64_t bytes_sent() const = 0;

protected:
    ~Client() = default;
};

class RequestListener {
public:
    virtual ~RequestListener() = default;

    /// The complete body.  Its capacity is at least 64 bytes beyond the size.
    virtual void on_body(std::string body) = 0;
    /// The body cannot be read: framing (400), too large (413), too slow (408).  The listener must
    /// respond; the connection is closed afterwards.
    virtual void on_body_error(Error error) = 0;
    /// The waiting bytes have been sent; the listener may write more.
    virtual void on_writable() = 0;
    /// The client has sent FIN after its request.  It may still wait for the response or have
    /// disconnected.  A listener with a running upstream request should call abort().
    virtual void on_half_close() = 0;
    /// The server is stopping.  The listener must respond now; the connection is closed shortly.
    virtual void on_stop() {}
    /// The client has disconnected, or was dropped because it did not read.  The last call; the
    /// Client must not be used afterwards.
    virtual void on_gone() = 0;
};

/// The request handler of a server.  Members: [each worker's thread, concurrently].
class Application {
public:
    virtual ~Application() = default;

    /// Called with a complete and well-formed head.  The connection shares the listener until the
    /// end of the request.  The listener may respond during this call.
    virtual std::shared_ptr<RequestListener> on_request(Client& client) = 0;

    /// Returns the response to a request without a valid head: a framing error (400, 501, 505), a
    /// head that is too large (431) or too slow (408), too many connections (503).  `path` is the
    /// part that was read, or empty.  `peer` is the client's address.
    virtual http::Response refuse(const Error& error, std::string_view path, std::string_view peer) = 0;

    /// Called before bytes are sent to a client, and at the end of a turn of the loop.  The
    /// application must now write its buffered log lines, so that a client that has a response
    /// finds its line in the log.
    virtual void before_bytes_go() {}

    /// A TLS handshake with a client is complete.  `resumed`: it resumed an earlier session.
    virtual void handshake_done(bool /*resumed*/) {}
    /// A TLS handshake failed, or the client's certificate was not accepted.  `reason` is OpenSSL's.
    virtual void handshake_failed(std::string_view /*peer*/, std::string_view /*reason*/) {}
};

}  // namespace gatehouse::core
