// SPDX-License-Identifier: Apache-2.0
// One thread with one epoll, as a transport in Pistache's reactor.  It is the Loop of all
// objects on its thread, and owns its connections.
// Owned by Server; members without a tag: [the loop's thread].
#pragma once

#include "core/net/loop.hpp"
#include "core/net/memory_budget.hpp"
#include "core/net/server/connection.hpp"

#include <pistache/peer.h>
#include <pistache/transport.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace gatehouse::core {

/// The state that the workers of one server share.
struct ServerShared {
    Application& application;
    ServerLimits limits;
    // Connections on descriptors above last_polite_descriptor are rejected, and above
    // last_descriptor closed without a response, because upstream connections need descriptors.
    int last_descriptor, last_polite_descriptor;
    std::size_t affordable;  // client connections, if each also needs an upstream connection
    MemoryBudget& memory;
    std::size_t workers = 1;
    std::shared_ptr<const ServerTls> tls = {};  // at their construction
    std::atomic<std::size_t> connections{0};
};

class Worker final : public Pistache::Tcp::Transport, public Loop, public ConnectionOwner {
public:
    explicit Worker(ServerShared& shared);
    ~Worker() override;

    // Loop
    void post(std::function<void()> task) override;
    std::uint64_t turn() const override { return turn_.load(std::memory_order_relaxed); }
    void set_stuck(bool stuck) override { is_stuck = stuck; }
    TimerId after(std::chrono::milliseconds delay, std::function<void()> task) override;
    void cancel(TimerId timer) override { timeouts.cancel(timer); }
    void watch(int fd, bool readable, bool writable, Watcher& watcher) override;
    bool watch_edges(int fd, EdgeWatcher& watcher) override;
    void unwatch(int fd) override;

    // Pistache's side
    void registerPoller(Pistache::Polling::Epoll& epoll) override;  // [main thread, before the loop runs]
    void onReady(const Pistache::Aio::FdSet& events) override;
    /// Gives this worker another client.  `load` includes clients that are not attached yet.
    /// [the acceptor's thread]
    void deliver(const std::shared_ptr<Pistache::Tcp::Peer>& peer) {
        ++load;
        handleNewPeer(peer);
    }
    std::atomic<std::size_t> load{0};
    std::atomic<bool> is_stuck{false};
    /// Attaches a new client.  Never throws, because Pistache would lose the clients queued behind it.
    void attach(const std::shared_ptr<Pistache::Tcp::Peer>& peer) noexcept;

    // The server's side, by post()
    void set_limits(const ServerLimits& wanted);
    void start_draining();
    /// Ends every running request now.
    void finish_now();
    /// Closes every connection; no task runs afterwards.
    void stop();
    /// Destroys posted tasks and timers that never ran.  [any thread, after the loop's thread has ended]
    void drop_pending();

    // ConnectionOwner
    Loop& owner_loop() override { return *this; }
    void schedule(Connection& connection) override;
    void want_writable(Connection& connection) override;
    Timers::Id wake(const Connection& connection, Clock::time_point when) override;
    void close(Connection& connection) override;

private:
    struct Client {
        std::unique_ptr<Connection> connection;
        std::shared_ptr<Pistache::Tcp::Peer> peer;
        bool writable_wanted = false;
    };
    struct Watch {
        int fd;
        std::uint64_t tag;
        Watcher* watcher;    // null: `edges` is called
        EdgeWatcher* edges;  // null: `watcher` is called
        bool readable, writable;
    };
    using Event = Pistache::Aio::FdSet::Entry;

    void keep(const Watch& watch);
    static void tell(const Watch& watch, const Event& event, bool fin);
    void dispatch(const Event& event, std::vector<Pistache::Polling::Event>& pistaches);
    void take_new_peers(std::vector<Pistache::Polling::Event> events);
    void look_for_peers_again();
    bool too_many(const Connection& connection) const;
    std::size_t most_connections() const { return std::min(limits.max_connections, shared_.affordable); }
    void process_pending();
    void continue_handshake();
    void run_timers();
    void run_posted();
    void end_turn();
    void kick();
    /// No exception may reach Pistache's thread: it would end the process.
    template <typename Call>
    static bool guarded(Call&& call) noexcept {
        try {
            call();
            return true;
        } catch (...) {
            return false;
        }
    }

    ServerShared& shared_;
    Pistache::Polling::Epoll* epoll_ = nullptr;
    int wake_fd_ = -1, timer_fd_ = -1;
    Clock::time_point armed_ = Clock::time_point::max();

    std::uint64_t next_id_;  // next ID of connections and watches, used as an event's tag
    std::unordered_map<std::uint64_t, Client> clients_;
    std::vector<std::unique_ptr<Connection>> closed_;  // closed in this turn
    std::vector<Connection*> scheduled_, processing_;
    std::vector<std::uint64_t> fresh_;
    std::unordered_map<int, Watch> watches_;
    std::unordered_map<std::uint64_t, Watch*> watched_;  // by tag
    std::uint64_t peers_tag_ = 0;
    int peers_looks_left_ = 0;
    TimerId peers_timer_ = 0;
    bool stopped_ = false;
    std::atomic<std::uint64_t> turn_{0};

    std::mutex mutex_;
    std::vector<std::function<void()>> posted_;  // under mutex_
    bool closed_for_posts_ = false;              // under mutex_
    bool in_turn_ = false;                       // under mutex_
    std::vector<std::function<void()>> running_;
};

}  // namespace gatehouse::core
