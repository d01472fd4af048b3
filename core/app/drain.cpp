// SPDX-License-Identifier: Apache-2.0
#include "core/app/drain.hpp"

#include "core/net/server/server.hpp"
#include "core/observe/log.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

namespace gatehouse::core {

namespace {

using std::chrono::milliseconds;

// Time for the last responses to be sent.
constexpr milliseconds last_words{1'000};

// Time for the observers to send what waits.
constexpr milliseconds last_records{2'000};

}  // namespace

void drain(Server& server, const ObserverQueues& observers, Log& log, const Gateway::DrainTimes& times,
           const std::function<void()>& meanwhile) {
    auto wait = [&](const milliseconds& time, auto done) {
        const auto begin = std::chrono::steady_clock::now();
        while (!done() && std::chrono::steady_clock::now() < begin + time) {
            meanwhile();
            std::this_thread::sleep_for(milliseconds(10));
        }
    };
    auto empty = [&] { return server.connections() == 0; };
    wait(times.before, [] { return false; });
    server.stop_accepting();
    wait(times.limit, empty);
    if (const std::size_t left = server.connections(); left > 0) {
        log.write(Level::warning, "server", "connections closed after drain_timeout_ms",
                  {{"count", std::to_string(left)}});
        server.finish_now();
        wait(last_words, empty);
    }
    const auto left = std::make_shared<std::atomic<std::size_t>>(observers.size());
    for (const auto& observer : observers) observer->flush([left] { --*left; });
    wait(last_records, [&] { return *left == 0; });
}

}  // namespace gatehouse::core
