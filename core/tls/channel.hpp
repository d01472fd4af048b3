// SPDX-License-Identifier: Apache-2.0
// TLS between one client's socket and its connection: OpenSSL's session on a socket that
// does not block.  It owns nothing of the socket.  Owned by a connection.
// [the loop's thread]
#pragma once

#include "core/tls/handshakes.hpp"
#include "core/tls/server_tls.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct bio_st;
struct ssl_st;

namespace gatehouse::core {

/// What a client says first on a port for TLS.
enum class Opening { incomplete, handshake, plain_text, nonsense, gone };
/// Looks without reading: until its first record is complete, a client costs nothing.
Opening look_at_opening(int fd);

class TlsChannel {
public:
    enum class State {
        done,
        again,         // nothing for the caller yet, but there may be more at once
        wants_input,   // until the socket is readable
        wants_output,  // until it is writable
        ended,         // the client will send no more
        failed,        // nothing more can be done; OpenSSL has told the client
    };
    struct Moved {
        State state;
        std::size_t count = 0;  // of bytes, if done
    };

    /// Throws std::bad_alloc.
    TlsChannel(std::shared_ptr<const ServerTls> tls, int fd, Handshakes& handshakes);
    ~TlsChannel();
    TlsChannel(const TlsChannel&) = delete;
    TlsChannel& operator=(const TlsChannel&) = delete;

    /// The socket has something to say; `fin`: FIN is on its way, or there.
    void news(bool fin) {
        socket_.drained = false;
        socket_.fin = socket_.fin || fin;
    }

    /// Goes on with the handshake.
    State shake();
    bool established() const { return established_; }
    /// Why the last call has failed: OpenSSL's words, no secret.
    std::string failure() const;
    /// Of the client's certificate, which has been verified, by RFC 2253; empty: none.
    const std::string& subject() const { return subject_; }

    /// REQUIRES: established.
    Moved read(char* place, std::size_t size);
    /// After wants_output the same bytes must come again, if also from elsewhere.  `more`
    /// follow at once.
    Moved write(const char* bytes, std::size_t size, bool more);
    /// Says that nothing more will be written.  REQUIRES: all that was written has been taken.
    void say_end();

    /// Bytes of memory that it holds, as measured.
    std::size_t size() const;

private:
    struct Socket {
        int fd;
        bool drained = false;  // until news()
        bool fin = false;      // then a short read does not mean that nothing is left
        bool ended = false;
        bool more = false;
    };
    static const struct bio_method_st* method();
    static int receive(bio_st* bio, char* place, int size);
    static int send(bio_st* bio, const char* bytes, int size);
    static long control(bio_st* bio, int command, long number, void* pointer);
    State state_of(int result);

    const std::shared_ptr<const ServerTls> tls_;  // its callbacks use what that owns
    Handshakes::Place place_;
    Socket socket_;
    ssl_st* ssl_;
    bool established_ = false;
    int empty_rounds_ = 0;  // since the last byte for the caller
    std::string subject_;
};

}  // namespace gatehouse::core
