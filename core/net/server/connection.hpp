// SPDX-License-Identifier: Apache-2.0
// One client: bytes in, bounded bytes out, one request at a time, and the
// knowledge of when the client has gone.  Owned by its worker.
// [the loop's thread]
#pragma once

#include "core/net/memory_budget.hpp"
#include "core/net/server/body.hpp"
#include "core/net/server/client.hpp"
#include "core/net/server/parser.hpp"
#include "core/net/server/read_buffer.hpp"
#include "core/net/server/response_writer.hpp"
#include "core/net/server/server.hpp"
#include "core/net/server/write_queue.hpp"
#include "core/net/timers.hpp"
#include "core/tls/channel.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::core {

class Connection;

/// What a connection has from its worker.
class ConnectionOwner {
public:
    using Clock = std::chrono::steady_clock;

    ConnectionOwner(Application& app, const ServerLimits& server_limits, MemoryBudget& held)
        : application(app), limits(server_limits), memory(held), scratch(64 * 1024) {}

    Application& application;
    ServerLimits limits;
    MemoryBudget& memory;                  // of the process
    Clock::time_point now = Clock::now();  // of this turn
    bool draining = false;                 // no request after the running one
    std::shared_ptr<const ServerTls> tls;  // for connections that begin; none: in plain text
    Handshakes handshakes;
    DateCache date;
    Timers timeouts;
    std::vector<char> scratch;  // what is being read just now

    virtual Loop& owner_loop() = 0;
    /// Has process_input() and flush_output() called before the turn ends.
    virtual void schedule(Connection& connection) = 0;
    /// Reports from now on when the socket can take more.
    virtual void want_writable(Connection& connection) = 0;
    /// Has on_timer() called at `when`.
    virtual Timers::Id wake(const Connection& connection, Clock::time_point when) = 0;
    /// Closes the descriptor.  The object lives until the turn ends.
    virtual void close(Connection& connection) = 0;

protected:
    ~ConnectionOwner() = default;
};

/// Whatever happens, from outside or through Client, only leaves marks; process_input() and
/// flush_output(), called at the top of the loop, act on them.  So no call of Client can end in a
/// call of its own listener, or in the end of the connection beneath it.  (The one
/// exception is read_body(), which says so.)
class Connection final : public Client {
public:
    using TimePoint = ConnectionOwner::Clock::time_point;
    static constexpr TimePoint never = TimePoint::max();
    /// A closing connection waits this long for the next bytes of its client.
    static constexpr std::chrono::seconds linger_idle{2};

    Connection(ConnectionOwner& owner, int fd, std::uint64_t id, std::string peer);

    int fd() const { return fd_; }
    std::uint64_t id() const { return id_; }
    bool closed() const { return phase_ == Phase::closed; }
    bool scheduled = false;  // the worker's own mark
    /// Its turn has come to go on with its handshake; see Handshakes.
    void continue_handshake();

    /// The socket has something to say.  Each of these is taken as a hint.
    void on_ready(bool readable, bool writable, bool hangup, bool fin);
    void on_timer();
    /// Reads and understands, and may begin a request.
    void process_input();
    /// Sends what there is.  In a call of its own, so that a turn's answers go out together.
    void flush_output();
    /// Answers with `error` and ends; for a client that is one too many.
    void reject(const Error& error);
    /// The server accepts no more: ends if idle.
    void drain();
    /// The running request must end now, if it can with an answer.
    void finish_now();
    /// Ends now, whatever runs.
    void close_hard();

    // Client
    const http::RequestHead& head() const override { return *head_; }
    std::shared_ptr<const http::RequestHead> kept_head() const override { return head_; }
    Loop& loop() override { return owner_.owner_loop(); }
    void read_body(std::size_t limit) override;
    void respond(http::Response response) override;
    void begin(const http::ResponseHead& head) override;
    bool write(std::string_view bytes) override;
    void end() override;
    void abort() override;
    bool half_closed() const override { return fin_ || told_half_close_; }
    std::uint64_t bytes_received() const override { return received_; }
    std::uint64_t bytes_sent() const override { return sent_; }

private:
    enum class Phase {
        head,     // between requests, or within a head
        request,  // the application has it
        closing,  // the last answer is on its way; what still comes is discarded
        closed,
    };
    enum class Security {
        plain,
        opening,  // nothing is known of the client yet
        shaking,  // in the middle of a handshake
        tls,
    };
    enum class Body { none, announced, reading, done, failed };

