// SPDX-License-Identifier: Apache-2.0
// The Application of the [admin] listener: health, readiness, metrics, plugins and the admin API.
// The listener has its own thread, so it responds even if all workers are busy.  Owned by Gateway.
#pragma once

#include "core/admin/api.hpp"
#include "core/admin/readiness.hpp"
#include "core/net/server/client.hpp"
#include "core/observe/metrics.hpp"

#include <functional>
#include <string>
#include <utility>

namespace gatehouse::core {

class AdminEndpoints final : public Application {
public:
    /// `readiness` is the content of /ready, `alive` says whether a worker responds, `plugins` is the
    /// content of /plugins.  [any thread]
    AdminEndpoints(const Metrics& metrics, std::function<Readiness()> readiness, std::function<bool()> alive,
                   std::function<std::string()> plugins, AdminApi api)
        : metrics_(metrics),
          readiness_(std::move(readiness)),
          alive_(std::move(alive)),
          plugins_(std::move(plugins)),
          api_(std::move(api)) {}

    std::shared_ptr<RequestListener> on_request(Client& client) override;
    http::Response refuse(const Error& error, std::string_view path, std::string_view peer) override;

private:
    const Metrics& metrics_;
    const std::function<Readiness()> readiness_;
    const std::function<bool()> alive_;
    const std::function<std::string()> plugins_;
    const AdminApi api_;
};

}  // namespace gatehouse::core
