// SPDX-License-Identifier: Apache-2.0
// A host that outlives the plugin's instance.  After cut(), pending work is dropped.  A
// dropped completion still runs its callback, which may call the host again; this class
// makes such calls safe.
#pragma once

#include <gatehouse/host.hpp>

#include <atomic>

namespace gatehouse {

class DetachableHost final : public Host {
public:
    explicit DetachableHost(Host& host) : host_(&host), limits_(host.limits()) {}

    /// Later calls do not reach the host.  REQUIRES: no task of the instance runs.
    void cut() { host_ = nullptr; }

    std::chrono::system_clock::time_point now() const override {
        Host* host = host_;
        return host ? host->now() : std::chrono::system_clock::now();
    }
    const Limits& limits() const override { return limits_; }
    void fetch(http::Request request, Completion<http::Response> done) override {
        if (Host* host = host_) host->fetch(std::move(request), std::move(done));
    }
    void after(std::chrono::milliseconds delay, std::function<void()> task) override {
        if (Host* host = host_) host->after(delay, std::move(task));
    }
    void run(std::function<void()> task) override {
        if (Host* host = host_) host->run(std::move(task));
    }
    Counter& counter(std::string_view name, std::string_view help, MeterLabels labels) override {
        Host* host = host_;
        return host ? host->counter(name, help, std::move(labels)) : Host::counter(name, help);
    }
    Gauge& gauge(std::string_view name, std::string_view help, MeterLabels labels) override {
        Host* host = host_;
        return host ? host->gauge(name, help, std::move(labels)) : Host::gauge(name, help);
    }
    Histogram& histogram(std::string_view name, std::string_view help, std::vector<double> buckets,
                         MeterLabels labels) override {
        Host* host = host_;
        return host ? host->histogram(name, help, std::move(buckets), std::move(labels))
                    : Host::histogram(name, help, {});
    }

private:
    void write_log(Level level, std::string_view message, LogFields fields) override {
        if (Host* host = host_) host->log(level, message, fields);
    }

    std::atomic<Host*> host_;
    const Limits limits_;
};

}  // namespace gatehouse
