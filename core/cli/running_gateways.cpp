// SPDX-License-Identifier: Apache-2.0
#include "core/cli/running_gateways.hpp"

#include "core/cli/output.hpp"

#include <utility>

namespace gatehouse::core {

Result<std::vector<ActiveProcess>> running_gateways(const std::filesystem::path& config) {
    std::vector<ActiveProcess> running = active_processes(config);
    if (!running.empty()) return running;
    return refused(
        "no gateway of this user runs " + config.string() +
        ": run this command as the gateway's user or as root, or start a gateway with `gatehouse serve -c " +
        config.string() + "`");
}

}  // namespace gatehouse::core
