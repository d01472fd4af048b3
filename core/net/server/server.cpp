// SPDX-License-Identifier: Apache-2.0
// Starts and ends the acceptor, and Pistache's reactor with the workers in it.
#include "core/net/server/server.hpp"

#include "core/net/acceptor.hpp"
#include "core/net/listening.hpp"
#include "core/net/worker.hpp"
#include "core/util/max_workers.hpp"
#include "core/util/sanitizers.hpp"

#include <pistache/reactor.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <latch>
#include <limits>
#include <optional>
#include <thread>
#include <utility>

namespace gatehouse::core {
namespace {

/// Pistache clones its transport once per worker; the clones of this class are the workers.
class WorkerMaker final : public Pistache::Tcp::Transport {
public:
    WorkerMaker(const std::shared_ptr<Pistache::Tcp::Handler>& handler, ServerShared& shared,
                std::vector<std::shared_ptr<Worker>>& workers)
        : Pistache::Tcp::Transport(handler), shared_(shared), workers_(workers) {}
    std::shared_ptr<Pistache::Aio::Handler> clone() const override {
        return workers_.emplace_back(std::make_shared<Worker>(shared_));
    }

private:
    ServerShared& shared_;
    std::vector<std::shared_ptr<Worker>>& workers_;
};

/// The handler of the maker; it never receives a peer.
class Nobody final : public Pistache::Tcp::Handler {
    PROTOTYPE_OF(Pistache::Tcp::Handler, Nobody)
    void onInput(const char*, std::size_t, const std::shared_ptr<Pistache::Tcp::Peer>&) override {}
};

/// The highest descriptor of a connection that leaves 1/`share` of the reserved descriptors free.
int last_descriptor(int share) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > std::numeric_limits<int>::max())
        return std::numeric_limits<int>::max();
    const auto all = static_cast<int>(limit.rlim_cur);
    return all - std::min(64, all / 4) / share;
}

/// The number of connections for which there are descriptors, if each also needs an upstream
/// connection.  Some descriptors stay free, so that further clients can be rejected.
std::size_t affordable_connections() {
    const auto all = std::filesystem::directory_iterator("/proc/self/fd");
    const auto open = std::distance(begin(all), end(all));
    return static_cast<std::size_t>(std::max<std::ptrdiff_t>(8, (last_descriptor(1) - open) / 2));
}

}  // namespace

class Server::Impl {
public:
    Impl(Application& application, std::string listen, int workers, ServerLimits limits, MemoryBudget* memory)
        : shared_{application,
                  limits,
                  last_descriptor(1),
                  last_descriptor(2),
                  affordable_connections(),
                  memory ? *memory : own_memory_},
          listen_(std::move(listen)) {
        if (workers <= 0) workers = static_cast<int>(std::thread::hardware_concurrency());
        count_ = std::clamp(workers, 1, max_workers);
        shared_.workers = static_cast<std::size_t>(count_);
    }
    ~Impl() { shutdown(); }

    Result<void> start(bool accepting) {
        const bool inherited = inherited_ >= 0;
        if (inherited)
            if (auto ok = adopt_listening(inherited_); !ok) return ok;
        auto socket = inherited ? Result<int>(inherited_) : listen_on(listen_);
        if (!socket) return socket.error();
        port_ = port_of(*socket);
        listening_ = *socket;
        try {
            start_workers();
            if (accepting) accept();
        } catch (const std::exception& problem) {
            close_listening();
            if (reactor_) reactor_->shutdown();
            reactor_.reset();
            workers_.clear();
            return Error{ErrorKind::bad_config, "cannot listen on \"" + listen_ + "\": " + problem.what()};
        }
        each_worker_and_wait([](Worker&) {});  // from now on every thread runs
        return {};
    }

    void accept() {
        acceptor_.emplace(std::exchange(listening_, -1), inherited_ >= 0,
                          [this](int fd, const sockaddr_storage& peer) { deliver(fd, peer); });
    }

    int share_socket() { return acceptor_ ? acceptor_->share() : -1; }
    void unshare_socket() {
        if (acceptor_) acceptor_->unshare();
    }

    void stop_accepting() {
        if (!reactor_) return;
        close_listening();
        acceptor_.reset();
        for (const auto& worker : workers_) worker->post([&worker = *worker] { worker.start_draining(); });
    }

    void finish_now() {
        for (const auto& worker : workers_) worker->post([&worker = *worker] { worker.finish_now(); });
    }

