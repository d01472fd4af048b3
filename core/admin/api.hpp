// SPDX-License-Identifier: Apache-2.0
// The admin API: /api/v1 lists the resources that plugins offer, /api/v1/NAME/… calls one of them.
// Checks the caller, the method and the right.  Owned by AdminEndpoints.  [the admin thread]
#pragma once

#include "core/admin/call.hpp"
#include "core/admin/sessions.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace gatehouse::core {

class AdminApi {
public:
    /// `current` is the active configuration; null while the gateway stops.  [any thread]
    /// `own` are the resources of the core.  Both references must outlive this object.
    AdminApi(std::function<std::shared_ptr<const ConfigSnapshot>()> current, const AdminSessions& sessions,
             const AdminResources& own)
        : current_(std::move(current)), sessions_(sessions), own_(own) {}

    static bool serves(std::string_view path);
    /// REQUIRES: serves(the path).
    std::shared_ptr<RequestListener> on_request(Client& client) const;
    /// Returns the page of a resource; nullopt if no resource has a page at this path.
    std::optional<http::Response> page(const http::RequestHead& head) const;

private:
    const std::function<std::shared_ptr<const ConfigSnapshot>()> current_;
    const AdminSessions& sessions_;
    const AdminResources& own_;
};

}  // namespace gatehouse::core
