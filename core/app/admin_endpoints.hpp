// SPDX-License-Identifier: Apache-2.0
// The Application of the [admin] listener: health, readiness and metrics.  The listener
// has its own thread, so it responds even if all workers are busy.  Owned by Gateway.
#pragma once

#include "core/net/server/client.hpp"
#include "core/observe/metrics.hpp"

#include <functional>
#include <utility>

namespace gatehouse::core {

class AdminEndpoints final : public Application {
public:
    /// `ready` says whether requests are accepted, `alive` whether a worker responds.  [any thread]
    AdminEndpoints(const Metrics& metrics, std::function<bool()> ready, std::function<bool()> alive)
        : metrics_(metrics), ready_(std::move(ready)), alive_(std::move(alive)) {}

    std::shared_ptr<RequestListener> on_request(Client& client) override;
    http::Response refuse(const Error& error, std::string_view path) override;

private:
    const Metrics& metrics_;
    const std::function<bool()> ready_, alive_;
};

}  // namespace gatehouse::core
