// SPDX-License-Identifier: Apache-2.0
// A configuration that was read and checked, before it becomes active: at the start and at a reload.
// [main thread]
#pragma once

#include "core/app/load_tls_config.hpp"
#include "core/config/file.hpp"
#include "core/config/settings.hpp"
#include "core/instances/config_snapshot.hpp"
#include "core/instances/named_limiter.hpp"

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::core {

struct NextConfig {
    std::shared_ptr<const ServerTls> tls = {};  // null: plain text
    CertificateEnds certificate_ends = {};
    std::shared_ptr<const ConfigSnapshot> snapshot = {};  // null: there is a mistake
};

/// The parts of the gateway that outlive its configurations.
struct LastingParts {
    Services& services;
    Log& log;
    Metrics& metrics;
    Healths& healths;
    Admission& admission;
    const std::shared_ptr<TicketKeys>& tickets;
};

/// Makes the plugin instances and reads the certificates of `file`.  Adds every mistake.  `before`: the
/// active configuration, or null.
NextConfig prepare_config(const ConfigFile& file, Settings settings, const LastingParts& parts,
                          const ConfigSnapshot* before, Mistakes& mistakes);

/// Warns if the limiter has another store after a reload, or one whose table has changed.
void check_limiter_store(const NamedLimiter& before, const NamedLimiter& after, Mistakes& mistakes);

/// The warnings in the order of their lines, one line each.
std::vector<std::string> warnings_of(const Mistakes& mistakes);
void log_warnings(const Mistakes& mistakes, Log& log);

}  // namespace gatehouse::core
