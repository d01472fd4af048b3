// SPDX-License-Identifier: Apache-2.0
// For the tests of HttpClient: a loop on epoll, upstreams that run a script on raw sockets in
// their own threads, and a listener that records its calls.
#pragma once

#include "core/net/client/http_client.hpp"
#include "tests/core/patience.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace gatehouse::core::testing {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// A Loop that runs while a test waits, and counts its calls.
class TestLoop final : public Loop {
public:
    TestLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = wake_;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
    }
    ~TestLoop() override {
        close(wake_);
        close(epoll_);
    }

    void post(std::function<void()> task) override {
        std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
        const std::uint64_t one = 1;
        (void)!write(wake_, &one, sizeof one);
    }
    TimerId after(std::chrono::milliseconds delay, std::function<void()> task) override {
        ++timers_set;
        timers_.emplace(std::pair(Clock::now() + delay, ++last_timer_), std::move(task));
        return last_timer_;
    }
    void cancel(TimerId timer) override {
        std::erase_if(timers_, [&](const auto& entry) { return entry.first.second == timer; });
    }
    void watch(int fd, bool readable, bool writable, Watcher& watcher) override {
        ++interest_changes;
        epoll_event event{};
        event.events = (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u);
        event.data.fd = fd;
        const int what = watchers_.count(fd) ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
        if (epoll_ctl(epoll_, what, fd, &event) != 0) ++mistakes;  // closed without unwatch()
        watchers_[fd] = &watcher;
    }
    bool watch_edges(int fd, EdgeWatcher& watcher) override {
        if (!std::exchange(edge_watchers_[fd], &watcher)) {
            ++interest_changes;
            epoll_event event{};
            event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
            event.data.fd = fd;
            if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) ++mistakes;
        }
        return true;
    }
    void unwatch(int fd) override {
        if (!watchers_.erase(fd) && !edge_watchers_.erase(fd)) return;
        ++interest_changes;
        // libcurl closes an unconnected socket before it reports that.
        epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
    }

    /// Runs until `done` returns true.  Returns false if that takes longer than `limit`.
    template <typename Done>
    bool run_until(Done&& done, std::chrono::milliseconds limit = patience) {
        const auto end = Clock::now() + limit;
        while (!done()) {
            if (Clock::now() >= end) return false;
            step(end);
        }
        return true;
    }
    void run_for(std::chrono::milliseconds time) {
        run_until([] { return false; }, time);
    }

    std::size_t watched() const { return watchers_.size() + edge_watchers_.size(); }
    std::size_t timers() const { return timers_.size(); }

    int wakeups = 0, timers_set = 0, interest_changes = 0, mistakes = 0;

private:
    void step(Clock::time_point end) {
        auto wait = std::min(end, Clock::now() + 2ms);  // the awaited event may happen in another thread
        if (!timers_.empty()) wait = std::min(wait, timers_.begin()->first.first);
        const auto ms = std::chrono::ceil<std::chrono::milliseconds>(wait - Clock::now()).count();
        epoll_event events[64];
        const int count = epoll_wait(epoll_, events, 64, static_cast<int>(std::max<long>(ms, 0)));
        wakeups += count > 0;
        for (int i = 0; i < count; ++i) {
            const int fd = events[i].data.fd;
            if (fd == wake_) {
                std::uint64_t value;
                (void)!::read(wake_, &value, sizeof value);
                continue;
            }
            const bool broken = events[i].events & (EPOLLERR | EPOLLHUP);
            const bool readable = broken || (events[i].events & EPOLLIN),
                       writable = broken || (events[i].events & EPOLLOUT),
                       ended = broken || (events[i].events & EPOLLRDHUP);
            if (auto found = watchers_.find(fd); found != watchers_.end())
                found->second->on_ready(fd, readable, writable);
            else if (auto edges = edge_watchers_.find(fd); edges != edge_watchers_.end())
                edges->second->on_edge({readable, writable, ended});
        }
        std::deque<std::function<void()>> tasks;
        {
            std::lock_guard lock(mutex_);
            tasks.swap(tasks_);
        }
        for (auto& task : tasks) task();
        while (!timers_.empty() && timers_.begin()->first.first <= Clock::now()) {
            auto task = std::move(timers_.begin()->second);
            timers_.erase(timers_.begin());
            task();
        }
    }

    int epoll_, wake_;
    std::mutex mutex_;
    std::deque<std::function<void()>> tasks_;
    std::map<std::pair<Clock::time_point, TimerId>, std::function<void()>> timers_;
    std::map<int, Watcher*> watchers_;
    std::map<int, EdgeWatcher*> edge_watchers_;
    TimerId last_timer_ = 0;
};

