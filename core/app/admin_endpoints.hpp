// SPDX-License-Identifier: Apache-2.0
// What the listener of [admin] serves: health, readiness and metrics, from a thread of
// its own, so that they are answered however busy the workers are.
#pragma once

#include "core/net/server/client.hpp"
#include "core/observe/metrics.hpp"

#include <functional>
#include <utility>

namespace gatehouse::core {

class AdminEndpoints final : public Application {
public:
    /// `ready` says whether requests are accepted.  [any thread]
    AdminEndpoints(const Metrics& metrics, std::function<bool()> ready)
        : metrics_(metrics), ready_(std::move(ready)) {}

    std::shared_ptr<RequestListener> on_request(Client& client) override;
    http::Response refuse(const Error& error, std::string_view path) override;

private:
    const Metrics& metrics_;
    const std::function<bool()> ready_;
};

}  // namespace gatehouse::core
