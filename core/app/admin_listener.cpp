// SPDX-License-Identifier: Apache-2.0
#include "core/app/admin_listener.hpp"

#include "core/app/listen_error.hpp"
#include "core/app/server_limits.hpp"

#include <utility>

namespace gatehouse::core {

AdminListener::AdminListener(const View& view, const Metrics& metrics, HelperThreads& helpers,
                             const MemoryBudget& memory)
    : login_(sessions_, view.snapshot),
      resource_({.snapshot = view.snapshot,
                 .file = view.file,
                 .readiness = view.readiness,
                 .alive = view.alive,
                 .helpers = helpers,
                 .memory = memory,
                 .running = running_}),
      pages_(metrics, view.readiness, view.alive, view.plugins, AdminApi(view.snapshot, sessions_, own_)) {}

void AdminListener::open(const Settings& settings) {
    server_.emplace(pages_, settings.admin.listen, 1, admin_limits(settings));
}

void AdminListener::take_over(int socket) {
    inherited_ = true;
    server_->take_over(socket);
}

Result<void> AdminListener::start(const ConfigFile& file, const Settings& settings) {
    if (!server_) return {};
    auto started = server_->start();
    if (started || inherited_) return started;
    return listen_error(file, "admin", settings.admin.listen, started.error());
}

void AdminListener::unshare_socket() {
    if (server_) server_->unshare_socket();
}

void AdminListener::stop_accepting() {
    if (server_) server_->stop_accepting();
}

void AdminListener::shutdown() {
    if (server_) server_->shutdown();
}

ConsoleDoor AdminListener::door(const ConfigSnapshot& snapshot) const {
    if (!server_) return {};
    const std::string& listen = snapshot.settings.admin.listen;
    ConsoleDoor door{.secret = sessions_.secret(),
                     .listen = listen.substr(0, listen.rfind(':') + 1) + std::to_string(server_->port()),
                     .page = {}};
    for (const auto& [name, resource] : snapshot.instances->resources())
        if (!resource.pages.empty() && door.page.empty()) door.page = name;
    return door;
}

}  // namespace gatehouse::core
