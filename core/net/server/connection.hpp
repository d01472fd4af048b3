// SPDX-License-Identifier: Apache-2.0
// One connection of a client: it reads requests one at a time, writes responses through a bounded
// queue, and detects when the client disconnects.  Owned by its Worker.  [the loop's thread]
//
// event of the worker              function               what may follow
// -----------------------------    -------------------    --------------------------------------------
// too many connections             reject()               response 503; with TLS only the close
// the socket is ready              on_ready()             process_input() and flush_output()
// the connection is scheduled      process_input()        one or more of:
//   the response has ended           finish_request()       the next head, or begin_closing()
//   bytes of a head                  parse()                Application::on_request() or refuse()
//   bytes of a body                  body_progress()        on_body() or on_body_error()
//   FIN of the client                on_fin()               on_half_close(); in a body on_body_error()
//   reset or hangup                  gone()                 on_gone()
// all input is processed           flush_output()         on_writable(), continue_closing(), on_gone()
// turn for a handshake step        continue_handshake()   handshake_done() or handshake_failed()
// a deadline has passed            on_timer()             on_body_error(), refuse(), close_now()
// the server drains                drain()                the close, now or after the response
// the server finishes              finish_now()           on_stop()
// the worker stops or has failed   close_hard()           on_gone()
//
// call of the listener             function               what may follow
// -----------------------------    -------------------    --------------------------------------------
// read_body()                      start_body()           on_body() or on_body_error(), even in the call
// begin()                                                 write(), end() or abort()
// write()                                                 on_writable(), if it has returned false
// respond(), end(), abort()                               finish_request(); no event of the listener
//
// on_gone() follows only if the response has not ended, and is the last event.
#pragma once

#include "core/net/memory_budget.hpp"
#include "core/net/server/body.hpp"
#include "core/net/server/client.hpp"
#include "core/net/server/connection_state.hpp"
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

/// The part of the Worker that its connections use.
class ConnectionOwner {
public:
    using Clock = std::chrono::steady_clock;

    ConnectionOwner(Application& app, const ServerLimits& server_limits, MemoryBudget& held)
        : application(app), limits(server_limits), memory(held), scratch(128 * 1024) {}

    Application& application;
    ServerLimits limits;
    MemoryBudget& memory;                  // the process's budget
    Clock::time_point now = Clock::now();  // at the start of this turn
    bool draining = false;                 // accept no request after the running one
    std::shared_ptr<const ServerTls> tls;  // for new connections; null: plain text
    Handshakes handshakes;
    DateCache date;
    Timers timeouts;
    std::vector<char> scratch;  // the shared read buffer: most agents' requests fit

    virtual Loop& owner_loop() = 0;
    /// Calls process_input() and flush_output() before the turn ends.
    virtual void schedule(Connection& connection) = 0;
    /// Reports from now on when the socket is writable.
    virtual void want_writable(Connection& connection) = 0;
    /// Calls on_timer() at `when`.
    virtual Timers::Id wake(const Connection& connection, Clock::time_point when) = 0;
    /// Closes the descriptor.  The object lives until the turn ends.
    virtual void close(Connection& connection) = 0;

protected:
    ~ConnectionOwner() = default;
};

/// Events and calls of Client only set flags.  process_input() and flush_output(), called at the
/// top of the loop, act on them.  Therefore no call of Client calls the listener or destroys the
/// connection.  (read_body() is the only exception.)
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
    bool scheduled = false;  // used by the worker only
    /// Continues the handshake when it is this connection's turn; see Handshakes.
    void continue_handshake();

    /// The socket has events.  Each flag is only a hint.
    void on_ready(bool readable, bool writable, bool hangup, bool fin);
    void on_timer();
    /// Reads and parses input, and may begin a request.
    void process_input();
    /// Sends the queued output.  A separate call, so that the responses of a turn are sent together.
    void flush_output();
    /// Responds with `error` and ends, if there are too many connections.
    void reject(const Error& error);
    /// Ends the connection if it is idle, because the server is draining.
    void drain();
    /// Ends the running request now, with a response if possible.
    void finish_now();
    /// Closes the connection now, also during a request.
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
    bool half_closed() const override { return eof_.seen() || eof_.told; }
    std::uint64_t bytes_received() const override { return received_; }
    std::uint64_t bytes_sent() const override { return sent_; }

