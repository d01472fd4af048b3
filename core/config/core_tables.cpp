// SPDX-License-Identifier: Apache-2.0
#include "core/config/core_tables.hpp"

#include "core/config/settings.hpp"

namespace gatehouse::core {

std::vector<CoreTable> core_tables() {
    return {{"server", "The gateway's address, and its limits for clients.", keys_of(server_fields)},
            {"server.tls", "TLS for clients. If this table is present, clients must use TLS.",
             keys_of(server_tls_fields)},
            {"admin", "A separate listener for health, readiness, metrics and the admin API.",
             keys_of(admin_fields)},
            {"upstream", "Limits for every upstream.", keys_of(upstream_fields)},
            {"log", "The level, format and destination of the log.", keys_of(log_fields)},
            {"metrics", "Further labels of the metrics.", keys_of(metrics_fields)},
            {"plugins", "The folders and the pins of plugins.", keys_of(plugin_fields)}};
}

}  // namespace gatehouse::core
