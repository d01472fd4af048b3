// SPDX-License-Identifier: Apache-2.0
// `gatehouse version`: also what a plugin must have been built for.
#include "core/commands/commands.hpp"

#include <gatehouse/plugin.hpp>

#include <iostream>

namespace gatehouse::core {

int show_version() {
    std::cout << "gatehouse " GATEHOUSE_VERSION " (plugin ABI " << abi << ", " << toolchain << ")\n";
    return exit_status::ok;
}

}  // namespace gatehouse::core
