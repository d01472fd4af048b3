// SPDX-License-Identifier: Apache-2.0
// `gatehouse reload`: checks a changed configuration, shows the differences, and makes the
// running process use it.
#include "core/app/active_config.hpp"
#include "core/app/active_files.hpp"
#include "core/app/active_plugins.hpp"
#include "core/app/gateway.hpp"
#include "core/app/next_config.hpp"
#include "core/cli/output.hpp"
#include "core/cli/process_environment.hpp"
#include "core/cli/running_gateways.hpp"
#include "core/config/diff.hpp"
#include "core/observe/log.hpp"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>

namespace gatehouse::core {

namespace {

constexpr std::chrono::seconds longest_wait_for_reload{15};

using KeyNames = std::vector<std::string>;

/// The keys of the core's tables that need a restart, and that differ.
KeyNames restart_keys(const ConfigFile& running, const ConfigFile& other) {
    auto old = read_settings(running), wanted = read_settings(other);
    return old && wanted ? keep_until_restart(*wanted, *old) : KeyNames();
}

/// Removes the key of `line` from `keys`.  Returns whether it was there.
bool take_key(KeyNames& keys, const std::string& line) {
    return std::erase_if(keys, [&](const std::string& key) { return line.ends_with(" " + key); }) > 0;
}

/// `lasting` has the running values of the keys that need a restart.  `before` has those of all other keys.
void print(const ConfigFile& lasting, const ConfigFile& before, const ConfigFile& after,
           const KeyNames& libraries, const std::vector<ChangedFile>& files) {
    const KeyNames lines = difference(before, after);
    KeyNames restart = restart_keys(lasting, after), kept = restart_keys(lasting, before);
    std::erase_if(kept, [&](const std::string& key) { return std::ranges::count(restart, key) > 0; });
    for (const std::string& library : libraries) std::cout << "  ~ " << library << '\n';
    if (lines.empty() && libraries.empty() && files.empty() && restart.empty())
        std::cout << "  nothing changes\n";
    for (const std::string& line : lines) {
        const char* note = take_key(restart, line) ? " (needs a restart)"
                           : take_key(kept, line)  ? " (the running value)"
                                                   : "";
        std::cout << "  " << line << note << '\n';
    }
    // The keys of a table that was added or removed, and those of an earlier reload.
    for (const std::string& key : restart) std::cout << "  ~ " << key << " (needs a restart)\n";
    for (const ChangedFile& one : files)
        std::cout << "  ~ " << one.key << (one.key.empty() ? "" : ": ") << "content of " << one.file
                  << " changed\n";
}

/// Waits for a limited time until the process has tried the reload after `before`.  Returns its reason
/// against it; empty if it uses the new text.
std::string rejection(pid_t process, const std::filesystem::path& config, const ConfigFile& wanted,
                      const ActivePlugins& before) {
    const auto end = std::chrono::steady_clock::now() + longest_wait_for_reload;
    while (std::chrono::steady_clock::now() < end) {
        const auto active = active_plugins(process);
        if (active && active->reloads != before.reloads) {
            if (!active->rejected.empty()) return active->rejected;
            auto text = active_text(process, config);
            auto running = ConfigFile::parse(text.value_or(""), config);
            if (running && difference(*running, wanted).empty()) return {};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return "the process did not apply the configuration; its log has the reason";
}

/// The warnings of the running process that the check has not found, because they depend on the configuration
/// before.
void print_warnings(pid_t process, const std::vector<std::string>& known) {
    for (const std::string& warning : active_plugins(process).value_or(ActivePlugins()).warnings)
        if (!std::ranges::count(known, warning))
            std::cout << "  warning: " << without_controls(warning) << '\n';
}

}  // namespace

int reload(const std::filesystem::path& config, bool dry) {
    auto file = ConfigFile::read(config);
    if (!file) return fail(exit_status::usage, file.error().message);
    const auto running = running_gateways(config);
    if (!running) return fail(exit_status::failure, running.error().message);
    // The same steps as `check`, with the same result.
    take_environment_of(running->front().process);
    Mistakes mistakes(config);
    if (const auto gateway = Gateway::make(config, Gateway::Purpose::check, mistakes))
        log_warnings(mistakes, gateway->log());
    else
        return fail(exit_status::usage, mistakes.error().message);

    int status = exit_status::ok;
    for (const ActiveProcess& one : *running) {
        auto before = ConfigFile::parse(one.text, config);
        std::cout << "process " << one.process << ":\n";
        const ActivePlugins plugins = active_plugins(one.process).value_or(ActivePlugins());
        const FileDigests files = active_files(one.process).value_or(FileDigests());
        // A process of an older version publishes no values.
        const std::string values = running_values(one.process);
        auto running_file = ConfigFile::parse(values.empty() ? one.text : values, config);
        if (before && running_file)
            print(*running_file, *before, *file, changed_libraries(plugins.plugins),
                  files.changed(FileDigests::of(*file, files.salt())));
        if (dry) continue;
        std::cout.flush();
        if (::kill(one.process, SIGHUP) != 0) {
            status = fail(exit_status::failure, "the process cannot be signalled");
        } else if (const std::string why = rejection(one.process, config, *file, plugins); !why.empty()) {
            status = fail(exit_status::failure, why);
        } else {
            print_warnings(one.process, warnings_of(mistakes));
            std::cout << "  reloaded\n";
        }
    }
    return status;
}

}  // namespace gatehouse::core
