// SPDX-License-Identifier: Apache-2.0
#include "core/app/server_limits.hpp"

#include "core/observe/log.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace gatehouse::core {

using std::chrono::milliseconds;

namespace {

// Only probes and scrapers connect.
constexpr std::size_t most_admin_connections = 128;

}  // namespace

ServerLimits server_limits(const Settings& settings) {
    const ServerOptions& options = settings.server;
    const ServerTlsOptions tls = settings.tls.value_or(ServerTlsOptions());
    return {.max_connections = static_cast<std::size_t>(options.max_connections),
            .max_header_bytes = static_cast<std::size_t>(options.max_header_bytes),
            .max_headers = static_cast<std::size_t>(options.max_headers),
            .client_buffer_bytes = static_cast<std::size_t>(options.client_buffer_bytes),
            .header_timeout = milliseconds(options.header_timeout_ms),
            .body_timeout = milliseconds(options.body_timeout_ms),
            .body_timeout_per_mb = milliseconds(options.body_timeout_per_mb_ms),
            .keep_alive = milliseconds(options.keep_alive_ms),
            .client_write_timeout = milliseconds(options.client_write_timeout_ms),
            .max_handshakes = static_cast<std::size_t>(tls.max_handshakes)};
}

ServerLimits admin_limits(const Settings& settings) {
    ServerLimits limits = server_limits(settings);
    limits.max_connections = most_admin_connections;
    return limits;
}

AdmissionLimits admission_limits(const ServerOptions& options) {
    return {.max_concurrent_requests = static_cast<std::size_t>(options.max_concurrent_requests),
            .max_queued = static_cast<std::size_t>(options.max_queued),
            .queue_timeout = milliseconds(options.queue_timeout_ms)};
}

void warn_of_descriptors(const Server& server, const Settings& settings, Log& log) {
    const auto wanted = static_cast<std::size_t>(settings.server.max_connections);
    if (server.affordable() >= wanted / 4 * 3) return;  // the estimate is not exact
    log.write(Level::warning, "server",
              "descriptor limit (ulimit -n) allows fewer connections than max_connections",
              {{"connections", std::to_string(server.affordable())}});
}

}  // namespace gatehouse::core
