// SPDX-License-Identifier: Apache-2.0
#include "core/cli/process_environment.hpp"

#include <cstdlib>
#include <fstream>
#include <string>

namespace gatehouse::core {

void take_environment_of(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/environ", std::ios::binary);
    for (std::string entry; std::getline(file, entry, '\0');)
        if (const std::size_t equals = entry.find('='); equals != entry.npos && equals > 0)
            ::setenv(entry.substr(0, equals).c_str(), entry.c_str() + equals + 1, 1);
}

}  // namespace gatehouse::core
