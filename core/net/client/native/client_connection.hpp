// SPDX-License-Identifier: Apache-2.0
// One connection to an upstream.  Owned by the NativeTransfer that uses it, or by the pool of
// its Endpoint while it is idle.  [the loop's thread]
#pragma once

#include "core/net/loop.hpp"
#include "core/tls/client_tls.hpp"

#include <sys/types.h>
#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace gatehouse::core {

class ClientConnection final : public EdgeWatcher {
public:
    /// The owner of the connection.
    class Owner {
    public:
        /// An event has happened on the connection.  The owner may destroy it in this call.
        virtual void on_connection_event(ClientConnection& connection, Edge edge) = 0;

    protected:
        ~Owner() = default;
    };

    enum class State { done, blocked, ended, failed };
    struct Moved {
        State state;
        std::size_t bytes = 0;  // moved, if the state is done
    };

    /// Takes a connected socket that `loop` already watches.
    ClientConnection(Loop& loop, int fd, Owner& owner);
    ~ClientConnection();
    ClientConnection(const ClientConnection&) = delete;
    ClientConnection& operator=(const ClientConnection&) = delete;

    void give_to(Owner& owner) { owner_ = &owner; }

    /// Starts TLS.  All bytes are encrypted after handshake_step() has returned done.  Throws std::bad_alloc.
    void secure(const std::shared_ptr<ClientTls>& tls);
    /// Continues the handshake.
    State handshake_step();
    /// Whether the handshake failed because the upstream's identity is not accepted.
    bool distrusted() const { return stream_ && stream_->distrusted(); }
    /// The cause why the last call failed; none if TLS is not the cause.
    TlsFault tls_fault() const { return stream_ ? stream_->fault() : TlsFault::none; }
    /// The reason why the last call failed, for the log; empty if unknown.
    std::string failure() const { return stream_ ? stream_->failure() : std::string(); }

    Moved read(char* bytes, std::size_t size);
    Moved write(const iovec* parts, std::size_t count);
    /// Whether a read that returned less than its room has emptied the socket, so that an edge
    /// follows when more bytes come.
    bool tells_of_more() const { return !ended_ && !stream_; }
    /// Whether the upstream has not closed the connection, as far as is known.
    bool open() const { return !ended_; }
    /// Whether the idle connection has received neither bytes nor the end.
    bool silent();

    // Used by the pool only.
    std::size_t pool_index = 0;
    std::chrono::steady_clock::time_point idle_since = {};

private:
    void on_edge(Edge edge) override;
    State state_of(TlsStream::State state);

    Loop& loop_;
    Owner* owner_;
    const int fd_;
    bool ended_ = false;  // the peer has closed
    bool failed_ = false;
    std::unique_ptr<ClientStream> stream_;  // null: in plain text
};

}  // namespace gatehouse::core
