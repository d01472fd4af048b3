// SPDX-License-Identifier: Apache-2.0
// `gatehouse upgrade`, and what the running process does for it.
#include "core/cli/upgrade.hpp"

#include "core/app/active_config.hpp"
#include "core/app/active_plugins.hpp"
#include "core/cli/commands.hpp"
#include "core/cli/output.hpp"
#include "core/cli/process_environment.hpp"
#include "core/cli/running_gateways.hpp"
#include "core/observe/log.hpp"
#include "core/plugin/finder.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <optional>
#include <thread>
#include <utility>

namespace gatehouse::core {

namespace {

/// For the new process, and a little more for the command that waits for the outcome.
constexpr std::chrono::seconds longest_wait{60}, longest_wait_of_command{65};
constexpr std::chrono::seconds time_to_say_why{2};

/// The new process is a child of the old one until it has replaced it.  Nothing: this kernel does not list
/// children.
std::optional<bool> has_child(pid_t process) {
    const std::string number = std::to_string(process);
    std::ifstream file("/proc/" + number + "/task/" + number + "/children");
    if (!file) return std::nullopt;
    return file.peek() != std::ifstream::traits_type::eof();
}

ActivePlugins state_of(pid_t process) { return active_plugins(process).value_or(ActivePlugins()); }

/// Waits until another process has replaced `old`, or `old` has said that the upgrade failed.  Returns the
/// number of the new process.
Result<pid_t> replacement_of(pid_t old, std::size_t failures, const std::vector<ActiveProcess>& before,
                             const std::filesystem::path& config) {
    const auto failed = [old](const std::string& reason) {
        return Error{ErrorKind::internal, "process " + std::to_string(old) + " was not replaced" + reason};
    };
    auto end = std::chrono::steady_clock::now() + longest_wait_of_command;
    bool began = false, ended = false;
    while (std::chrono::steady_clock::now() < end) {
        const auto now = active_processes(config);
        if (!std::ranges::count(now, old, &ActiveProcess::process))
            for (const ActiveProcess& one : now)
                if (!std::ranges::count(before, one.process, &ActiveProcess::process)) return one.process;
        if (const ActivePlugins state = state_of(old); state.failed_upgrades > failures)
            return failed(": " + without_controls(state.upgrade_failure));
        const std::optional<bool> starts = has_child(old);
        const bool is_gone =
            began && starts == false && std::ranges::count(now, old, &ActiveProcess::process) > 0;
        // An older version does not say why.
        if (is_gone && !std::exchange(ended, true)) end = std::chrono::steady_clock::now() + time_to_say_why;
        began = began || starts == true;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return failed("; its log has the reason");
}

}  // namespace

Upgrade::Upgrade(const std::filesystem::path& config)
    : program_(program_file()), config_(std::filesystem::absolute(config)) {}

void Upgrade::begin(Gateway& gateway, const ServiceManager& manager) {
    if (next_)
        return gateway.log().write(Level::info, "gatehouse", "upgrade runs already",
                                   {{"process", std::to_string(next_->process())}});
    if (::getpid() == 1) return fail(gateway, "a container ends with its process 1; replace the container");
    auto begun = NewProcess::start({program_, config_, gateway.share_sockets(), manager.environment()});
    if (!begun) return fail(gateway, begun.error().message);
    next_.emplace(*std::move(begun));
    begun_ = std::chrono::steady_clock::now();
    gateway.log().write(Level::info, "gatehouse", "upgrade started",
                        {{"file", program_.string()}, {"process", std::to_string(next_->process())}});
}

bool Upgrade::complete(Gateway& gateway) {
    if (!next_) return false;
    const NewProcess::State state = next_->state();
    if (state == NewProcess::State::accepting) return true;
    if (state == NewProcess::State::ended) {
        fail(gateway, next_->reason().empty() ? "the new process ended before it accepted connections"
                                              : next_->reason());
    } else if (std::chrono::steady_clock::now() - begun_ > longest_wait) {
        ::kill(next_->process(), SIGKILL);
        fail(gateway, "the new process did not accept connections within 60 s");
    }
    return false;
}

void Upgrade::fail(Gateway& gateway, const std::string& reason) {
    ++failures_;
    failure_ = reason;
    next_.reset();
    gateway.unshare_sockets();
    gateway.log().write(Level::error, "gatehouse", "upgrade failed, this process continues",
                        {{"file", program_.string()}, {"reason", failure_}});
}

void Upgrade::abandon() {
    if (next_) ::kill(next_->process(), SIGTERM);
}

int upgrade(const std::filesystem::path& config) {
    const auto running = running_gateways(config);
    if (!running) return fail(exit_status::failure, running.error().message);
    // With this program, which is the new one after an installation.
    take_environment_of(running->front().process);
    if (auto gateway = Gateway::make(config, Gateway::Purpose::check); !gateway)
        return fail(exit_status::usage, gateway.error().message);
    for (const ActiveProcess& one : *running) {
        const std::vector<ActiveProcess> before = active_processes(config);
        const std::size_t failures = state_of(one.process).failed_upgrades;
        if (::kill(one.process, SIGUSR2) != 0)
            return fail(exit_status::failure, "cannot send USR2 to process " + std::to_string(one.process));
        const auto next = replacement_of(one.process, failures, before, config);
        if (!next) return fail(exit_status::failure, next.error().message);
        std::cout << "process " << one.process << ": replaced by process " << *next << '\n';
    }
    return exit_status::ok;
}

}  // namespace gatehouse::core
