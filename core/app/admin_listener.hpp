// SPDX-License-Identifier: Apache-2.0
// The [admin] listener: its server, its own resources and the logins of its pages.  Owned by Gateway.
#pragma once

#include "core/admin/gateway_resource.hpp"
#include "core/admin/running_report.hpp"
#include "core/admin/session_resource.hpp"
#include "core/admin/sessions.hpp"
#include "core/app/admin_endpoints.hpp"
#include "core/app/console_door.hpp"
#include "core/net/server/server.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::core {

class AdminListener {
public:
    /// The gateway as its pages see it.  [any thread]
    struct View {
        std::function<std::shared_ptr<const ConfigSnapshot>()> snapshot;  // null while the gateway stops
        std::function<std::optional<ConfigFile>()> file;                  // the active one
        std::function<Readiness()> readiness;
        std::function<bool()> alive;
        std::function<std::string()> plugins;  // the content of /plugins
    };

    AdminListener(const View& view, const Metrics& metrics, HelperThreads& helpers,
                  const MemoryBudget& memory);

    // All other members: [main thread]

    /// Makes the server, which does not listen yet.  The other members do nothing without it.
    void open(const Settings& settings);
    bool is_open() const { return server_.has_value(); }
    /// Uses this socket instead of the configured address.  REQUIRES: is_open().
    void take_over(int socket);
    /// The error names the key and the process that has the port, unless the socket is inherited.
    Result<void> start(const ConfigFile& file, const Settings& settings);
    /// As those of Server.
    int share_socket() { return server_ ? server_->share_socket() : -1; }
    void unshare_socket();
    void stop_accepting();
    void shutdown();

    /// The loops that serve clients; empty before they end.
    void set_loops(std::vector<Loop*> loops) { running_.set_loops(std::move(loops)); }
    /// A configuration has become active.
    void activated() { resource_.activated(); }
    /// For `gatehouse console`.  Empty if nothing listens.
    ConsoleDoor door(const ConfigSnapshot& snapshot) const;

private:
    RunningReport running_;
    AdminSessions sessions_;
    SessionResource login_;
    GatewayResource resource_;
    const AdminResources own_{{"gateway", {"core", "gateway", &resource_, resource_.methods()}},
                              {"session", {"core", "session", &login_, login_.methods()}}};
    AdminEndpoints pages_;
    std::optional<Server> server_;
    bool inherited_ = false;
};

}  // namespace gatehouse::core
