// SPDX-License-Identifier: Apache-2.0
// The command lines of an operator's commands.  Only main.cpp includes this, and with it CLI11.  [main
// thread]
#pragma once

#include "core/cli/admin/operator_commands.hpp"

#include <CLI/CLI.hpp>

namespace gatehouse::core {

inline void add_format(CLI::App& command, ReportFormat& format) {
    auto* json = command.add_flag("--json", format.json, "Print JSON");
    command.add_flag("--csv", format.csv, "Print comma-separated values")->excludes(json);
}

inline void add_target(CLI::App& command, AdminTarget& target, ReportFormat& format) {
    command.add_option("-c,--config", target.config, "The configuration of the running gateway")
        ->envname("GATEHOUSE_CONFIG")
        ->type_name("FILE");
    command.add_option("--url", target.url, "The admin API, instead of --config")->type_name("URL");
    command.add_option("--token", target.token, "A token of [admin] tokens")
        ->envname("GATEHOUSE_ADMIN_TOKEN")
        ->type_name("TOKEN");
    add_format(command, format);
}

inline void add_keys(CLI::App& command, KeysOptions& asked) {
    command.add_option("action", asked.action, "list, show, create, set, rotate, block, unblock or revoke")
        ->required();
    command.add_option("id", asked.id,
                       "The id or the name of a key; the name of a new one; list: only this key");
    add_target(command, asked.target, asked.format);
    command
        .add_option(
            "--group", asked.groups,
            "A group of a new key; set: instead of its groups, \"\" for none; list: only keys of the group; "
            "may be repeated")
        ->type_name("NAME")
        ->allow_extra_args(false);
    command
        .add_option(
            "--model", asked.models,
            "A model that a new key may use; set: instead of its models, \"\" for all; list: only keys that "
            "name the model; may be repeated")
        ->type_name("NAME")
        ->allow_extra_args(false);
    auto* days = command.add_option(
        "--days", asked.days, "Days until the key expires; list: only keys that expire within the days");
    days->type_name("NUMBER")->check(CLI::Range(1, 36'500));
    command
        .add_option("--expires", asked.expires,
                    "When the key expires: a date in UTC such as 2026-12-31, Unix seconds, or never")
        ->type_name("TIME")
        ->excludes(days);
    command.add_option("--note", asked.note, "A note about the key")->type_name("TEXT");
    command.add_option("--reason", asked.reason, "Why a key is blocked")->type_name("TEXT");
    command
        .add_option("--grace-seconds", asked.grace_seconds,
                    "Seconds for which the old secret of a rotated key stays valid")
        ->type_name("NUMBER")
        ->check(CLI::Range(0, 365 * 86'400));
    command.add_option("--resource", asked.resource, "The resource of the admin API, instead of keys")
        ->type_name("NAME");
}

inline void add_limits(CLI::App& command, LimitsOptions& asked) {
    add_target(command, asked.target, asked.format);
    command.add_option("--key", asked.key, "Only the limits of the client with this name")->type_name("NAME");
    command.add_option("--resource", asked.resource, "The resource of the admin API, instead of limits")
        ->type_name("NAME");
}

inline void add_spend(CLI::App& command, SpendOptions& asked) {
    add_target(command, asked.target, asked.format);
    command
        .add_option("--by", asked.by,
                    "Words of key, group, model, route, status, day and month, with commas, instead of key")
        ->type_name("WORDS");
    command
        .add_option("--since", asked.since,
                    "Begin: 7d, 24h, a date in UTC such as 2026-11-01, or Unix seconds")
        ->type_name("TIME");
    command.add_option("--until", asked.until, "End, as for --since")->type_name("TIME");
    command
        .add_option("--file", asked.file, "Sum this file of settled requests, instead of asking the gateway")
        ->type_name("FILE");
    command.add_option("--resource", asked.resource, "The resource of the admin API, instead of limits")
        ->type_name("NAME");
}

inline void add_upstream(CLI::App& command, UpstreamTable& asked) {
    command.add_option("table", asked.table, "models, endpoints, profiles or keys")->required();
    command.add_option("-c,--config", asked.config, "The configuration with the providers")
        ->envname("GATEHOUSE_CONFIG")
        ->type_name("FILE")
        ->required();
    command.add_option("--provider", asked.provider, "Only the provider with this name")->type_name("NAME");
    add_format(command, asked.format);
}

inline void add_prices(CLI::App& command, PricesOptions& asked) {
    command.add_option("action", asked.action, "import")->required();
    command.add_option("file", asked.file, "model_prices_and_context_window.json of BerriAI/litellm")
        ->type_name("FILE")
        ->required();
    command
        .add_option(
            "--for", asked.choices,
            "Only entries whose names begin with PREFIX, or whose provider is PREFIX, for the routes of "
            "PROVIDER; may be repeated")
        ->type_name("PROVIDER=PREFIX")
        ->allow_extra_args(false);
    command.add_option("-o,--output", asked.output, "The new file, instead of standard output")
        ->type_name("FILE");
}

}  // namespace gatehouse::core
