// SPDX-License-Identifier: Apache-2.0
// `gatehouse upstream`: prints an inventory of the configured upstreams as a table.
#include "core/app/gateway.hpp"
#include "core/app/provider_inventory.hpp"
#include "core/cli/admin/operator_commands.hpp"
#include "core/cli/output.hpp"
#include "core/config/mistakes.hpp"
#include "core/instances/plugin_instances.hpp"
#include "core/util/suggest.hpp"

#include <gatehouse/json_writer.hpp>

#include <signal.h>

#include <algorithm>
#include <iostream>
#include <sstream>

namespace gatehouse::core {

namespace {

/// The row with the member `provider` in front.
std::string row_of(const std::string& provider, const InventoryRow& row) {
    std::string out;
    JsonWriter(out).begin_object().member("provider", provider).end_object();
    const std::size_t first = row.json.find_first_not_of(" \t\r\n", 1);
    if (row.json[first] == '}') return out;
    out.back() = ',';
    return out + row.json.substr(1);
}

void print_failure(const std::string& provider, const BackgroundRequest::Outcome& outcome) {
    std::cerr << "provider " << provider << ": " << without_controls(described(outcome)) << '\n';
    std::istringstream lines(outcome.advice);
    for (std::string line; std::getline(lines, line);) std::cerr << "  " << without_controls(line) << '\n';
}

}  // namespace

int show_upstream(const UpstreamTable& asked) {
    const std::vector<std::string> names(inventory_names.begin(), inventory_names.end());
    if (!std::ranges::count(names, asked.table))
        return fail(exit_status::usage, "there is no table \"" + asked.table + "\"" +
                                            suggestion(asked.table, names) + " (there are: " + joined(names) +
                                            ")");
    Mistakes mistakes(asked.config);
    auto gateway = Gateway::make(asked.config, Gateway::Purpose::check_live, mistakes);
    if (!gateway) return fail(exit_status::usage, mistakes.error().message);
    const std::vector<std::string> providers = gateway->instances().provider_names();
    if (!asked.provider.empty() && !std::ranges::count(providers, asked.provider))
        return fail(exit_status::usage, "there is no provider \"" + asked.provider + "\"" +
                                            suggestion(asked.provider, providers) +
                                            " (there are: " + joined(providers) + ")");
    ::signal(SIGPIPE, SIG_IGN);  // an upstream that closes must not end the process
    std::string document;
    JsonWriter json(document);
    json.begin_object().key("rows").begin_array();
    std::string none;  // why each provider has no such inventory
    bool offered = false, failed = false;
    auto ok = gateway->inventory(
        asked.table, asked.provider, [&](const std::string& provider, const ProviderInventory& inventory) {
            if (is_unsupported(inventory.outcome)) {
                none += "provider " + provider + ": " + inventory.outcome.error->message + "\n";
                return;
            }
            offered = true;
            if (inventory.outcome.error) print_failure(provider, inventory.outcome);
            failed = failed || inventory.outcome.error;
            for (const InventoryRow& row : inventory.rows) json.raw(row_of(provider, row));
        });
    if (!ok) return fail(exit_status::failure, ok.error().message);
    json.end_array().end_object();
    if (!offered)
        return fail(exit_status::failure,
                    none + "no provider of this configuration has a table of " + asked.table);
    std::cout << rows_of(document, asked.format.chosen());
    return failed ? exit_status::failure : exit_status::ok;
}

}  // namespace gatehouse::core
