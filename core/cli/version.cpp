// SPDX-License-Identifier: Apache-2.0
// `gatehouse version`.
#include "core/cli/commands.hpp"

#include <gatehouse/plugin.hpp>

#include <iostream>

namespace gatehouse::core {

std::string version_text() {
    return "gatehouse " GATEHOUSE_VERSION " (plugin ABI " + std::to_string(abi) + ", " + toolchain + ")";
}

int show_version() {
    std::cout << version_text() << std::endl;
    return exit_status::ok;
}

}  // namespace gatehouse::core
