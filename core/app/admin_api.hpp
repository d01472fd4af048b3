// SPDX-License-Identifier: Apache-2.0
// The admin API: /api/v1 lists the resources that plugins offer, /api/v1/NAME/… calls one of them.
// Checks the caller, the method and the right.  Owned by AdminEndpoints.  [the admin thread]
#pragma once

#include "core/app/admin_call.hpp"

#include <functional>
#include <memory>
#include <string_view>

namespace gatehouse::core {

class AdminApi {
public:
    /// `current` is the active configuration; null while the gateway stops.  [any thread]
    explicit AdminApi(std::function<std::shared_ptr<const ConfigSnapshot>()> current)
        : current_(std::move(current)) {}

    static bool serves(std::string_view path);
    /// REQUIRES: serves(the path).
    std::shared_ptr<RequestListener> on_request(Client& client) const;

private:
    const std::function<std::shared_ptr<const ConfigSnapshot>()> current_;
};

}  // namespace gatehouse::core
