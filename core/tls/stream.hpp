// SPDX-License-Identifier: Apache-2.0
// An OpenSSL session, of client or server, on a non-blocking socket with edge-triggered
// events.  Does not own the socket.  Owned by a connection.  [the loop's thread]
#pragma once

#include <cstddef>
#include <string>

struct bio_method_st;
struct bio_st;
struct ssl_ctx_st;
struct ssl_st;

namespace gatehouse::core {

class TlsStream {
public:
    enum class State {
        done,
        again,         // no result yet; call again at once
        wants_input,   // call again when the socket is readable
        wants_output,  // call again when the socket is writable
        ended,         // the peer sends no more
        failed,        // permanently; OpenSSL has sent an alert to the peer
    };
    struct Moved {
        State state;
        std::size_t count = 0;  // bytes moved, if done
    };

    /// The derived class sets the side, client or server.  Throws std::bad_alloc.
    TlsStream(ssl_ctx_st* context, int fd);
    ~TlsStream();
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;

    /// Records an event of the socket.  `fin`: FIN has been received or is about to be.
    void news(bool fin) {
        socket_.drained = false;
        socket_.fin = socket_.fin || fin;
    }

    /// Continues the handshake.
    State handshake_step();
    bool established() const { return established_; }
    /// OpenSSL's reason why the last call failed; empty if OpenSSL has no text.
    std::string reason() const;

    /// REQUIRES: established.
    Moved read(char* place, std::size_t size);
    /// After wants_output the caller must pass the same bytes again; their address may differ.
    /// `more`: further bytes follow at once.
    Moved write(const char* bytes, std::size_t size, bool more);
    /// Whether the peer has sent no unread bytes and has not closed.
    bool silent();
    /// Sends the close notification.  REQUIRES: all writes are done.
    void say_end();

protected:
    ssl_st* session() const { return ssl_; }

private:
    struct Socket {
        int fd;
        bool drained = false;  // until news()
        bool fin = false;      // then a short read does not mean that the socket is empty
        bool ended = false;
        bool more = false;
    };
    static const bio_method_st* method();
    static int receive(bio_st* bio, char* place, int size);
    static int send(bio_st* bio, const char* bytes, int size);
    static long control(bio_st* bio, int command, long number, void* pointer);
    State state_of(int result);

    Socket socket_;
    ssl_st* ssl_;
    bool established_ = false;
    int empty_rounds_ = 0;  // since the last byte was returned
};

}  // namespace gatehouse::core
