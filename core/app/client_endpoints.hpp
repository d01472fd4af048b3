// SPDX-License-Identifier: Apache-2.0
// The Application of the client listener.  It serves the core's own endpoints, and gives every
// other request to a RequestFlow.  It counts TLS handshakes and logs rejected requests.  Owned by
// Gateway.
#pragma once

#include "core/app/worker_contexts.hpp"
#include "core/net/server/client.hpp"
#include "core/observe/log.hpp"
#include "core/observe/metrics.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace gatehouse::core {

class ClientEndpoints final : public Application {
public:
    using Snapshot = std::shared_ptr<const ConfigSnapshot>;

    /// `unready` is the reason why no request should come, or empty; `snapshot` returns the active one.  Both
    /// are called on any thread.  All arguments must outlive this object.
    ClientEndpoints(const WorkerContexts& workers, Metrics& metrics, Log& log,
                    std::function<std::string_view()> unready, std::function<Snapshot()> snapshot)
        : workers_(workers),
          metrics_(metrics),
          log_(log),
          unready_(std::move(unready)),
          snapshot_(std::move(snapshot)) {}

    /// Rejects /metrics with 404, because the [admin] listener serves it.  REQUIRES: no request has come.
    void hide_metrics() { metrics_hidden_ = true; }

    std::shared_ptr<RequestListener> on_request(Client& client) override;
    void before_bytes_go() override { Log::write_held(); }
    http::Response refuse(const Error& error, std::string_view path, std::string_view peer) override;
    void handshake_done(bool resumed) override;
    void handshake_failed(std::string_view peer, std::string_view reason) override;

private:
    const WorkerContexts& workers_;
    Metrics& metrics_;
    Log& log_;
    const std::function<std::string_view()> unready_;
    const std::function<Snapshot()> snapshot_;
    bool metrics_hidden_ = false;
};

}  // namespace gatehouse::core
