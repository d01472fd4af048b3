// SPDX-License-Identifier: Apache-2.0
// Configuration keys, entry point of the plugin, and the life of an instance.
#include "plugins/hook/process/process_hook.hpp"

#include "plugins/common/c_door/mistake.hpp"
#include "plugins/hook/process/process_state.hpp"

#include <gatehouse/sdk.hpp>

#include <algorithm>

namespace gatehouse::process {

const Fields<Options> fields = {
    required("command", &Options::command,
             "Program and its arguments, such as [\"python3\", \"/etc/gatehouse/words.py\"]."),
    c_bridge::settings_field(&Options::settings),
    string_lists("environment", &Options::environment,
                 "Variables of the program, next to PATH.  It has no other variable of the gateway."),
    ranged("processes", &Options::processes, 1, 64,
           "Processes of the program.  Each one answers one call at a time."),
    ranged("timeout_ms", &Options::timeout_ms, 10, 600'000,
           "Time for a reply, in milliseconds.  A process without a reply is ended and started again."),
    ranged("start_timeout_ms", &Options::start_timeout_ms, 10, 600'000,
           "Time for the replies of a new process, in milliseconds."),
    ranged("memory_mb", &Options::memory_mb, 0, 1'048'576,
           "Limit of the address space of a process, in MiB; 0: none."),
    choice("on_failure", &Options::on_failure, {"refuse", "pass"},
           "Treatment of a request that the program cannot check: refuse it with 503, or pass it unchecked."),
};

namespace {

std::vector<std::string> environment_of(const c_bridge::Given& given) {
    std::vector<std::string> all;
    if (const char* path = std::getenv("PATH"); path && !given.contains("PATH"))
        all.push_back(std::string("PATH=") + path);
    for (const auto& [name, values] : given) {
        if (name.empty() || name.find('=') != name.npos || values.size() != 1)
            throw KeyError("environment", "environment must have a text for each name");
        all.push_back(name + "=" + values.front());
    }
    return all;
}

}  // namespace

ProcessHook::ProcessHook(const Options& options, Host& host)
    : host_(host), settings_(options.settings), passes_(options.on_failure == "pass") {
    if (options.command.empty() || options.command.front().empty())
        throw KeyError("command", "command must begin with a program");
    const Program::Options start{.command = {.words = options.command,
                                             .environment = environment_of(options.environment),
                                             .memory_mb = options.memory_mb,
                                             .longest_line = host.limits().max_answer_bytes},
                                 .begin = [this](const Program::Ask& ask) { begin_process(ask); },
                                 .start_limit = std::chrono::milliseconds(options.start_timeout_ms),
                                 .limit = std::chrono::milliseconds(options.timeout_ms),
                                 .most_waiting_bytes = host.limits().max_answer_bytes};
    try {
        for (std::int64_t i = 0; i < options.processes; ++i)
            programs_.push_back(std::make_unique<Program>(start, host));
    } catch (const KeyError&) {
        throw;
    } catch (const std::exception& error) {
        throw KeyError("command", options.command.front() + " " + error.what());
    }
}

/// A later process must read the same calls as the first one.
void ProcessHook::begin_process(const Program::Ask& ask) {
    try {
        Description description = read_description(ask(describe_line()));
        read_started(ask(start_line(c_bridge::config_json(description, settings_, host_.limits()))));
        std::call_once(described_, [&] { description_ = std::move(description); });
    } catch (const c_bridge::Mistake& mistake) {
        throw std::runtime_error(std::string("cannot be used: ") + mistake.what());
    }
}

std::unique_ptr<HookState> ProcessHook::begin(const RequestInfo& info) {
    return std::make_unique<ProcessState>(*this, info);
}

Error ProcessHook::failed(std::string_view request, const std::string& reason) const {
    host_.log(Level::warning, "program did not check a request",
              {{"request_id", request}, {"program", description_.name}, {"reason", reason}});
    return {.kind = ErrorKind::unavailable,
            .message = "a check of the request is not available now; try again later",
            .detail = description_.name + " " + reason};
}

}  // namespace gatehouse::process

GATEHOUSE_PLUGIN(gatehouse::process::ProcessHook, gatehouse::process::Options, gatehouse::process::fields,
                 "process", "1.0.0");
