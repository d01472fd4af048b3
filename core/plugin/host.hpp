// SPDX-License-Identifier: Apache-2.0
// The Host of one plugin instance, and the services behind it.
// Instances are created before the workers run.  Their tasks wait until then, and are dropped if the workers
// never start (`gatehouse check`).
#pragma once

#include "core/net/client/http_client.hpp"
#include "core/net/helper_threads.hpp"
#include "core/observe/plugin_meters.hpp"
#include "core/plugin/early_warnings.hpp"
#include "core/plugin/stores.hpp"

#include <gatehouse/auth.hpp>
#include <gatehouse/host.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

namespace gatehouse::core {

class Log;
class MemoryBudget;

/// A worker's loop, the upstream connections that belong to it, and the threads for
/// local providers, which all workers share.
struct WorkerServices {
    Loop* loop = nullptr;
    HttpClient* upstream = nullptr;
    HelperThreads* computing = nullptr;
    MemoryBudget* memory = nullptr;  // counts the bytes held for clients; may be null
};

/// Shared by all hosts; outlives them.
class Services {
public:
    Services(Log& log, std::size_t helper_threads, std::size_t computing_threads);

    /// From now on tasks run on these.  [main thread, once]
    void attach(std::vector<WorkerServices> worker_services);
    /// The loops are about to end: later tasks are dropped.  [main thread]
    void detach();

    /// Ends the helper threads; tasks that wait are dropped.  [main thread]
    void stop_helpers() {
        pool_.stop();
        computing_.stop();
    }

    /// Drops the operations that run on the loops, whose threads have ended.  A waiting plugin gets
    /// an error, and its completion still finds its loop.  [main thread]
    void drop_runners();

    /// Keeps an operation that runs on a loop, such as a fetch, alive until release().  [any thread]
    void keep(std::shared_ptr<void> runner);
    void release(const std::shared_ptr<void>& runner);

    /// Runs `task` on one of the loops, chosen in turn; waits until there are any.  [any thread]
    void on_a_loop(std::function<void(const WorkerServices&)> task);

    Log& log() { return log_; }
    /// Where the meters of plugins are.  [main thread, before the first instance]
    void use_meters(PluginMeters& meters) { meters_ = &meters; }
    /// Null if nothing shows meters.
    PluginMeters* meters() { return meters_; }
    HelperThreads& pool() { return pool_; }
    /// The configuration is only checked: no store is asked, because a store may create a file, or belong to
    /// a process that runs.  [main thread, before the first instance]
    void leave_stores_alone() { asks_stores_ = false; }
    bool asks_stores() const { return asks_stores_; }
    /// Instances that are created from now on add their warnings to `kept` too; null: no instance does.
    /// [main thread]
    void keep_warnings(std::shared_ptr<EarlyWarnings> kept) { early_warnings_ = std::move(kept); }
    const std::shared_ptr<EarlyWarnings>& early_warnings() const { return early_warnings_; }
    /// The store instances that are in use.  [main thread]
    Stores& stores() { return stores_; }
    /// For local providers.  They have separate threads, because they may occupy a thread for a long time.
    HelperThreads& computing() { return computing_; }

private:
    Log& log_;
    PluginMeters* meters_ = nullptr;
    HelperThreads pool_, computing_;
    Stores stores_;
    bool asks_stores_ = true;
    std::shared_ptr<EarlyWarnings> early_warnings_;
    std::mutex mutex_;
    std::vector<WorkerServices> workers_;
    std::vector<std::function<void(const WorkerServices&)>> waiting_;
    std::unordered_set<std::shared_ptr<void>> runners_;
    bool detached_ = false;
    std::size_t turn_ = 0;
};

/// Tasks and completions reach an instance only while `owner`, which keeps all
/// instances of its configuration, is alive; while one runs, it stays alive.
class InstanceHost final : public Host {
public:
    InstanceHost(std::string instance, Services& services, const Limits& limits,
                 std::weak_ptr<const void> owner)
        : instance_(std::move(instance)),
          services_(services),
          limits_(limits),
          owner_(std::move(owner)),
          early_warnings_(services.early_warnings()) {}

    std::chrono::system_clock::time_point now() const override { return std::chrono::system_clock::now(); }
    const Limits& limits() const override { return limits_; }
    void fetch(http::Request request, Completion<http::Response> done) override;
    void after(std::chrono::milliseconds delay, std::function<void()> task) override;
    void run(std::function<void()> task) override;
    Store* store() override { return store_.get(); }

    /// From now on a fetch is signed.  The signer lives as long as the instance.  [main thread]
    void sign_with(Signer& signer) { signer_.store(&signer); }
    /// Before the instance is created.
    void give(std::shared_ptr<Store> store) { store_ = std::move(store); }
    Counter& counter(std::string_view name, std::string_view help, MeterLabels labels) override;
    Gauge& gauge(std::string_view name, std::string_view help, MeterLabels labels) override;
    Histogram& histogram(std::string_view name, std::string_view help, std::vector<double> buckets,
                         MeterLabels labels) override;

private:
    template <typename Meter>
    Meter& declared(Result<Meter*> (PluginMeters::*kind)(const MeterDeclaration&), MeterDeclaration what);

    void send(http::Request request, Completion<http::Response> done);
    void write_log(Level level, std::string_view message, LogFields fields) override;
    std::function<void()> guarded(std::function<void()> task, const char* what, bool may_block);

    std::string instance_;
    Services& services_;
    const Limits limits_;
    std::weak_ptr<const void> owner_;
    const std::shared_ptr<EarlyWarnings> early_warnings_;  // null: none
    std::shared_ptr<Store> store_;                         // null: none
    std::atomic<Signer*> signer_ = nullptr;
};

}  // namespace gatehouse::core
