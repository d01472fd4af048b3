// SPDX-License-Identifier: Apache-2.0
// The worker's event loop.  Pistache registers its own descriptors and new clients under their
// descriptor numbers.  The worker's connections and watches have unique tags above all such
// numbers, so an event for a closed descriptor matches no entry.  Only events with Pistache's
// numbers are passed to its transport.
#include "core/net/worker.hpp"

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace gatehouse::core {
namespace {

using Pistache::Flags;
using Pistache::Polling::Mode;
using Pistache::Polling::NotifyOn;
using Pistache::Polling::Tag;

constexpr std::uint64_t first_tag = 1ull << 32;
constexpr std::uint64_t wake_tag = first_tag, timer_tag = first_tag + 1;
constexpr int rounds_per_turn = 16;
constexpr int handshakes_per_turn = 2;  // handshake steps of up to a millisecond each

/// The client's address in text form.
std::string address_of(const Pistache::Tcp::Peer& peer) {
    std::string host = peer.address().host();
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.starts_with("::ffff:") && host.find('.') != std::string::npos) host.erase(0, 7);
    return host;
}

}  // namespace

/// Pistache needs a handler per transport; this one only passes new peers to the worker.
class ConnectionHandler final : public Pistache::Tcp::Handler {
    PROTOTYPE_OF(Pistache::Tcp::Handler, ConnectionHandler)
    void onInput(const char*, std::size_t, const std::shared_ptr<Pistache::Tcp::Peer>&) override {}
    void onConnection(const std::shared_ptr<Pistache::Tcp::Peer>& peer) override {
        static_cast<Worker*>(transport())->attach(peer);
    }
};

Worker::Worker(ServerShared& shared)
    : Pistache::Tcp::Transport(std::make_shared<ConnectionHandler>()),
      ConnectionOwner(shared.application, shared.limits, shared.memory),
      shared_(shared),
      wake_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      timer_fd_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
      next_id_(timer_tag + 1) {
    tls = shared.tls;
    set_limits(shared.limits);
    if (wake_fd_ < 0 || timer_fd_ < 0) {
        const std::error_code why(errno, std::generic_category());
        if (wake_fd_ >= 0) ::close(wake_fd_);
        if (timer_fd_ >= 0) ::close(timer_fd_);
        throw std::system_error(why, "no descriptor for a worker");
    }
}

Worker::~Worker() {
    ::close(wake_fd_);
    ::close(timer_fd_);
}

void Worker::registerPoller(Pistache::Polling::Epoll& epoll) {
    Pistache::Tcp::Transport::registerPoller(epoll);
    epoll_ = &epoll;
    epoll.addFd(wake_fd_, Flags<NotifyOn>(NotifyOn::Read), Tag(wake_tag));
    epoll.addFd(timer_fd_, Flags<NotifyOn>(NotifyOn::Read), Tag(timer_tag));
}

// --- a turn of the loop ------------------------------------------------------------

