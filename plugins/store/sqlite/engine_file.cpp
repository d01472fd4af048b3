// SPDX-License-Identifier: Apache-2.0
// The engine's file: opened, lost and made again, and its failures in the log.
#include "plugins/store/sqlite/engine.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace gatehouse::sqlite_store {

// REQUIRES: file_mutex_.  A file that was moved or removed is made again.
void Engine::open(Host& host) {
    if (file_ && file_->is_in_place()) return;
    if (file_) close(host);
    try {
        reopen(host);
    } catch (const SqliteError& error) {
        failed(host, error.what());
        throw;
    }
    succeeded(host);
}

// REQUIRES: file_mutex_.  A read makes no file, because `gatehouse check --live` may run as another user.
bool Engine::has_no_file() const {
    return !was_open_ && ::access(path_.c_str(), F_OK) != 0 && errno == ENOENT;
}

// Tries once a second only.
void Engine::reopen(Host& host) {
    const Time now = host.now();
    if (now < next_open_) throw SqliteError(failure());
    next_open_ = now + retry_time;
    auto opened = std::make_unique<Database>(path_);
    const CounterValues values = opened->counters(stores::ms_of(now));
    const std::uint64_t version = std::max(opened->last_version(), stores::first_version(now));
    file_ = std::move(opened);
    was_open_ = true;
    next_open_ = {};
    std::lock_guard lock(mutex_);
    for (const auto& [key, counter] : values)
        if (!counters_.find(key, now)) counters_.set(key, counter);
    version_ = std::max(version_, version);
    written_ = {file_->records(), file_->bytes()};
    of_gateway_ = file_->of_gateway();
    open_ = true;
}

std::string Engine::failure() const {
    std::lock_guard lock(mutex_);
    return failure_;
}

// REQUIRES: file_mutex_.  The counters go into the next file.
void Engine::close(Host& host) {
    host.log(Level::error, "store file was moved or removed", {{"file", path_}});
    file_.reset();
    std::lock_guard lock(mutex_);
    open_ = false;
    counters_.each([&](const StoreKey& key, const Counter&) { changed_counters_.insert(key); });
}

void Engine::failed(Host& host, const std::string& reason) {
    {
        std::lock_guard lock(mutex_);
        failure_ = reason;
    }
    report(host, reason);
}

// Logs a reason once.
void Engine::report(Host& host, const std::string& reason) {
    {
        std::lock_guard lock(mutex_);
        if (reported_ == reason) return;
        reported_ = reason;
    }
    host.log(Level::error, "store not available", {{"file", path_}, {"reason", reason}});
}

void Engine::succeeded(Host& host) {
    {
        std::lock_guard lock(mutex_);
        failure_.clear();
        if (reported_.empty()) return;
        reported_.clear();
    }
    host.log(Level::info, "store available again", {{"file", path_}});
}

}  // namespace gatehouse::sqlite_store
