// SPDX-License-Identifier: Apache-2.0
// /api/v1/session: POST exchanges a login code or an admin token for the token of a session, DELETE ends the
// session.  The core asks no token for it, but checks the page.  Owned by AdminListener.  [the admin thread]
#pragma once

#include "core/admin/sessions.hpp"
#include "core/instances/config_snapshot.hpp"

#include <gatehouse/admin.hpp>

#include <functional>
#include <memory>

namespace gatehouse::core {

class SessionResource final : public AdminResource {
public:
    /// `current` is the active configuration; null while the gateway stops.
    SessionResource(AdminSessions& sessions, std::function<std::shared_ptr<const ConfigSnapshot>()> current)
        : sessions_(sessions), current_(std::move(current)) {}

    std::string name() const override { return "session"; }
    std::vector<AdminMethod> methods() const override;
    void handle(AdminRequest request, Completion<http::Response> done) override;

private:
    Result<http::Response> open(const AdminRequest& request);

    AdminSessions& sessions_;
    const std::function<std::shared_ptr<const ConfigSnapshot>()> current_;
};

}  // namespace gatehouse::core