void Worker::onReady(const Pistache::Aio::FdSet& events) {
    turn_.store(turn_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    {
        std::lock_guard lock(mutex_);
        in_turn_ = true;
    }
    guarded([&] {
        now = Clock::now();
        std::vector<Pistache::Polling::Event> pistaches;
        // Output is sent after all events are handled.  A peer that is woken by the first bytes then
        // finds the others too, instead of being woken for each.
        for (const Event& event : events) guarded([&] { dispatch(event, pistaches); });
        process_pending();
        if (!pistaches.empty()) {
            take_new_peers(std::move(pistaches));
            process_pending();
        }
        run_posted();
        process_pending();
        run_timers();
        process_pending();
        continue_handshake();
        process_pending();
    });
    guarded([&] { end_turn(); });
    guarded([&] { shared_.application.before_bytes_go(); });
    turn_.store(turn_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    std::lock_guard lock(mutex_);
    in_turn_ = false;
    if (!posted_.empty()) kick();
}

void Worker::dispatch(const Event& event, std::vector<Pistache::Polling::Event>& pistaches) {
    const std::uint64_t tag = event.getTag().value();
    // Entry hides that Pistache has seen EPOLLRDHUP; only this cast reaches the base.
    const auto& flags = ((const Pistache::Polling::Event&)event).flags;
    const bool fin = flags.hasFlag(NotifyOn::Shutdown);
    if (auto client = clients_.find(tag); client != clients_.end()) {
        client->second.connection->on_ready(event.isReadable(), event.isWritable(), event.isHangup(), fin);
    } else if (auto watched = watched_.find(tag); watched != watched_.end()) {
        tell(*watched->second, event, fin);
    } else if (tag == wake_tag) {
        std::uint64_t count;
        (void)!::read(wake_fd_, &count, sizeof count);
    } else if (tag == timer_tag) {
        std::uint64_t count;
        (void)!::read(timer_fd_, &count, sizeof count);
        armed_ = Clock::time_point::max();
    } else if (tag < first_tag) {
        Pistache::Polling::Event copy{Tag(tag)};
        if (event.isReadable()) copy.flags.setFlag(NotifyOn::Read);
        pistaches.push_back(copy);
    }
}

void Worker::tell(const Watch& watch, const Event& event, bool fin) {
    const bool broken = event.isHangup() || (!event.isReadable() && !event.isWritable());  // or an error
    const bool readable = event.isReadable() || broken, writable = event.isWritable() || broken;
    if (watch.edges)
        watch.edges->on_edge({readable, writable, fin || broken});
    else
        watch.watcher->on_ready(watch.fd, readable, writable);
}

void Worker::process_pending() {
    for (int round = 0; round < rounds_per_turn && !scheduled_.empty(); ++round) {
        processing_.swap(scheduled_);
        for (Connection* connection : processing_) {
            connection->scheduled = false;
            if (!guarded([&] { connection->process_input(); })) guarded([&] { connection->close_hard(); });
        }
        for (Connection* connection : processing_)
            if (!guarded([&] { connection->flush_output(); })) guarded([&] { connection->close_hard(); });
        processing_.clear();
    }
}

void Worker::continue_handshake() {
    for (int i = 0; i < handshakes_per_turn; ++i) {
        const auto id = handshakes.next();
        if (!id) return;
        const auto client = clients_.find(*id);
        if (client == clients_.end()) continue;
        Connection& connection = *client->second.connection;
        if (!guarded([&] { connection.continue_handshake(); })) guarded([&] { connection.close_hard(); });
    }
}

void Worker::run_timers() {
    if (const auto next = timeouts.next(); !next || *next > now) return;
    now = Clock::now();
    while (auto task = timeouts.take_due(now))
        if (!stopped_) guarded(task);
}

void Worker::run_posted() {
    {
        std::lock_guard lock(mutex_);
        running_.swap(posted_);
    }
    for (auto& task : running_) {
        if (!stopped_) guarded(task);
        guarded([&] { task = nullptr; });
    }
    running_.clear();
}

void Worker::end_turn() {
    std::erase_if(scheduled_, [](const Connection* connection) { return connection->closed(); });
    const auto dropped = std::exchange(closed_, {});
    if (!scheduled_.empty() || handshakes.any()) kick();

    // A timer armed for an earlier deadline fires once without effect; that is cheaper than to set it each
    // time.
    const auto next = timeouts.next();
    if (!next || *next >= armed_) return;
    armed_ = *next;
    const auto since = std::max(next->time_since_epoch(), Clock::duration(1));
    itimerspec spec{};
    spec.it_value.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(since).count();
    spec.it_value.tv_nsec = (std::chrono::nanoseconds(since) % std::chrono::seconds(1)).count();
    ::timerfd_settime(timer_fd_, TFD_TIMER_ABSTIME, &spec, nullptr);
}

// --- clients -------------------------------------------------------------------------

/// Lets Pistache hand over the queued peers; each comes to attach().
void Worker::take_new_peers(std::vector<Pistache::Polling::Event> events) {
    peers_tag_ = events.back().tag.value();
    const std::size_t before = next_id_;
    guarded([&] { Pistache::Tcp::Transport::onReady(Pistache::Aio::FdSet(std::move(events))); });
    for (const std::uint64_t id : std::exchange(fresh_, {})) {
        auto client = clients_.find(id);
        if (client == clients_.end()) continue;
        Connection& connection = *client->second.connection;
        // Pistache has just registered the peer under its descriptor's number.
        if (!stopped_ && !too_many(connection) && guarded([&] {
                epoll_->rearmFd(connection.fd(), Flags<NotifyOn>(NotifyOn::Read | NotifyOn::Shutdown),
                                Tag(id), Mode::Edge);
            }))
            schedule(connection);
        else
            connection.close_hard();
        // A client that was accepted just before draining; its request is served if it comes at once.
        if (draining)
            post([this, id] {
                if (auto late = clients_.find(id); late != clients_.end()) late->second.connection->drain();
            });
    }
    if (next_id_ != before) peers_looks_left_ = 2;
    if (peers_looks_left_ > 0 && !peers_timer_)
        peers_timer_ = after(std::chrono::milliseconds(peers_looks_left_ == 2 ? 5 : 100),
                             [this] { look_for_peers_again(); });
}

/// Pistache's queue can lose the signal for a peer that is pushed between its last check and its
/// read of the eventfd.  That client would wait for the next client, so the worker checks again a
/// little later.
void Worker::look_for_peers_again() {
    peers_timer_ = 0;
    --peers_looks_left_;
    Pistache::Polling::Event event{Tag(peers_tag_)};
    event.flags.setFlag(NotifyOn::Read);
    take_new_peers({event});
}

/// Whether there are too many connections to reject this one with a response, which would keep the
/// descriptor for seconds.
bool Worker::too_many(const Connection& connection) const {
    const std::size_t limit = most_connections();
    return connection.fd() > shared_.last_polite_descriptor || shared_.connections > limit + limit / 8 + 64;
}

void Worker::attach(const std::shared_ptr<Pistache::Tcp::Peer>& peer) noexcept {
    bool kept = false;
    guarded([&] {
        const std::uint64_t id = next_id_++;
        fresh_.reserve(fresh_.size() + 1);
        auto connection = std::make_unique<Connection>(*this, peer->fd(), id, address_of(*peer));
        Connection& made = *connection;
        clients_.emplace(id, Client{std::move(connection), peer});
        kept = true;
        fresh_.push_back(id);
        const std::size_t open = ++shared_.connections;
        const std::size_t limit = most_connections();
        if (open <= limit && peer->fd() <= shared_.last_descriptor) return;
        Error error{ErrorKind::unavailable, "too many connections"};
        error.retry_after_seconds = 1;
        made.reject(error);
    });
    if (!kept) --load;
}

void Worker::schedule(Connection& connection) {
    if (connection.scheduled || connection.closed()) return;
    scheduled_.push_back(&connection);
    connection.scheduled = true;
}

void Worker::want_writable(Connection& connection) {
    auto client = clients_.find(connection.id());
    if (client == clients_.end() || std::exchange(client->second.writable_wanted, true)) return;
    // The registration stays, because an edge-triggered epoll reports only changes.
    epoll_->rearmFd(connection.fd(), Flags<NotifyOn>(NotifyOn::Read | NotifyOn::Write | NotifyOn::Shutdown),
                    Tag(connection.id()), Mode::Edge);
}

Timers::Id Worker::wake(const Connection& connection, Clock::time_point when) {
    return timeouts.set(when, [this, id = connection.id()] {
        if (auto client = clients_.find(id); client != clients_.end()) client->second.connection->on_timer();
    });
}

void Worker::close(Connection& connection) {
    auto node = clients_.extract(connection.id());
    if (node.empty()) return;
    closed_.push_back(std::move(node.mapped().connection));
    --shared_.connections;
    --load;
    if (!guarded([&] { removePeer(node.mapped().peer); })) peers.erase(connection.fd());
}

}  // namespace gatehouse::core
