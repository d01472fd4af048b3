// SPDX-License-Identifier: Apache-2.0
// An observer instance of the configuration and the bounded queue of its records.
//
// Requests offer records on their workers.  A helper thread gives them to the plugin, one batch at a time, so
// that a plugin that blocks delays no request.  Records that do not fit are dropped and counted.
// Owned by PluginInstances, and by the tasks that deliver.  All members: [any thread].
#pragma once

#include "core/plugin/host.hpp"

#include <gatehouse/observer.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gatehouse::core {

class Metrics;

class ObserverQueue : public std::enable_shared_from_this<ObserverQueue> {
public:
    static constexpr std::size_t most_records = 4'096;

    /// `services` and `metrics` outlive this object.
    ObserverQueue(std::string name, Services& services, const Limits& limits, Metrics& metrics);
    /// Counts the records that wait as dropped.
    ~ObserverQueue();
    ObserverQueue(const ObserverQueue&) = delete;
    ObserverQueue& operator=(const ObserverQueue&) = delete;

    const std::string& name() const { return name_; }
    /// The host of the instance, which exists only while this object does.  Call once, before use().
    InstanceHost& make_host();
    void use(std::unique_ptr<Plugin> plugin) { plugin_ = std::move(plugin); }

    bool samples(const Trace& trace) const;
    bool wants(const Story& record) const;
    /// Never waits for the plugin.
    void offer(std::shared_ptr<const Story> record);

    /// Gives the records that wait to the plugin.  [a thread that may block]
    void deliver();
    /// Delivers what waits and lets the plugin send it.  `done` is called once, or destroyed if the helper
    /// threads have ended.
    void flush(std::function<void()> done);
    /// The configuration is not used any more.  Flushes the instance, which lives until that is done, at most
    /// a few seconds.
    void retire();

private:
    Observer& observer() const { return *static_cast<Observer*>(plugin_.get()); }
    void deliver_later();
    void give(std::vector<std::shared_ptr<const Story>> records);

    const std::string name_;
    Services& services_;
    const Limits limits_;
    Metrics& metrics_;
    std::unique_ptr<InstanceHost> host_;
    std::unique_ptr<Plugin> plugin_;  // destroyed before its host

    std::mutex delivering_;  // held while the plugin takes records
    std::mutex mutex_;       // guards the members below
    std::vector<std::shared_ptr<const Story>> waiting_;
    bool used_ = false;    // it has been offered a record
    bool is_due_ = false;  // a delivery is planned, or runs
};

using ObserverQueues = std::vector<std::shared_ptr<ObserverQueue>>;

}  // namespace gatehouse::core
