// SPDX-License-Identifier: Apache-2.0
// `gatehouse reload`: checks a changed configuration, shows what would change,
// and has the process that runs it take it over.
#include "core/commands/output.hpp"
#include "core/config/difference.hpp"
#include "core/gateway.hpp"
#include "core/running.hpp"

#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

namespace gatehouse::core {

namespace {

constexpr std::chrono::seconds longest_wait{15};

void print(const std::vector<std::string>& changes) {
    if (changes.empty()) std::cout << "  nothing changes\n";
    for (const std::string& line : changes) {
        const bool restart = line.ends_with(" [server] listen") || line.ends_with(" [server] workers") ||
                             line.ends_with(" [server] local_threads");
        std::cout << "  " << line << (restart ? " (needs a restart)" : "") << '\n';
    }
}

/// What `env:NAME` means to the process that runs, and not to this one's shell.
void take_environment_of(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/environ", std::ios::binary);
    for (std::string entry; std::getline(file, entry, '\0');)
        if (const std::size_t equals = entry.find('='); equals != entry.npos && equals > 0)
            ::setenv(entry.substr(0, equals).c_str(), entry.c_str() + equals + 1, 1);
}

/// Whether the process has the new text in force before too long.
bool takes_over(pid_t process, const std::filesystem::path& config, const ConfigFile& wanted) {
    const auto end = std::chrono::steady_clock::now() + longest_wait;
    while (std::chrono::steady_clock::now() < end) {
        for (const Running& one : processes_running(config)) {
            if (one.process != process) continue;
            auto running = ConfigFile::parse(one.text, config);
            if (running && difference(*running, wanted).empty()) return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
}

}  // namespace

int reload(const std::filesystem::path& config, bool dry) {
    auto file = ConfigFile::read(config);
    if (!file) return fail(exit_status::usage, file.error().message);
    const std::vector<Running> running = processes_running(config);
    if (running.empty())
        return fail(exit_status::failure, "no gateway of this user runs " + config.string() +
                                              ": start one with `gatehouse serve -c " + config.string() +
                                              "`");
    // By the same steps as `check`: what passes here passes there.
    take_environment_of(running.front().process);
    if (auto gateway = Gateway::make(config, Gateway::Purpose::check); !gateway)
        return fail(exit_status::usage, gateway.error().message);

    int status = exit_status::ok;
    for (const Running& one : running) {
        auto before = ConfigFile::parse(one.text, config);
        std::cout << "process " << one.process << ":\n";
        if (before) print(difference(*before, *file));
        if (dry) continue;
        std::cout.flush();
        if (::kill(one.process, SIGHUP) != 0) {
            status = fail(exit_status::failure, "the process cannot be signalled");
        } else if (!takes_over(one.process, config, *file)) {
            status = fail(exit_status::failure, "the process has not taken it over: its log says why");
        } else {
            std::cout << "  reloaded\n";
        }
    }
    return status;
}

}  // namespace gatehouse::core
