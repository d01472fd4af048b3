// SPDX-License-Identifier: Apache-2.0
// The commands of the program.  Each returns the exit status: 0 success, 1 a failure while
// running, 2 an error in the configuration or on the command line.
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

/// Makes the running gateway reload the changed file; `dry`: only prints the changes.
int reload(const std::filesystem::path& config, bool dry);

/// Replaces the running gateway by the program's file as it is now, without a refused connection or a cut
/// response.
int upgrade(const std::filesystem::path& config);

/// Runs every step of serve before listening; `live`: also sends a request to every upstream.  `user`: with
/// the rights of this user; empty: of the caller.
int check_configuration(const std::filesystem::path& config, bool live, const std::string& user);

/// The same without `live`; prints the mistakes and warnings as one JSON object, and nothing else.
int check_as_json(const std::filesystem::path& config, const std::string& user);

/// Folders that `plugins`, `explain` and `schema` search in addition to those next to the binary.
struct PluginFolders {
    std::optional<std::filesystem::path> config;  // its [plugins] path
    std::vector<std::filesystem::path> folders;
};

/// Asks the gateway that runs with this configuration for /health, or for /ready.  Status: 0 it answers 200.
int health(const std::filesystem::path& config, bool ready);

/// Prints the address of the running gateway's console with a login code.  `url` replaces the address of the
/// admin listener, for a proxy; empty: the listener's own.
int console(const std::filesystem::path& config, const std::string& url);

/// Lists every plugin, and the reason why a library cannot be used.
int list_plugins(const PluginFolders& where);

/// Prints the keys of a table of the core or of a plugin.  Without a name it lists both.
/// `as_toml`: as lines to paste.
int explain(const PluginFolders& where, const std::string& kind, const std::string& name, bool as_toml);

/// The command line of `explain request`.
struct ExplainRequest {
    std::filesystem::path config;
    std::string file;      // the JSON of a client; "-": standard input
    std::string endpoint;  // the path of the request; empty: the first that fits
    std::string client = "anonymous";
    std::vector<std::string> groups = {};
    bool as_json = false;
};

/// Prints the routes that a request would get, their order, and the entry of the mapper.  Sends nothing.
int explain_request(const ExplainRequest& asked);

/// Prints a JSON Schema of the whole configuration.
int print_schema(const PluginFolders& where);

/// Writes a project for a plugin of this kind and name into `folder`; if empty, into ./NAME.
int new_plugin(const std::string& kind, const std::string& name, const std::filesystem::path& folder);

/// Prints a key's SHA-256 in the form for the configuration.  Reads the key from standard input if it is
/// empty.
int hash_key(const std::optional<std::string>& key);

/// The command line of `init`.
struct InitOptions {
    std::string backend;  // the name of a template; asked for if it is empty
    std::filesystem::path file = "gatehouse.toml";
    std::vector<std::string> answers;  // NAME=VALUE; the other questions are asked on a terminal
    bool replace = false;              // keep an existing file as FILE.old
};

/// Writes a configuration that passes `check`.
int init(const InitOptions& asked);

/// The command line of `import`.
struct ImportOptions {
    std::string format;  // name of the other gateway, such as "litellm"
    std::filesystem::path file;
    std::filesystem::path output = "gatehouse.toml";
};

/// Writes a configuration from that of another gateway.  Prints the settings that Gatehouse does not have.
int import_configuration(const ImportOptions& asked);

/// The command line of `connect`.
struct ConnectOptions {
    std::string client;
    std::string url = "http://127.0.0.1:8050";
    std::string key, model;
    std::optional<std::filesystem::path> file;  // instead of the client's usual file
    bool dry = false, undo = false;
};

/// Adds the gateway to a client's own configuration file and asks one question.  Status: 0 it was answered.
int connect(const ConnectOptions& asked);

/// The command line of `plugin-check`.
struct PluginCheck {
    std::filesystem::path library;
    std::optional<std::filesystem::path> config, answers;
    std::string model = "check-model";
    int time_limit_s = 10;
    bool valgrind = false;
    bool json = false;             // print one JSON object
    std::filesystem::path record;  // set by itself for a run under valgrind: the file for the findings
};

/// Tests the plugin with valid, invalid and hostile calls.  Status: 0 no errors,
/// 1 errors, 2 it cannot be checked.
int check_plugin(const PluginCheck& asked);

/// Also prints the ABI and the toolchain that a plugin must be built for.
std::string version_text();
int show_version();

}  // namespace gatehouse::core
