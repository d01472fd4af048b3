// SPDX-License-Identifier: Apache-2.0
// `gatehouse upgrade`, and what the running process does for it.
#include "core/cli/upgrade.hpp"

#include "core/app/active_config.hpp"
#include "core/cli/commands.hpp"
#include "core/cli/output.hpp"
#include "core/cli/process_environment.hpp"
#include "core/observe/log.hpp"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>

namespace gatehouse::core {

namespace {

constexpr std::chrono::seconds longest_wait{60};

std::filesystem::path own_file() {
    std::error_code ignored;
    return std::filesystem::read_symlink("/proc/self/exe", ignored);
}

/// Waits until another process has replaced `old`.  Returns its number, or 0.
pid_t replacement_of(pid_t old, const std::vector<ActiveProcess>& before,
                     const std::filesystem::path& config) {
    const auto end = std::chrono::steady_clock::now() + longest_wait;
    while (std::chrono::steady_clock::now() < end) {
        const auto now = active_processes(config);
        if (!std::ranges::count(now, old, &ActiveProcess::process))
            for (const ActiveProcess& one : now)
                if (!std::ranges::count(before, one.process, &ActiveProcess::process)) return one.process;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return 0;
}

}  // namespace

Upgrade::Upgrade(const std::filesystem::path& config)
    : program_(own_file()), config_(std::filesystem::absolute(config)) {}

void Upgrade::begin(Gateway& gateway, const ServiceManager& manager) {
    if (next_) return;
    auto begun = NewProcess::start({program_, config_, gateway.share_sockets(), manager.environment()});
    if (!begun)
        return gateway.log().write(Level::error, "gatehouse", "upgrade failed, this process continues",
                                   {{"file", program_.string()}, {"reason", begun.error().message}});
    next_.emplace(*std::move(begun));
    gateway.log().write(Level::info, "gatehouse", "upgrade started",
                        {{"file", program_.string()}, {"process", std::to_string(next_->process())}});
}

bool Upgrade::complete(Log& log) {
    if (!next_) return false;
    const NewProcess::State state = next_->state();
    if (state == NewProcess::State::ended) {
        next_.reset();
        log.write(Level::error, "gatehouse", "upgrade failed, this process continues",
                  {{"reason", "the new process ended before it accepted connections"}});
    }
    return state == NewProcess::State::accepting;
}

void Upgrade::abandon() {
    if (next_) ::kill(next_->process(), SIGTERM);
}

int upgrade(const std::filesystem::path& config) {
    const std::vector<ActiveProcess> running = active_processes(config);
    if (running.empty()) return fail(exit_status::failure, "no gateway of this user runs " + config.string());
    // With this program, which is the new one after an installation.
    take_environment_of(running.front().process);
    if (auto gateway = Gateway::make(config, Gateway::Purpose::check); !gateway)
        return fail(exit_status::usage, gateway.error().message);
    for (const ActiveProcess& one : running) {
        const std::vector<ActiveProcess> before = active_processes(config);
        if (::kill(one.process, SIGUSR2) != 0)
            return fail(exit_status::failure, "cannot send USR2 to process " + std::to_string(one.process));
        const pid_t next = replacement_of(one.process, before, config);
        if (next == 0)
            return fail(exit_status::failure, "process " + std::to_string(one.process) +
                                                  " was not replaced; its log has the reason");
        std::cout << "process " << one.process << ": replaced by process " << next << '\n';
    }
    return exit_status::ok;
}

}  // namespace gatehouse::core
