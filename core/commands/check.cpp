// SPDX-License-Identifier: Apache-2.0
// `gatehouse check`: whether the gateway would start with this file.
#include "core/commands/output.hpp"
#include "core/config/instances.hpp"
#include "core/gateway.hpp"

#include <iostream>

namespace gatehouse::core {

namespace {

void print_summary(const Settings& settings, const std::vector<InstanceConfig>& all) {
    std::cout << "  " << padded("listen", 15) << settings.server.listen << '\n';
    for (const std::string& kind : instance_kinds()) {
        std::string names;
        for (const InstanceConfig& one : all)
            if (one.kind == kind)
                names += (names.empty() ? "" : ", ") + one.name + " (" + one.use +
                         (one.signer.empty() ? "" : ", signed by " + one.signer) + ")";
        if (!names.empty()) std::cout << "  " << padded(kind, 15) << names << '\n';
    }
}

}  // namespace

int check_configuration(const std::filesystem::path& config) {
    auto gateway = Gateway::make(config, Gateway::Purpose::check);
    if (!gateway) return fail(exit_status::usage, gateway.error().message);
    auto file = ConfigFile::read(config);
    if (!file) return fail(exit_status::usage, file.error().message);
    auto all = instances(*file);
    if (!all) return fail(exit_status::usage, all.error().message);
    std::cout << config.string() << ": ok\n";
    print_summary((*gateway)->settings(), *all);
    return exit_status::ok;
}

}  // namespace gatehouse::core