    // Reading: connection.cpp
    bool wants_bytes() const;
    void receive();
    void receive_tls();
    bool takes_directly() const {
        return phase_ == Phase::request && body_state_ == Body::reading && body_.takes_directly();
    }
    void received(std::size_t count, bool directly, std::size_t room);
    void parse_input();
    void parse();
    void start_request(ParsedHead parsed);
    void on_fin();
    void tell_half_close();
    void look_for_fin();

    // Bodies: request_body.cpp
    bool reserve(std::size_t size);
    void start_body();
    void feed_body();
    void body_progress(bool complete);
    void body_failed(Error error);
    template <typename Call>
    void tell(Call&& call);

    // Before the first request, if there is TLS: handshake.cpp
    bool before_tls() const { return security_ == Security::opening || security_ == Security::shaking; }
    void open_tls();
    void wait_for_turn();
    void without_tls();

    // Answering and ending: answer.cpp
    WriteQueue::Sent send_output() { return channel_ ? output_.send(*channel_) : output_.send(fd_); }
    void refuse(const Error& error, std::string_view path);
    void decide_close();
    void write_whole(http::Response response, bool head_only);
    void flush();
    void finish_request();
    void begin_closing(bool linger);
    void count_held();
    void go_on_closing();
    void gone();
    void close_now(bool reset);
    void arm();

    ConnectionOwner& owner_;
    const int fd_;
    const std::uint64_t id_;
    const std::string peer_;

    Phase phase_ = Phase::head;
    Security security_ = Security::plain;
    bool waits_for_turn_ = false;
    bool unread_ = true;     // the socket may have bytes that nobody has asked for
    bool news_ = true;       // since the last look_for_fin()
    bool fin_hint_ = false;  // an event said that FIN has come
    bool fin_ = false;       // recv() said so
    bool hangup_ = false;
    bool broken_ = false;   // nothing more can be done
    bool blocked_ = false;  // the socket takes no more for now
    bool head_started_ = false;
    bool fresh_ = true;  // no request yet: its head has had time since the connection was made
    bool in_on_request_ = false;
    bool body_wanted_ = false;
    bool told_half_close_ = false;
    bool begun_ = false;      // the answer's head is written
    bool answered_ = false;   // the answer's end is written; the listener hears no more
    bool chunked_ = false;    // the answer's framing
    bool bodiless_ = false;   // the answer to HEAD, or 204, 304
    bool throttled_ = false;  // write() has said false
    bool close_ = false;      // after the answer
    bool linger_ = false;     // wait for the client to close first
    bool shut_ = false;       // we have sent FIN
    bool reset_ = false;      // end with RST: nothing else says that something is missing
    Body body_state_ = Body::none;
    int blank_lines_ = 0;

    std::unique_ptr<TlsChannel> channel_;  // while shaking, and with TLS
    ReadBuffer input_;
    WriteQueue output_;
    HeadScanner scanner_;
    ParsedHead request_;                             // but for its head,
    std::shared_ptr<const http::RequestHead> head_;  // which is here while phase_ is `request`
    std::shared_ptr<RequestListener> listener_;
    BodyReader body_;
    std::size_t body_limit_ = 0;
    std::uint64_t received_ = 0, sent_ = 0, discarded_ = 0;
    std::size_t reserved_ = 0;  // for the body and what is made of it
    Reservation held_{&owner_.memory};

    TimePoint read_deadline_, stall_deadline_, linger_end_, body_start_;
    Timers::Id timer_ = 0;
    TimePoint timer_at_;
};

template <typename Call>
void Connection::tell(Call&& call) {
    if (!listener_ || answered_) return;
    const std::shared_ptr<RequestListener> listener = listener_;
    try {
        call(*listener);
    } catch (...) {
        broken_ = true;
        owner_.schedule(*this);
    }
}

}  // namespace gatehouse::core
