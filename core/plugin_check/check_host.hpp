// SPDX-License-Identifier: Apache-2.0
// The Host of a plugin instance during a check: real threads, a real clock, and a network of recorded
// responses.  Like the core's host it drops pending work when the instance is destroyed.  It inspects every
// logged line. It owns the threads that run the tasks.
#pragma once

#include "core/plugin_check/answers.hpp"
#include "core/plugin_check/check.hpp"

#include "core/observe/plugin_meters.hpp"

#include <gatehouse/fake_store.hpp>
#include <gatehouse/host.hpp>

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace gatehouse::core::plugin_check {

/// Confidential texts: the values of secret keys, and the content of requests.
struct Confidential {
    std::vector<std::string> secrets;
    /// Whether `text` holds one of the secrets, or enough of its beginning.
    bool leaks(std::string_view text) const;
};

/// The responses to fetches that the author has recorded.
struct Network {
    std::vector<Answer> answers = {};
    mutable std::atomic<std::size_t> unanswered{0};  // fetches without a recorded response
    mutable std::mutex mutex = {};
    mutable std::set<std::string> used = {};  // names of answers; guarded by `mutex`
};

/// A marker in every prompt of the check.  No log line may contain it.
inline constexpr std::string_view prompt_mark = "gatehouse-check-prompt";

class CheckHost final : public Host {
public:
    /// `owner` expires when the instance is destroyed.
    CheckHost(Check& check, const Confidential& confidential, const Network& network, const Limits& limits,
              std::weak_ptr<const void> owner);
    ~CheckHost();

    std::chrono::system_clock::time_point now() const override { return std::chrono::system_clock::now(); }
    const Limits& limits() const override { return limits_; }
    void fetch(http::Request request, Completion<http::Response> done) override;
    void after(std::chrono::milliseconds delay, std::function<void()> task) override;
    void run(std::function<void()> task) override { enqueue({}, std::move(task)); }
    Store* store() override { return &store_; }
    Counter& counter(std::string_view name, std::string_view help, MeterLabels labels) override;
    Gauge& gauge(std::string_view name, std::string_view help, MeterLabels labels) override;
    Histogram& histogram(std::string_view name, std::string_view help, std::vector<double> buckets,
                         MeterLabels labels) override;

private:
    using Clock = std::chrono::steady_clock;

    void write_log(Level level, std::string_view message, LogFields fields) override;
    void note_use(const Answer& answer);
    void check_meter(const MeterDeclaration& declared, bool is_counter);
    void enqueue(std::chrono::milliseconds delay, std::function<void()> task);
    void work();

    Check& check_;
    const Confidential& confidential_;
    const Network& network_;
    const Limits limits_;
    const std::weak_ptr<const void> owner_;
    testing::FakeStore store_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::multimap<Clock::time_point, std::function<void()>> tasks_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace gatehouse::core::plugin_check
