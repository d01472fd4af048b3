// SPDX-License-Identifier: Apache-2.0
// The core's own tables: [server], [server.tls], [admin], [upstream], [log], [plugins].
//
// Their keys are declared like a plugin's, so that checking, `explain` and the
// error texts are the same.  Read once at start; read-only afterwards.
#pragma once

#include "core/config/admin_tokens.hpp"
#include "core/config/file.hpp"
#include "core/config/mistakes.hpp"
#include "core/tls/server_tls_options.hpp"
#include "core/tls/upstream_tls.hpp"
#include "core/util/route_timeouts.hpp"

#include <gatehouse/schema.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// [server].  Sizes in bytes, times in milliseconds, as in the file.
struct ServerOptions {
    std::string listen = "127.0.0.1:8050";
    std::int64_t workers = 0;  // 0: one per core
    std::int64_t local_threads = 256;
    bool allow_anonymous = false;
    std::int64_t max_connections = 10'000;
    std::int64_t max_concurrent_requests = 10'000;
    std::int64_t max_queued = 100;
    std::int64_t queue_timeout_ms = 5'000;
    std::int64_t memory_limit = 1'073'741'824;
    std::int64_t header_timeout_ms = 10'000;
    std::int64_t body_timeout_ms = 30'000;
    std::int64_t body_timeout_per_mb_ms = 1'000;
    std::int64_t keep_alive_ms = 75'000;
    std::int64_t max_header_bytes = 32'768;
    std::int64_t max_headers = 100;
    std::int64_t max_body_bytes = 33'554'432;
    std::int64_t max_json_depth = 200;
    std::int64_t client_buffer_bytes = 32'768;
    std::int64_t client_write_timeout_ms = 30'000;
    std::int64_t heartbeat_ms = 15'000;
    std::int64_t early_heartbeat_ms = 0;  // 0: none before the upstream has responded
    std::int64_t hook_timeout_ms = 10'000;
    std::int64_t drain_timeout_ms = 30'000;
    std::int64_t drain_delay_ms = 0;
    std::string ready = "accepting";  // accepting, provider
    std::vector<std::string> cors_origins = {};
    bool watch = false;
    bool strict_permissions = false;
    std::int64_t auth_failures_per_minute = 0;  // per client address; 0: no limit
    std::vector<std::string> explain_clients = {};
};

/// [admin]
struct AdminOptions {
    std::string listen = {};                      // empty: the listener of [server] serves /metrics
    std::vector<AdminTokenOptions> tokens = {};   // empty after read_settings(): see Settings::admin_tokens
    std::vector<std::string> console = {"read"};  // rights of a login by a code
    std::vector<std::string> hosts = {};
    std::int64_t max_body_bytes = 1'048'576;
    std::int64_t timeout_ms = 10'000;
};

/// [upstream.hosts.NAME]: a missing key has the value of [upstream].
struct HostOptions {
    std::optional<std::string> ca_file, client_certificate, client_key, min_tls;
    std::vector<std::string> pins = {};
};

/// [upstream]
struct UpstreamOptions {
    RouteTimeouts timeouts = {};
    std::string on_disconnect = "cancel";  // cancel, drain
    std::int64_t drain_response_ms = 60'000;
    std::int64_t drain_response_bytes = 1'048'576;
    std::int64_t attempts = 3;
    std::int64_t retry_wait_ms = 5'000;
    std::int64_t retry_percent = 20;
    std::int64_t retry_min = 50;
    std::int64_t breaker_failures = 30;
    std::int64_t breaker_open_ms = 1'000;
    std::int64_t endpoint_failures = 5;
    std::int64_t endpoint_open_ms = 5'000;
    std::string error_details = "log";  // log, client
    std::int64_t models_refresh_s = 600;
    std::int64_t max_event_bytes = 16'777'216;
    std::int64_t max_response_bytes = 67'108'864;
    std::string ca_file = {};                         // empty: the system's
    std::string client_certificate, client_key = {};  // empty: no client certificate
    std::string min_tls = "1.2";                      // 1.2, 1.3
    std::map<std::string, HostOptions> hosts = {};
    std::string proxy = {};  // empty: the environment's; "none": no proxy
};

/// [log]
struct LogOptions {
    std::string level = "info";                     // debug, info, warning, error
    std::string format = "text";                    // text, json
    std::string file = "stderr";                    // stderr, stdout, or a path
    std::vector<std::string> fields = {"default"};  // names of access_fields, or "default"
    std::vector<std::string> attributes = {};
    double sample = 1;      // share of the successful requests in the access log
    bool detailed = false;  // a field needs the details of a request; read_settings() sets it

    bool operator==(const LogOptions&) const = default;
};

/// [metrics]
struct MetricsOptions {
    std::int64_t usage_series = 1'000;
    std::vector<std::string> attributes = {};
    std::int64_t attribute_values = 100;
    std::string conventions = "none";  // none, 1.41
};

/// [plugins]
struct PluginOptions {
    std::vector<std::string> path = {};    // empty: next to the running binary
    std::vector<std::string> pins = {};    // empty: every library may be loaded
    std::string default_store = "memory";  // empty: none
};

extern const Fields<ServerOptions> server_fields;
extern const Fields<ServerTlsOptions> server_tls_fields;
extern const Fields<AdminOptions> admin_fields;
extern const Fields<UpstreamOptions> upstream_fields;
extern const Fields<LogOptions> log_fields;
extern const Fields<MetricsOptions> metrics_fields;
extern const Fields<PluginOptions> plugin_fields;

struct Settings {
    ServerOptions server;
    std::optional<ServerTlsOptions> tls = {};  // none: clients speak plain text
    AdminOptions admin;
    AdminTokens admin_tokens = {};
    UpstreamOptions upstream;
    UpstreamTls upstream_tls = {};  // from `upstream`, with resolved file paths
    LogOptions log;
    MetricsOptions metrics = {};
    PluginOptions plugins;
    std::vector<std::string> wrong = {};  // the tables with a mistake, which have default values

    bool is_right(std::string_view table) const;
};

/// Reads and checks the core's tables of `file`, and adds every mistake.  Relative paths are resolved
/// against the file's folder.
Settings read_settings(const ConfigFile& file, Mistakes& mistakes);
/// The same, with all mistakes as one error.
Result<Settings> read_settings(const ConfigFile& file);

/// Files that a reload reads again; a change of such a file causes a reload.
std::vector<std::filesystem::path> files_of(const Settings& settings);

/// Sets the keys that need a restart to the values of `running`.  Returns the names of these
/// keys, such as "[server] listen".
std::vector<std::string> keep_until_restart(Settings& settings, const Settings& running);

/// The running values of the keys that need a restart, as TOML text for read_settings().
std::string values_until_restart(const Settings& running);

}  // namespace gatehouse::core
