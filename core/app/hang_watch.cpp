// SPDX-License-Identifier: Apache-2.0
#include "core/app/hang_watch.hpp"

#include "core/observe/log.hpp"
#include "core/observe/metrics.hpp"
#include "core/plugin/origins.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

void HangWatch::start(std::vector<Loop*> loops) {
    watch(std::move(loops));
    stopping_ = false;
    thread_ = std::thread([this] { run(); });
}

void HangWatch::stop() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stop_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void HangWatch::run() {
    std::unique_lock lock(mutex_);
    while (!stop_.wait_for(lock, period, [this] { return stopping_; })) look();
}

void HangWatch::look() {
    for (const NotedCall& call : slow_calls_.look()) {
        const std::string_view instance = call.instance.data();
        metrics_.slow_call(instance);
        log_.write(Level::warning, instance, "plugin call took more than 1 s and still ran",
                   {{"library", library_of(instance)}, {"call", call.member}}, call.request_id.data());
    }
    for (const auto& [instance, times] : take_plugin_failures()) metrics_.plugin_failed(instance, times);
    look_at_workers();
}

void HangWatch::look_at_workers() {
    std::size_t stuck = 0, hanging = 0;
    for (Watched& worker : workers_) {
        const std::uint64_t turn = worker.loop->turn();
        const bool same = turn % 2 == 1 && turn == std::exchange(worker.turn, turn);
        worker.looks = same ? std::min(worker.looks + 1, looks_until_hanging) : 0;
        worker.loop->set_stuck(worker.looks >= looks_until_slow);
        stuck += worker.looks >= looks_until_slow;
        hanging += worker.looks >= looks_until_hanging;
    }
    metrics_.stuck_workers(stuck);
    all_hang_ = hanging > 0 && hanging == workers_.size();
}

}  // namespace gatehouse::core
