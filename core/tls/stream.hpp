// SPDX-License-Identifier: Apache-2.0
// OpenSSL's session on a socket that does not block and tells of changes once, either
// side's.  It owns nothing of the socket.  Owned by a connection.  [the loop's thread]
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
        again,         // nothing for the caller yet, but there may be more at once
        wants_input,   // until the socket is readable
        wants_output,  // until it is writable
        ended,         // the other side will send no more
        failed,        // nothing more can be done; OpenSSL has told the other side
    };
    struct Moved {
        State state;
        std::size_t count = 0;  // of bytes, if done
    };

    /// Who derives from it says which side it is.  Throws std::bad_alloc.
    TlsStream(ssl_ctx_st* snapshot, int fd);
    ~TlsStream();
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;

    /// The socket has something to say; `fin`: FIN is on its way, or there.
    void news(bool fin) {
        socket_.drained = false;
        socket_.fin = socket_.fin || fin;
    }

    /// Goes on with the handshake.
    State handshake_step();
    bool established() const { return established_; }
    /// Why the last call has failed, in OpenSSL's words; empty: it has nothing to say.
    std::string reason() const;

    /// REQUIRES: established.
    Moved read(char* place, std::size_t size);
    /// After wants_output the same bytes must come again, if also from elsewhere.  `more`
    /// follow at once.
    Moved write(const char* bytes, std::size_t size, bool more);
    /// Whether the other side has sent nothing that nobody has read, nor its end.
    bool silent();
    /// Says that nothing more will be written.  REQUIRES: all that was written has been taken.
    void say_end();

protected:
    ssl_st* session() const { return ssl_; }

private:
    struct Socket {
        int fd;
        bool drained = false;  // until news()
        bool fin = false;      // then a short read does not mean that nothing is left
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
    int empty_rounds_ = 0;  // since the last byte for the caller
};

}  // namespace gatehouse::core
