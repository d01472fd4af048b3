// SPDX-License-Identifier: Apache-2.0
#include "plugins/store/redis/worker.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace gatehouse::redis_store {

namespace {

constexpr std::size_t most_tasks = 10'000, most_bytes = 67'108'864;
constexpr std::chrono::milliseconds first_pause{50}, reconnect_time{1'000};

int make_wake() {
    const int made = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    return made;
}

}  // namespace

Error unavailable(const std::string& reason) {
    return {.kind = ErrorKind::unavailable,
            .message = "the store is not available",
            .detail = reason,
            .retry_after_seconds = 1};
}

Worker::Worker(const Address& address, Host& host)
    : address_(address), host_(&host), wake_(make_wake()), thread_([this] { run(); }) {}

Worker::~Worker() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake();
    thread_.join();
    ::close(wake_);
}

void Worker::end(std::unique_ptr<Worker> worker) {
    if (worker->thread_.get_id() != std::this_thread::get_id()) return;
    worker->host_ = nullptr;
    std::thread([worker = std::move(worker)] {}).detach();
}

void Worker::add(Task task) {
    {
        const std::lock_guard lock(mutex_);
        if (tasks_.size() < most_tasks && bytes_ + task.bytes <= most_bytes) {
            bytes_ += task.bytes;
            tasks_.push_back(std::move(task));
            if (tasks_.size() == 1) wake();
            return;
        }
    }
    task.fail(unavailable("Redis is too slow: too many calls wait"));
}

void Worker::run() {
    sigset_t pipe;  // a write to a closed connection
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    std::unique_lock lock(mutex_);
    while (true) {
        while (tasks_.empty()) {
            if (stopping_) return;
            lock.unlock();
            wait();
            lock.lock();
        }
        Task task = std::move(tasks_.front());
        tasks_.pop_front();
        bytes_ -= task.bytes;
        lock.unlock();
        perform(task);
        lock.lock();
    }
}

void Worker::wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

/// Waits for a task, and keeps the connection meanwhile.
void Worker::wait() {
    pollfd watched[] = {
        {.fd = wake_, .events = POLLIN, .revents = 0},
        {.fd = connection_ ? connection_->socket() : -1, .events = POLLIN | POLLRDHUP, .revents = 0}};
    if (::poll(watched, 2, until_restore()) < 0) return;
    std::uint64_t count = 0;
    if (watched[0].revents != 0) {
        [[maybe_unused]] const auto read = ::read(wake_, &count, sizeof count);
        return;
    }
    if (watched[1].revents != 0) {
        connection_.reset();
        // A server that accepts connections and ends them at once is asked less and less often.
        if (Clock::now() - connected_ < reconnect_time) pause();
    }
    if (until_restore() == 0) restore();
}

/// Milliseconds until the thread connects without a task; -1: it does not.  The first task connects.
int Worker::until_restore() const {
    if (connection_ || connected_ == Clock::time_point()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_restore_ - Clock::now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

void Worker::pause() {
    pause_ = std::clamp(2 * pause_, first_pause, reconnect_time);
    next_restore_ = Clock::now() + pause_;
}

// Writes no line into the log, because no task has failed.  The calls that came meanwhile fail at once,
// instead of waiting for the timeout of another connection.
void Worker::restore() {
    try {
        connection_.emplace(address_);
        connected_ = Clock::now();
    } catch (const RedisError& error) {
        pause();
        next_connect_ = next_restore_;
        refusal_ = error.what();
    }
}

// The server may end the connection between this look and the command.
void Worker::perform(Task& task) {
    if (connection_ && connection_->has_ended()) connection_.reset();
    const bool was_connected = connection_.has_value();
    if (!attempt(task, !(was_connected && task.may_repeat))) attempt(task, true);
}

/// Whether the task has ended.
bool Worker::attempt(Task& task, bool is_last) {
    try {
        connect();
        task.work(*connection_);
        succeeded();
        return true;
    } catch (const RefusedCommand& error) {
        failed(error.what());
        task.fail(unavailable(error.what()));
        return true;
    } catch (const RedisError& error) {
        connection_.reset();
        if (!is_last) return false;
        if (const auto now = Clock::now(); now >= next_connect_) {
            next_connect_ = next_restore_ = now + reconnect_time;
            refusal_ = error.what();
        }
        failed(error.what());
        task.fail(unavailable(error.what()));
        return true;
    }
}

void Worker::connect() {
    if (connection_) return;
    if (Clock::now() < next_connect_) throw RedisError(refusal_);
    connection_.emplace(address_);
    connected_ = Clock::now();
}

// Logs a reason once.
void Worker::failed(const std::string& reason) {
    if (std::exchange(failure_, reason) == reason) return;
    if (host_) host_->log(Level::error, "store not available", {{"reason", reason}});
}

void Worker::succeeded() {
    pause_ = {};
    if (!std::exchange(failure_, {}).empty() && host_) host_->log(Level::info, "store available again");
}

}  // namespace gatehouse::redis_store
