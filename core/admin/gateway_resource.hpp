// SPDX-License-Identifier: Apache-2.0
// /api/v1/gateway: the core's own admin resource: status, routes, running requests, configuration and log.
// It only reads.  Owned by AdminListener.  [the admin thread]
#pragma once

#include "core/admin/readiness.hpp"
#include "core/admin/running_report.hpp"
#include "core/net/helper_threads.hpp"
#include "core/net/memory_budget.hpp"

#include <gatehouse/admin.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace gatehouse::core {

/// The parts of the gateway that the resource shows.  They outlive it.  Functions: [any thread].
struct GatewayView {
    std::function<std::shared_ptr<const ConfigSnapshot>()> snapshot;  // null while the gateway stops
    std::function<std::optional<ConfigFile>()> file;                  // the active one
    std::function<Readiness()> readiness;
    std::function<bool()> alive;
    HelperThreads& helpers;  // for reports that read a file or call plugins
    const MemoryBudget& memory;
    RunningReport& running;
};

class GatewayResource final : public AdminResource {
public:
    explicit GatewayResource(GatewayView view) : view_(std::move(view)) {}

    std::string name() const override { return "gateway"; }
    std::vector<AdminMethod> methods() const override;
    void handle(AdminRequest request, Completion<http::Response> done) override;
    /// A configuration has become active.  [main thread]
    void activated() { activated_.store(std::chrono::system_clock::now()); }

private:
    std::string status(const ConfigSnapshot& snapshot) const;

    const GatewayView view_;
    const std::chrono::system_clock::time_point start_ = std::chrono::system_clock::now();
    std::atomic<std::chrono::system_clock::time_point> activated_{start_};
};

}  // namespace gatehouse::core
