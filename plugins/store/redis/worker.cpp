// SPDX-License-Identifier: Apache-2.0
#include "plugins/store/redis/worker.hpp"

#include <signal.h>

#include <utility>

namespace gatehouse::redis_store {

namespace {

constexpr std::size_t most_tasks = 10'000, most_bytes = 67'108'864;
constexpr std::chrono::seconds reconnect_time{1};

}  // namespace

Error unavailable(const std::string& reason) {
    return {.kind = ErrorKind::unavailable,
            .message = "the store is not available",
            .detail = reason,
            .retry_after_seconds = 1};
}

Worker::Worker(const Address& address, Host& host)
    : address_(address), host_(host), thread_([this] { run(); }) {}

Worker::~Worker() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    ready_.notify_one();
    thread_.join();
}

void Worker::add(Task task) {
    {
        const std::lock_guard lock(mutex_);
        if (tasks_.size() < most_tasks && bytes_ + task.bytes <= most_bytes) {
            bytes_ += task.bytes;
            tasks_.push_back(std::move(task));
            ready_.notify_one();
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
        ready_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
        if (tasks_.empty()) return;
        Task task = std::move(tasks_.front());
        tasks_.pop_front();
        bytes_ -= task.bytes;
        lock.unlock();
        perform(task);
        lock.lock();
    }
}

// A connection that was idle may have been closed, which only a command can find out.
void Worker::perform(Task& task) {
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
        if (const auto now = Clock::now(); now >= next_connect_) next_connect_ = now + reconnect_time;
        failed(error.what());
        task.fail(unavailable(error.what()));
        return true;
    }
}

void Worker::connect() {
    if (connection_) return;
    if (Clock::now() < next_connect_) throw RedisError(failure_);
    connection_.emplace(address_);
}

// Logs a reason once.
void Worker::failed(const std::string& reason) {
    if (std::exchange(failure_, reason) == reason) return;
    host_.log(Level::error, "store not available", {{"reason", reason}});
}

void Worker::succeeded() {
    if (!std::exchange(failure_, {}).empty()) host_.log(Level::info, "store available again");
}

}  // namespace gatehouse::redis_store