/// One connection, seen from the scripted upstream.  Calls give up after ten seconds.
class Peer {
public:
    explicit Peer(int fd) : fd_(fd) {
        const timeval limit{10, 0};
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        const int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    ~Peer() { hang_up(); }
    Peer(const Peer&) = delete;

    /// Head and body of the next request, unchanged; "" after the client has disconnected.
    std::string request() {
        std::size_t end;
        while ((end = in_.find("\r\n\r\n")) == std::string::npos)
            if (!more()) return {};
        std::size_t length = 0;
        for (std::size_t at = 0; at < end; at = in_.find("\r\n", at) + 2)
            if (strncasecmp(in_.data() + at, "content-length:", 15) == 0)
                length = std::stoul(in_.substr(at + 15));
        while (in_.size() < end + 4 + length)
            if (!more()) return {};
        std::string whole = in_.substr(0, end + 4 + length);
        in_.erase(0, whole.size());
        return whole;
    }
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    /// Sends until the client has read nothing for `quiet`.
    std::size_t flood(std::size_t bytes, std::chrono::milliseconds quiet) {
        const std::string block(65536, 'x');
        std::size_t sent = 0;
        while (sent < bytes) {
            pollfd poll_fd{fd_, POLLOUT, 0};
            if (poll(&poll_fd, 1, static_cast<int>(quiet.count())) != 1) break;
            const auto now =
                ::send(fd_, block.data(), std::min(block.size(), bytes - sent), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (now <= 0) break;
            sent += static_cast<std::size_t>(now);
        }
        return sent;
    }
    /// Waits until the client has closed.  Returns the time that took.
    std::optional<std::chrono::milliseconds> closed(std::chrono::milliseconds limit = patience) {
        const auto start = Clock::now();
        char bytes[4096];
        while (Clock::now() - start < limit) {
            pollfd poll_fd{fd_, POLLIN, 0};
            if (poll(&poll_fd, 1, 10) == 1 && recv(fd_, bytes, sizeof bytes, 0) <= 0)
                return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
        }
        return std::nullopt;
    }
    void reset() {
        const linger now{1, 0};
        setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        hang_up();
    }
    void hang_up() {
        if (fd_ >= 0) close(fd_);
        fd_ = -1;
    }
    int fd() const { return fd_; }

private:
    bool more() {
        char bytes[65536];
        const auto got = recv(fd_, bytes, sizeof bytes, 0);
        if (got > 0) in_.append(bytes, static_cast<std::size_t>(got));
        return got > 0;
    }

    int fd_;
    std::string in_;
};

/// An upstream on 127.0.0.1, or ::1, that runs `script` for every connection, in its own thread.
class ScriptedUpstream {
public:
    using Script = std::function<void(Peer&, int connection)>;

    explicit ScriptedUpstream(Script script, bool ipv6 = false)
        : script_(std::move(script)), listener_(socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in6 six{};
        six.sin6_family = AF_INET6;
        six.sin6_addr = in6addr_loopback;
        sockaddr_in four{};
        four.sin_family = AF_INET;
        four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* address = ipv6 ? reinterpret_cast<sockaddr*>(&six) : reinterpret_cast<sockaddr*>(&four);
        socklen_t size = ipv6 ? sizeof six : sizeof four;
        if (bind(listener_, address, size) != 0) return;
        listen(listener_, 1024);
        getsockname(listener_, address, &size);
        port_ = ntohs(ipv6 ? six.sin6_port : four.sin_port);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    ~ScriptedUpstream() {
        stopping_ = true;
        shutdown(listener_, SHUT_RDWR);
        if (acceptor_.joinable()) acceptor_.join();
        for (auto& thread : threads_) thread.join();
        close(listener_);
    }

    std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string url(const std::string& target = "/v1/chat") const { return "http://" + host() + target; }
    int port() const { return port_; }  // 0: this machine has no such address
    int connections() const { return connections_; }

private:
    void accept_all() {
        while (!stopping_) {
            const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0) continue;
            const int number = ++connections_;
            threads_.emplace_back([this, fd, number] {
                Peer peer(fd);
                script_(peer, number);
            });
        }
    }

    Script script_;
    int listener_, port_ = 0;
    std::atomic<bool> stopping_ = false;
    std::atomic<int> connections_ = 0;
    std::thread acceptor_;
    std::vector<std::thread> threads_;
};

/// Records its calls, and runs the test's actions in them.
class Recorder final : public TransferListener {
public:
    void on_head(const http::ResponseHead& answer) override {
        if (over()) ++calls_after_the_end;
        ++heads;
        head = answer;
        if (at_head) at_head();
    }
    void on_body(std::string_view bytes) override {
        if (over()) ++calls_after_the_end;
        body += bytes;
        ++pieces;
        if (at_body) at_body();
    }
    void on_waiting() override {
        if (over()) ++calls_after_the_end;
        waits_behind = body.size();
    }
    void on_end() override {
        if (over()) ++calls_after_the_end;
        ended = true;
        if (at_end) at_end();
    }
    void on_error(TransferFailure failure) override {
        if (over()) ++calls_after_the_end;
        error = std::move(failure.error);
        fault = failure.fault;
        permanent = failure.permanent;
        explained = failure.explained;
        if (at_error) at_error();
    }
    bool over() const { return ended || error; }

    std::function<void()> at_head, at_body, at_end, at_error;
    http::ResponseHead head;
    std::string body;
    std::size_t waits_behind = 0;  // the bytes of the body before the last on_waiting()
    int heads = 0, pieces = 0, calls_after_the_end = 0;
    bool ended = false, permanent = false, explained = false;
    TransferFault fault = TransferFault::none;
    std::optional<Error> error;
};

/// Whether the tests run with the client for proxies.
inline bool by_libcurl() {
    static const bool libcurl = std::getenv("TESTED_UPSTREAM") != nullptr;
    return libcurl;
}

/// The client under test; these tests run with each client.
inline std::unique_ptr<HttpClient> make_tested_upstream(Loop& loop, const HttpClientSettings& settings = {}) {
    return by_libcurl() ? *make_curl_http_client(loop, settings) : make_http_client(loop, settings);
}

/// A loop with an upstream on it, and one transfer at a time.
struct Bench {
    explicit Bench(HttpClientSettings settings = {}) : upstream(make_tested_upstream(loop, settings)) {}
    ~Bench() { upstream.reset(); }

    std::unique_ptr<Recorder> fetch(http::Request request, std::chrono::milliseconds limit = patience) {
        auto recorder = std::make_unique<Recorder>();
        auto transfer = upstream->start(std::move(request), *recorder);
        loop.run_until([&] { return recorder->over(); }, limit);
        return recorder;
    }
    std::unique_ptr<Recorder> get(const std::string& url) {
        http::Request request;
        request.url = url;
        return fetch(std::move(request));
    }
    std::unique_ptr<Recorder> post(const std::string& url, std::string body) {
        http::Request request{"POST", url};
        request.body = std::move(body);
        return fetch(std::move(request));
    }

    TestLoop loop;
    std::unique_ptr<HttpClient> upstream;
};

/// A script that reads requests and responds to each with `answer`.
inline ScriptedUpstream::Script always(std::string answer) {
    return [answer = std::move(answer)](Peer& peer, int) {
        while (!peer.request().empty())
            if (!peer.send(answer)) return;
    };
}

/// A script that reads one request, sends `bytes` and closes.
inline ScriptedUpstream::Script once(std::string bytes) {
    return [bytes = std::move(bytes)](Peer& peer, int) {
        peer.request();
        peer.send(bytes);
    };
}

inline std::string sized(std::string_view body, std::string_view status = "200 OK") {
    return "HTTP/1.1 " + std::string(status) +
           "\r\ncontent-type: application/json\r\ncontent-length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string(body);
}

}  // namespace gatehouse::core::testing
