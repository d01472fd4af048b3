// SPDX-License-Identifier: Apache-2.0
// One connection to an upstream.  A transfer owns it while it uses it, else the pool.
// [the loop's thread]
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
    /// Whoever has it.
    class Owner {
    public:
        /// Something has happened on it.  The link may be destroyed here.
        virtual void on_link(ClientConnection& link, Edge edge) = 0;

    protected:
        ~Owner() = default;
    };

    enum class State { done, blocked, ended, failed };
    struct Moved {
        State state;
        std::size_t bytes = 0;  // of State::done
    };

    /// Takes a connected socket that `loop` already watches.
    ClientConnection(Loop& loop, int fd, Owner& owner);
    ~ClientConnection();
    ClientConnection(const ClientConnection&) = delete;
    ClientConnection& operator=(const ClientConnection&) = delete;

    void give_to(Owner& owner) { owner_ = &owner; }

    /// From here on all that is moved is encrypted, once handshake_step() is done.  Throws std::bad_alloc.
    void secure(const std::shared_ptr<ClientTls>& tls);
    /// Goes on with the handshake.
    State handshake_step();
    /// Whether it has failed because the other side is not who it must be.
    bool distrusted() const { return stream_ && stream_->distrusted(); }
    /// What is known of why the last call has failed, for the log.
    std::string failure() const { return stream_ ? stream_->failure() : std::string(); }

    Moved read(char* bytes, std::size_t size);
    Moved write(const iovec* parts, std::size_t count);
    /// Whether a read that did not fill its room has taken everything, so that an edge
    /// follows when there is more.
    bool tells_of_more() const { return !ended_ && !stream_; }
    /// Whether the other side has not said its last, as far as is known.
    bool open() const { return !ended_; }
    /// Whether nothing has come, nor the end, that nobody has asked for.
    bool silent();

    // The pool's notes.
    std::size_t place = 0;
    std::chrono::steady_clock::time_point idle_since = {};

private:
    void on_edge(Edge edge) override;
    State state_of(TlsStream::State state);

    Loop& loop_;
    Owner* owner_;
    const int fd_;
    bool ended_ = false;  // the peer has said its last
    bool failed_ = false;
    std::unique_ptr<ClientStream> stream_;  // null: in plain text
};

}  // namespace gatehouse::core
