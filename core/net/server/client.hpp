// SPDX-License-Identifier: Apache-2.0
// One request of a client, seen from whoever answers it.
//
// The server reads and checks the head, then asks the Application for a
// RequestListener; from then on listener and Client talk to each other until
// the answer has ended or the client has gone.
//
// Threads: everything about one request happens on the thread of its Loop.
#pragma once

#include "core/net/loop.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// The client's end.  Valid from RequestListener's making until end(), abort()
/// or on_gone(), whichever comes first.  HEAD, HTTP/1.0, keep-alive, chunking
/// and content-length are the connection's affair; `head` need not name them.
class Client {
public:
    virtual const http::RequestHead& head() const = 0;
    /// The same, for whom may still read it when the request is over.
    virtual std::shared_ptr<const http::RequestHead> kept_head() const {
        return std::make_shared<const http::RequestHead>(head());
    }
    virtual Loop& loop() = 0;

    /// Starts reading the body; on_body() or on_body_error() follows, possibly
    /// during the call.  More than `limit` bytes is too_large (413), decided from
    /// content-length before a byte is read where there is one.  Answers
    /// `Expect: 100-continue`.  Not calling it answers without reading: then the
    /// connection is closed after the answer if a body was announced.
    virtual void read_body(std::size_t limit) = 0;

    /// The whole answer, once.  Nothing else may be called after it.
    virtual void respond(http::Response response) = 0;

    /// Begins an answer whose length is not known; write() and end() follow.
    virtual void begin(const http::ResponseHead& head) = 0;
    /// Takes all it is given.  False: the client is slow, more than
    /// `client_buffer_bytes` wait; on_writable() comes when they have gone.
    virtual bool write(std::string_view bytes) = 0;
    virtual void end() = 0;

    /// Ends an answer that cannot be completed: the connection is closed without
    /// its regular end, so that a client sees that something is missing.
    virtual void abort() = 0;

    /// Whether the client has sent FIN.  It may still read.
    virtual bool half_closed() const = 0;

    /// Bytes of body and answer so far, for the log.
    virtual std::uint64_t bytes_received() const = 0;
    virtual std::uint64_t bytes_sent() const = 0;

protected:
    ~Client() = default;
};

class RequestListener {
public:
    virtual ~RequestListener() = default;

    /// The body, complete.  Capacity is at least 64 bytes beyond the size.
    virtual void on_body(std::string body) = 0;
    /// The body cannot be had: framing (400), too large (413), too slow (408).
    /// To be answered; the connection is closed afterwards.
    virtual void on_body_error(Error error) = 0;
    /// What waited has been sent: write on.
    virtual void on_writable() = 0;
    /// The client has sent FIN after its request: it may wait for the answer, or
    /// have left.  Who runs an upstream call for it takes it as a leave: abort().
    virtual void on_half_close() = 0;
    /// The server stops and waits no longer: answer now, or be cut in a moment.
    virtual void on_stop() {}
    /// The client has left, or was dropped for not reading.  The last call; the
    /// Client must not be used any more.
    virtual void on_gone() = 0;
};

/// What a server serves.  Members: [each worker's thread, concurrently].
class Application {
public:
    virtual ~Application() = default;

    /// A complete and well-formed head.  The connection shares the listener until
    /// the request is over.  The listener may answer during this call.
    virtual std::shared_ptr<RequestListener> on_request(Client& client) = 0;

    /// The answer to a request that never became one: a framing error (400, 501,
    /// 505), a head that is too large (431) or too slow (408), too many connections
    /// (503).  `path` is what was read of it, or empty.
    virtual http::Response refuse(const Error& error, std::string_view path) = 0;

    /// Bytes are about to go to a client, or a turn of the loop ends.  What has been said of
    /// requests and was kept back, to be written together, is to be written now: who has an
    /// answer finds its line in the log.
    virtual void before_bytes_go() {}

    /// A client speaks TLS; it has done so before, if `resumed`.
    virtual void handshake_done(bool /*resumed*/) {}
    /// A client could not agree with us on TLS, or was not trusted.  `reason` is OpenSSL's.
    virtual void handshake_failed(std::string_view /*peer*/, std::string_view /*reason*/) {}
};

}  // namespace gatehouse::core