private:
    using BodyStage = BodyState::Stage;
    using Framing = ResponseState::Framing;

    // Events: connection_events.cpp
    ConnectionState state() const {
        return {phase_, security_, waits_for_turn_, fresh_, eof_, body_state_, response_, close_};
    }
    /// Each step of process_input() and flush_output() begins and ends in a legal state.
    void assert_legal() const;
    /// Whether the listener still handles the request.
    bool is_running() const { return phase_ == Phase::request && !response_.ended; }
    void count_held();
    void arm();

    // Reading: connection_read.cpp
    bool wants_bytes() const;
    void receive();
    void receive_tls();
    bool reads_body() const { return phase_ == Phase::request && body_state_.stage == BodyStage::reading; }
    bool takes_directly() const { return reads_body() && body_.takes_directly(); }
    void received(std::size_t count, bool directly, std::size_t room);
    void parse_input();
    void parse();
    void start_request(ParsedHead parsed);
    void on_fin();
    void tell_half_close();
    void look_for_fin();

    // Bodies: connection_body.cpp
    bool reserve(std::size_t size);
    void start_body();
    void feed_body();
    void body_progress(bool complete);
    void body_failed(Error error);
    template <typename Call>
    void tell(Call&& call);

    // TLS handshake: connection_tls.cpp
    bool before_tls() const { return security_ == Security::opening || security_ == Security::handshake; }
    void open_tls();
    void wait_for_turn();
    void without_tls();

    // Responses: connection_write.cpp
    WriteQueue::Sent send_output() { return channel_ ? output_.send(*channel_) : output_.send(fd_); }
    void decide_close();
    void write_complete(http::Response response, bool head_only);
    void flush();

    // The end: connection_close.cpp
    void refuse(const Error& error, std::string_view path);
    void finish_request();
    void begin_closing(bool linger);
    void continue_closing();
    void gone();
    void close_now(bool reset);

    ConnectionOwner& owner_;
    const int fd_;
    const std::uint64_t id_;
    const std::string peer_;

    Phase phase_ = Phase::head;
    Security security_ = Security::plain;
    SocketHints socket_;
    Eof eof_;
    BodyState body_state_;
    ResponseState response_;
    CloseState close_;
    bool waits_for_turn_ = false;  // in the queue for a handshake step
    bool fresh_ = true;            // no request yet: the header timeout counts from the connection's start
    bool head_started_ = false;
    bool in_on_request_ = false;
    bool broken_ = false;  // the connection cannot be used any more
    int blank_lines_ = 0;

    std::unique_ptr<TlsChannel> channel_;  // during the handshake and with TLS
    ReadBuffer input_;
    WriteQueue output_;
    HeadScanner scanner_;
    ParsedHead request_;                             // without its head,
    std::shared_ptr<const http::RequestHead> head_;  // which is set while phase_ is `request`
    std::shared_ptr<RequestListener> listener_;
    BodyReader body_;
    std::size_t body_limit_ = 0;
    std::uint64_t received_ = 0, sent_ = 0, discarded_ = 0;
    std::size_t reserved_ = 0;  // for the body and the objects made of it
    Reservation held_{&owner_.memory};

    TimePoint read_deadline_, stall_deadline_, linger_end_, body_start_;
    Timers::Id timer_ = 0;
    TimePoint timer_at_;
};

template <typename Call>
void Connection::tell(Call&& call) {
    if (!listener_ || response_.ended) return;
    const std::shared_ptr<RequestListener> listener = listener_;
    try {
        call(*listener);
    } catch (...) {
        broken_ = true;
        owner_.schedule(*this);
    }
}

}  // namespace gatehouse::core
