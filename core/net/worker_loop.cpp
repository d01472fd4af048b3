// SPDX-License-Identifier: Apache-2.0
// The worker as a Loop: posted tasks, timers and watched descriptors; and the worker's end.
#include "core/net/worker.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace gatehouse::core {
namespace {

using Pistache::Flags;
using Pistache::Polling::Mode;
using Pistache::Polling::NotifyOn;
using Pistache::Polling::Tag;

constexpr std::chrono::milliseconds longest_delay = std::chrono::hours(24 * 365);

Flags<NotifyOn> interest_of(bool readable, bool writable) {
    Flags<NotifyOn> flags;
    if (readable) flags.setFlag(NotifyOn::Read);
    if (writable) flags.setFlag(NotifyOn::Write);
    return flags;
}

}  // namespace

void Worker::kick() {
    const std::uint64_t one = 1;
    (void)!::write(wake_fd_, &one, sizeof one);
}

void Worker::post(std::function<void()> task) {
    bool asleep;
    {
        std::lock_guard lock(mutex_);
        if (closed_for_posts_) return;
        // The end of a turn runs posted tasks, and an earlier task has already woken the loop.
        asleep = !in_turn_ && posted_.empty();
        posted_.push_back(std::move(task));
    }
    if (asleep) kick();
}

Loop::TimerId Worker::after(std::chrono::milliseconds delay, std::function<void()> task) {
    // Never due in the turn that set it, so that a task that sets itself again cannot block the loop.
    const auto bounded = std::clamp(delay, std::chrono::milliseconds(0), longest_delay);
    return timeouts.set(now + std::max<Clock::duration>(bounded, Clock::duration(1)), std::move(task));
}

void Worker::watch(int fd, bool readable, bool writable, Watcher& watcher) {
    if (!readable && !writable) return unwatch(fd);
    if (stopped_) return;
    if (auto found = watches_.find(fd); found != watches_.end()) {
        Watch& watch = found->second;
        watch.watcher = &watcher;
        if (watch.readable == readable && watch.writable == writable) return;
        watch.readable = readable;
        watch.writable = writable;
        if (guarded([&] { epoll_->rearmFd(fd, interest_of(readable, writable), Tag(watch.tag)); })) return;
        unwatch(fd);  // the descriptor was closed and reopened without unwatch()
    }
    const std::uint64_t tag = next_id_++;
    epoll_->addFd(fd, interest_of(readable, writable), Tag(tag));
    keep({fd, tag, &watcher, nullptr, readable, writable});
}

bool Worker::watch_edges(int fd, EdgeWatcher& watcher) {
    if (stopped_) return false;
    if (auto found = watches_.find(fd); found != watches_.end()) {
        found->second.edges = &watcher;
        return true;
    }
    const std::uint64_t tag = next_id_++;
    return guarded([&] {
        const auto everything = NotifyOn::Read | NotifyOn::Write | NotifyOn::Shutdown;
        epoll_->addFd(fd, Flags<NotifyOn>(everything), Tag(tag), Mode::Edge);
        keep({fd, tag, nullptr, &watcher, true, true});
    });
}

void Worker::keep(const Watch& watch) {
    Watch& kept = watches_.insert_or_assign(watch.fd, watch).first->second;
    watched_.emplace(watch.tag, &kept);
}

void Worker::unwatch(int fd) {
    auto found = watches_.find(fd);
    if (found == watches_.end()) return;
    watched_.erase(found->second.tag);
    watches_.erase(found);
    if (epoll_) guarded([&] { epoll_->removeFd(fd); });
}

// --- the end -----------------------------------------------------------------------------

void Worker::set_limits(const ServerLimits& wanted) {
    limits = wanted;
    handshakes.set_limit(std::max<std::size_t>(1, wanted.max_handshakes / shared_.workers));
}

void Worker::start_draining() {
    draining = true;
    std::vector<Connection*> all;
    for (auto& [id, client] : clients_) all.push_back(client.connection.get());
    for (Connection* connection : all) guarded([&] { connection->drain(); });
}

void Worker::finish_now() {
    std::vector<std::uint64_t> all;
    for (auto& [id, client] : clients_) all.push_back(id);
    for (const std::uint64_t id : all)
        if (auto client = clients_.find(id); client != clients_.end())
            guarded([&] { client->second.connection->finish_now(); });
}

void Worker::stop() {
    draining = true;
    while (!clients_.empty()) {
        Connection& connection = *clients_.begin()->second.connection;
        guarded([&] { connection.close_hard(); });
    }
    watches_.clear();
    watched_.clear();
    stopped_ = true;
}

void Worker::drop_pending() {
    std::vector<std::function<void()>> dropped;
    {
        std::lock_guard lock(mutex_);
        closed_for_posts_ = true;
        dropped.swap(posted_);
    }
    epoll_ = nullptr;
    timeouts.clear();
    closed_.clear();
}

}  // namespace gatehouse::core
