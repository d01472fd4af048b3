// SPDX-License-Identifier: Apache-2.0
// The commands of the program.  Each returns the exit status: 0 well, 1 a
// failure while running, 2 a mistake in the configuration or on the command line.
// [main thread, once]
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::core {

namespace exit_status {
inline constexpr int ok = 0, failure = 1, usage = 2;
}

/// Runs the gateway until TERM or INT.
int serve(const std::filesystem::path& config);

/// Has the running gateway take the changed file over; `dry`: only says what would change.
int reload(const std::filesystem::path& config, bool dry);

/// Does all that serve does before it listens; `live`: also asks every upstream.
int check_configuration(const std::filesystem::path& config, bool live);

/// Where `plugins`, `explain` and `schema` look, besides beside the binary.
struct PluginFolders {
    std::optional<std::filesystem::path> config;  // its [plugins] path
    std::vector<std::filesystem::path> folders;
};

/// Lists every plugin that is found, and why the others are refused.
int list_plugins(const PluginFolders& where);

/// The keys of a table of the core or of a plugin; of neither: what there is.
/// `as_toml`: as lines to paste.
int explain(const PluginFolders& where, const std::string& kind, const std::string& name, bool as_toml);

/// Prints a JSON Schema of the whole configuration.
int print_schema(const PluginFolders& where);

/// Writes a project for a plugin of this kind and name into `folder`; if empty, into ./NAME.
int new_plugin(const std::string& kind, const std::string& name, const std::filesystem::path& folder);

/// Prints a key's SHA-256 as the configuration takes it; empty: reads the key from standard input.
int hash_key(const std::optional<std::string>& key);

/// What `plugin-check` was asked for.
struct PluginCheck {
    std::filesystem::path library;
    std::optional<std::filesystem::path> config, answers;
    std::string model = "check-model";
    int time_limit_s = 10;
    bool valgrind = false;
    std::filesystem::path record;  // for itself, under valgrind: write the findings there
};

/// Drives a plugin as the core would, and as the core hopes never to.  Status: 0 no errors,
/// 1 errors, 2 it cannot be checked.
int check_plugin(const PluginCheck& asked);

/// Also says what a plugin must have been built for.
std::string version_text();
int show_version();

}  // namespace gatehouse::core