    void shutdown() {
        if (!reactor_) return;
        close_listening();
        acceptor_.reset();
        each_worker_and_wait([](Worker& worker) { worker.stop(); });
        // Joins the workers.  Pistache never closes the eventfds that wake them, so two per worker
        // stay open until the process ends.
        reactor_->shutdown();
        reactor_.reset();
        for (const auto& worker : workers_) worker->drop_pending();
    }

    MemoryBudget own_memory_;  // used if the caller passes no budget
    ServerShared shared_;
    std::vector<std::shared_ptr<Worker>> workers_;
    std::uint16_t port_ = 0;
    int inherited_ = -1;

private:
    void close_listening() {
        if (listening_ >= 0) ::close(std::exchange(listening_, -1));
    }

    void start_workers() {
        const auto handler = std::make_shared<Nobody>();
        reactor_ = Pistache::Aio::Reactor::create();
        reactor_->init(Pistache::Aio::AsyncContext(static_cast<std::size_t>(count_), "gatehouse"));
        reactor_->addHandler(std::make_shared<WorkerMaker>(handler, shared_, workers_));
        reactor_->run();
    }

    /// Delivers to the worker with the fewest clients, in turn among equals.  A stuck worker gets a client
    /// only if all are stuck.  [the acceptor's thread]
    void deliver(int fd, const sockaddr_storage& address) {
        auto copy = address;
        const auto peer =
            Pistache::Tcp::Peer::Create(fd, Pistache::Address::fromUnix(reinterpret_cast<sockaddr*>(&copy)));
        ++turn_;
        Worker* least = nullptr;
        for (std::size_t i = 0; i < workers_.size(); ++i) {
            Worker& worker = *workers_[(turn_ + i) % workers_.size()];
            const bool more_alive = least && least->is_stuck && !worker.is_stuck;
            const bool less_alive = least && !least->is_stuck && worker.is_stuck;
            if (!least || more_alive || (!less_alive && worker.load < least->load)) least = &worker;
        }
        least->deliver(peer);
    }

    template <typename Task>
    void each_worker_and_wait(Task task) {
        std::latch done(static_cast<std::ptrdiff_t>(workers_.size()));
        for (const auto& worker : workers_)
            worker->post([&, &worker = *worker] {
                task(worker);
                done.count_down();
            });
        done.wait();
    }

    std::string listen_;
    int count_ = 1;
    int listening_ = -1;  // until the acceptor takes it
    std::size_t turn_ = 0;
    std::shared_ptr<Pistache::Aio::Reactor> reactor_;
    std::optional<Acceptor> acceptor_;
};

Server::Server(Application& application, std::string listen, int workers, ServerLimits limits,
               MemoryBudget* memory)
    : impl_(std::make_unique<Impl>(application, std::move(listen), workers, limits, memory)) {}
Server::~Server() = default;

void Server::take_over(int listening_socket) { impl_->inherited_ = listening_socket; }
int Server::share_socket() { return impl_->share_socket(); }
void Server::unshare_socket() { impl_->unshare_socket(); }
Result<void> Server::start(bool accepting) { return impl_->start(accepting); }
void Server::accept() { impl_->accept(); }
std::uint16_t Server::port() const { return impl_->port_; }
std::vector<Loop*> Server::loops() const {
    std::vector<Loop*> all;
    for (const auto& worker : impl_->workers_) all.push_back(worker.get());
    return all;
}
void Server::set_limits(const ServerLimits& limits) {
    for (const auto& worker : impl_->workers_)
        worker->post([&worker = *worker, limits] { worker.set_limits(limits); });
}
void Server::set_tls(std::shared_ptr<const ServerTls> tls) {
    impl_->shared_.tls = tls;
    for (const auto& worker : impl_->workers_) worker->post([&worker = *worker, tls] { worker.tls = tls; });
}
void Server::stop_accepting() { impl_->stop_accepting(); }
void Server::finish_now() { impl_->finish_now(); }
std::size_t Server::affordable() const { return impl_->shared_.affordable; }
std::size_t Server::connections() const { return impl_->shared_.connections; }
void Server::shutdown() { impl_->shutdown(); }

}  // namespace gatehouse::core

#if defined(GATEHOUSE_THREAD_SANITIZER)
// Pistache's library is not instrumented.  Its queue orders the two threads when a peer is handed
// to a worker, but the sanitizer sees only that one thread makes the peer and its descriptor, and
// another uses them, or frees them if the acceptor releases them last.
extern "C" const char* __tsan_default_suppressions() {
    return "race:gatehouse::core::Server::Impl::deliver\n"
           "race:Pistache::Tcp::Peer::Create\n";
}
#endif
