// SPDX-License-Identifier: Apache-2.0
// Commands of an operator of a running gateway.  They know names of resources of the admin API, and no
// plugin: every resource with the same calls serves them.  [main thread]
#pragma once

#include "core/cli/admin/admin_client.hpp"
#include "core/cli/admin/rows.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::core {

struct ReportFormat {
    bool json = false, csv = false;
    RowFormat chosen() const { return json ? RowFormat::json : csv ? RowFormat::csv : RowFormat::table; }
};

/// The command line of `keys`.
struct KeysOptions {
    AdminTarget target;
    ReportFormat format;
    std::string action;  // list, show, create, set, rotate, block, unblock or revoke
    std::string id;      // the id or the name of a key; the name of a new one
    std::optional<std::string> note, expires;
    std::string reason, resource = "keys";
    std::vector<std::string> groups, models;  // one "": none
    int grace_seconds = -1, days = 0;
};

/// Manages the keys of clients.
int manage_keys(const KeysOptions& asked);

/// The command line of `limits`.
struct LimitsOptions {
    AdminTarget target;
    ReportFormat format;
    std::string key, resource = "limits";
};

/// Shows how far limits and budgets are used.
int show_limits(const LimitsOptions& asked);

/// The command line of `spend`.
struct SpendOptions {
    AdminTarget target;
    ReportFormat format;
    std::filesystem::path file;  // lines of settled requests, instead of the running gateway
    std::string by = "key", since, until, resource = "limits";
};

/// Shows what was spent.
int show_spend(const SpendOptions& asked);

/// The command line of `upstream`.
struct UpstreamTable {
    std::filesystem::path config;
    ReportFormat format;
    std::string table;     // models, endpoints, profiles or keys
    std::string provider;  // only this one; empty: all
};

/// Shows what the providers know about their upstreams.  Asks the upstreams, not a running gateway.
int show_upstream(const UpstreamTable& asked);

/// The command line of `prices`.
struct PricesOptions {
    std::string action;  // import
    std::filesystem::path file, output;
    std::vector<std::string> choices;  // PROVIDER=PREFIX
};

/// Converts the public list of prices to tables of prices.
int import_prices(const PricesOptions& asked);

}  // namespace gatehouse::core
