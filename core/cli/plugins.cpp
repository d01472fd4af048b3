// SPDX-License-Identifier: Apache-2.0
// `gatehouse plugins`: lists the plugins, and the libraries that cannot be used with the reason.
#include "core/app/active_config.hpp"
#include "core/app/active_plugins.hpp"
#include "core/cli/output.hpp"
#include "core/plugin/library.hpp"

#include <iostream>
#include <set>
#include <system_error>
#include <utility>

namespace gatehouse::core {

namespace {

/// Returns the reason why `use = "…"` cannot select a loadable plugin, with advice, or nothing.
std::string passed_over(const ListedPlugin& plugin, bool first) {
    const std::string name = plugin.descriptor->name;
    if (plugin.path.stem() != name)
        return plugin.path.string() + " calls itself " + name + ": rename it to " + name + ".so";
    if (!first)
        return plugin.path.string() + " is hidden by another " + std::string(kind_of(*plugin.descriptor)) +
               ' ' + name + ": remove one of them, or change the order of [plugins] path";
    return {};
}

void print_section(const char* title, const std::vector<std::string>& lines) {
    if (!lines.empty()) std::cout << '\n' << title << ":\n";
    for (const std::string& line : lines) std::cout << "  " << line << '\n';
}

/// The libraries of the gateways that run this configuration, if their files have changed since.
std::vector<std::string> outdated(const PluginFolders& where) {
    std::vector<std::string> lines;
    if (!where.config) return lines;
    for (const ActiveProcess& process : active_processes(*where.config))
        if (const auto active = active_plugins(process.process))
            for (const std::string& line : changed_libraries(active->plugins))
                lines.push_back("process " + std::to_string(process.process) + ": " + line +
                                "; `gatehouse reload` loads it");
    return lines;
}

}  // namespace

int list_plugins(const PluginFolders& where) {
    auto finder = make_finder(where);
    if (!finder) return fail(exit_status::usage, finder.error().message);

    std::vector<std::string> refused, not_used, missing;
    std::set<std::pair<std::string, std::string>> seen;
    const std::vector<ListedPlugin> all = finder->list();
    std::cout << padded("KIND", 15) << padded("NAME", 18) << padded("VERSION", 10) << padded("ABI", 5)
              << "LIBRARY\n";
    for (const ListedPlugin& plugin : all) {
        if (!plugin.descriptor) {
            refused.push_back(plugin.refused);
            continue;
        }
        const std::string kind(kind_of(*plugin.descriptor)), name = plugin.descriptor->name;
        std::string why = passed_over(plugin, !seen.contains({kind, name}));
        if (!why.empty()) {
            not_used.push_back(std::move(why));
            continue;
        }
        seen.insert({kind, name});
        std::cout << padded(kind, 15) << padded(name, 18) << padded(plugin.descriptor->version, 10)
                  << padded(std::to_string(plugin.descriptor->abi), 5) << plugin.path.string() << '\n';
    }
    print_section("Refused", refused);
    print_section("Not used", not_used);
    // The folders next to the binary come last; they need not exist.
    const Finder beside({});
    for (std::size_t i = 0; i + beside.folders().size() < finder->folders().size(); ++i) {
        const std::filesystem::path& folder = finder->folders()[i];
        std::error_code ignored;
        if (!std::filesystem::is_directory(folder, ignored))
            missing.push_back(folder.string() + " is not a readable folder; check [plugins] path or --path");
    }
    print_section("Missing folders", missing);
    print_section("Running with another file", outdated(where));
    if (all.empty()) {
        std::cout << "\nNone found.  Searched:\n";
        for (const auto& folder : finder->folders()) std::cout << "  " << folder.string() << '\n';
    }
    std::cout << "\nThis is " << version_text() << ".\n";
    return exit_status::ok;
}

}  // namespace gatehouse::core
