// SPDX-License-Identifier: Apache-2.0
#include "core/instances/config_snapshot.hpp"

#include "core/config/admin_rights.hpp"
#include "core/config/checked_config.hpp"
#include "core/config/written_files.hpp"
#include "core/instances/loopback.hpp"
#include "core/instances/model_check.hpp"
#include "core/plugin/finder.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace gatehouse::core {

namespace {

Limits plugin_limits(const Settings& settings) {
    return {.max_json_depth = static_cast<std::size_t>(settings.server.max_json_depth),
            .max_event_bytes = static_cast<std::size_t>(settings.upstream.max_event_bytes),
            .max_answer_bytes = static_cast<std::size_t>(settings.upstream.max_response_bytes),
            .strict_permissions = settings.server.strict_permissions};
}

/// A wrong folder hides the plugins that are meant; with the right ones it is harmless.
void check_folders(const ConfigFile& file, const Settings& settings, Mistakes& mistakes) {
    const auto table = check(file, "plugins", keys_of(plugin_fields));
    for (std::size_t i = 0; table && i < settings.plugins.path.size(); ++i) {
        const std::string& path = settings.plugins.path[i];
        std::error_code failure;
        if (std::filesystem::is_directory(path, failure)) continue;
        const bool exists = std::filesystem::exists(path, failure);
        mistakes.warn(table->error(
            "path[" + std::to_string(i) + "]",
            path + (exists ? " is not a folder" : " does not exist") + ", so no plugin is found there"));
    }
}

PluginPins pins_of(const ConfigFile& file, Settings& settings, Mistakes& mistakes) {
    auto pins = PluginPins::parse(settings.plugins.pins);
    if (pins) return *std::move(pins);
    mistakes.add(error_at(file, "plugins", "pins", "[plugins] pins: " + pins.error().message));
    settings.wrong.emplace_back("plugins");
    return {};
}

/// Without an authenticator only clients on this host may connect, unless the file allows others.
void check_access(const ConfigFile& file, const std::vector<InstanceConfig>& configs,
                  const Settings& settings, Mistakes& mistakes) {
    if (std::ranges::count(configs, "authenticator", &InstanceConfig::kind) > 0 ||
        settings.server.allow_anonymous || is_loopback(settings.server.listen))
        return;
    mistakes.add(error_at(file, "server", "listen",
                          "every client that reaches " + settings.server.listen +
                              " could use this gateway: add an [authenticator.…] table, listen on "
                              "127.0.0.1, or set `allow_anonymous = true` in [server]"));
}

/// The rights that a method of a resource needs, and "read", which the core's own need.
std::vector<std::string> rights_of(const AdminResources& resources) {
    std::set<std::string> rights = {"read"};
    for (const auto& [name, resource] : resources)
        for (const AdminMethod& method : resource.methods) rights.insert(method.needs);
    return {rights.begin(), rights.end()};
}

}  // namespace

std::shared_ptr<const ConfigSnapshot> make_config_snapshot(const ConfigFile& file, Settings settings,
                                                           Services& services, Log& log, Metrics& metrics,
                                                           Healths& healths, Admission& admission,
                                                           std::shared_ptr<AuthThrottle> auth_throttle,
                                                           Mistakes& mistakes) {
    check_folders(file, settings, mistakes);
    std::vector<std::filesystem::path> folders(settings.plugins.path.begin(), settings.plugins.path.end());
    Finder finder(std::move(folders), pins_of(file, settings, mistakes));
    finder.load_copies();
    const std::vector<InstanceConfig> configs = instances(file, mistakes);
    check_written_files(file, mistakes);
    auto made = PluginInstances::build(file, configs, finder, services, plugin_limits(settings), settings,
                                       healths, metrics, mistakes);
    check_access(file, configs, settings, mistakes);
    if (!made || !mistakes.empty()) return nullptr;
    check_models(file, configs, *made, mistakes);
    check_rights(file, rights_of(made->resources()), mistakes);
    metrics.add_providers(made->provider_names());
    Cors cors(settings.server.cors_origins);
    return std::shared_ptr<const ConfigSnapshot>(
        new ConfigSnapshot{.settings = std::move(settings),
                           .log = log,
                           .metrics = metrics,
                           .cors = std::move(cors),
                           .instances = std::move(made),
                           .admission = &admission,
                           .auth_throttle = std::move(auth_throttle)});
}

}  // namespace gatehouse::core
