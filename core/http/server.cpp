// SPDX-License-Identifier: Apache-2.0
// Starts and ends Pistache's listener with our workers in it.
#include "core/http/server.hpp"

#include "core/http/worker.hpp"
#include "core/sanitizers.hpp"

#include <pistache/listener.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <latch>
#include <limits>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace gatehouse::core {
namespace {

constexpr int backlog = 4096;
constexpr int most_workers = 128;

/// Pistache clones what it is given once per worker: here the clones are the workers.
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

/// A handler for the maker, which never sees a peer.
class Nobody final : public Pistache::Tcp::Handler {
    PROTOTYPE_OF(Pistache::Tcp::Handler, Nobody)
    void onInput(const char*, std::size_t, const std::shared_ptr<Pistache::Tcp::Peer>&) override {}
};

/// The sockets of this process that listen.
std::set<int> listening_sockets() {
    std::set<int> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        const std::string name = entry.path().filename();
        int fd = -1, listens = 0;
        socklen_t size = sizeof listens;
        std::from_chars(name.data(), name.data() + name.size(), fd);
        if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens) found.insert(fd);
    }
    return found;
}

std::uint16_t port_of(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
    if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6&>(address).sin6_port);
    return ntohs(reinterpret_cast<sockaddr_in&>(address).sin_port);
}

/// "host:port" as Pistache wants it, or what is wrong with it.
Result<std::string> check_address(const std::string& listen) {
    auto wrong = [&](const std::string& why) {
        return Error{ErrorKind::bad_config, "cannot listen on \"" + listen + "\": " + why};
    };
    const std::size_t colon = listen.rfind(':');
    if (colon == std::string::npos || colon == 0 || (listen[0] == '[') != (listen[colon - 1] == ']') ||
        (listen[0] != '[' && listen.find(':') != colon))
        return wrong("it must be host:port, such as 127.0.0.1:8050 or [::1]:8050");
    unsigned port = 0;
    const char* end = listen.data() + listen.size();
    const auto read = std::from_chars(listen.data() + colon + 1, end, port);
    if (read.ec != std::errc() || read.ptr != end || port > 65535)
        return wrong("the port must be a number from 0 to 65535");
    // Resolved, it may be ::1 alone, where half of the clients do not look.
    if (listen.substr(0, colon) == "localhost") return "127.0.0.1" + listen.substr(colon);
    return listen;
}

/// The highest descriptor that a connection may have, if it is to leave 1/`share` of those kept free.
int last_descriptor(int share) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > std::numeric_limits<int>::max())
        return std::numeric_limits<int>::max();
    const auto all = static_cast<int>(limit.rlim_cur);
    return all - std::min(64, all / 4) / share;
}

}  // namespace

class Server::Impl {
public:
    Impl(Application& application, std::string listen, int workers, ServerLimits limits)
        : shared_{application, limits, last_descriptor(1), last_descriptor(2)}, listen_(std::move(listen)) {
        if (workers <= 0) workers = static_cast<int>(std::thread::hardware_concurrency());
        count_ = std::clamp(workers, 1, most_workers);
    }
    ~Impl() { shutdown(); }

    Result<void> start() {
        auto address = check_address(listen_);
        if (!address) return address.error();
        try {
            bind(*address);
            listener_->runThreaded();
        } catch (const std::exception& problem) {
            listener_.reset();
            workers_.clear();
            const std::string_view what = problem.what();
            const bool unknown = what.starts_with("Failed to get IPv");  // Pistache's words for it
            return Error{ErrorKind::bad_config, "cannot listen on \"" + listen_ + "\": " +
                                                    (unknown ? "the host is not known" : problem.what())};
        }
        each_worker_and_wait([](Worker&) {});  // from now on every thread runs
        return {};
    }

    void stop_accepting() {
        if (!listener_) return;
        refuse_new();
        for (const auto& worker : workers_) worker->post([&worker = *worker] { worker.start_draining(); });
    }

    void shutdown() {
        if (!listener_) return;
        refuse_new();
        each_worker_and_wait([](Worker& worker) { worker.stop(); });
        // Joins the acceptor and the workers.  Pistache never closes the eventfds by which it
        // wakes them: one of the listener and two of each worker stay until the process ends.
        listener_->shutdown();
        listener_.reset();
        for (const auto& worker : workers_) worker->drop_pending();
    }

    ServerShared shared_;
    std::vector<std::shared_ptr<Worker>> workers_;
    std::uint16_t port_ = 0;

private:
    void bind(const std::string& address) {
        using Pistache::Tcp::Options;
        listener_ = std::make_unique<Pistache::Tcp::Listener>(Pistache::Address(address));
        listener_->init(
            static_cast<std::size_t>(count_),
            Pistache::Flags<Options>(Options::ReuseAddr | Options::NoDelay | Options::CloseOnExec),
            "gatehouse", backlog);
        const auto handler = std::make_shared<Nobody>();
        listener_->setHandler(handler);
        listener_->setTransportFactory(
            [this, handler] { return std::make_shared<WorkerMaker>(handler, shared_, workers_); });

        static std::mutex one_at_a_time;  // so that the new listening socket is ours
        std::lock_guard lock(one_at_a_time);
        const std::set<int> before = listening_sockets();
        listener_->bind();
        port_ = static_cast<std::uint16_t>(listener_->getPort());
        for (int fd : listening_sockets())
            if (!before.contains(fd) && port_of(fd) == port_) listening_fd_ = fd;
    }

    /// Pistache cannot stop accepting.  Another socket in the place of the listening
    /// one closes that, and says EINVAL should the acceptor be about to look at it
    /// (/dev/null would say ENOTSOCK, which Pistache takes for a reason to die).
    void refuse_new() {
        if (listening_fd_ < 0) return;
        const int idle = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (idle < 0) return;
        ::dup3(idle, std::exchange(listening_fd_, -1), O_CLOEXEC);
        ::close(idle);
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
    int listening_fd_ = -1;
    std::unique_ptr<Pistache::Tcp::Listener> listener_;
};

Server::Server(Application& application, std::string listen, int workers, ServerLimits limits)
    : impl_(std::make_unique<Impl>(application, std::move(listen), workers, limits)) {}
Server::~Server() = default;

Result<void> Server::start() { return impl_->start(); }
std::uint16_t Server::port() const { return impl_->port_; }
std::vector<Loop*> Server::loops() const {
    std::vector<Loop*> all;
    for (const auto& worker : impl_->workers_) all.push_back(worker.get());
    return all;
}
void Server::set_limits(const ServerLimits& limits) {
    for (const auto& worker : impl_->workers_)
        worker->post([&worker = *worker, limits] { worker.limits = limits; });
}
void Server::stop_accepting() { impl_->stop_accepting(); }
std::size_t Server::connections() const { return impl_->shared_.connections; }
void Server::shutdown() { impl_->shutdown(); }

}  // namespace gatehouse::core

#if defined(GATEHOUSE_THREAD_SANITIZER)
// Pistache's library is not instrumented: the queue by which its acceptor hands a peer to a
// worker orders the two, but the sanitizer sees only that one thread made the peer and its
// descriptor, and another uses them; or, where the acceptor lets go of it last, frees them.
extern "C" const char* __tsan_default_suppressions() {
    return "race:Pistache::Tcp::Listener::handleNewConnection\n"
           "race:Pistache::Tcp::Listener::acceptConnection\n"
           "race:Pistache::Tcp::Peer::Create\n";
}
#endif
