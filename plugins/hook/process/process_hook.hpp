// SPDX-License-Identifier: Apache-2.0
// The hook that runs a program.  One instance per [hook.NAME] table.  Constant after start: any thread.
#pragma once

#include "plugins/common/c_door/settings.hpp"
#include "plugins/hook/process/messages.hpp"
#include "plugins/hook/process/program.hpp"

#include <gatehouse/hook.hpp>
#include <gatehouse/schema.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gatehouse::process {

struct Options {
    std::vector<std::string> command = {};
    c_bridge::Given settings = {}, environment = {};
    std::int64_t processes = 1, timeout_ms = 5'000, start_timeout_ms = 10'000, memory_mb = 0;
    std::string on_failure = "refuse";
};

extern const Fields<Options> fields;

class ProcessHook final : public Hook {
public:
    /// Throws KeyError.
    ProcessHook(const Options& options, Host& host);

    std::unique_ptr<HookState> begin(const RequestInfo& info) override;

    /// The program for a new request: each in turn.
    Program& program() { return *programs_[next_++ % programs_.size()]; }
    const Description& description() const { return description_; }
    /// Whether a request passes if the program cannot be asked.
    bool passes() const { return passes_; }
    /// The error of a call without a good reply.  Logs `reason`, a phrase that follows the program's name.
    Error failed(std::string_view request, const std::string& reason) const;

private:
    void begin_process(const Program::Ask& ask);

    Host& host_;
    const c_bridge::Given settings_;
    const bool passes_;
    std::once_flag described_;
    Description description_;  // by the first process
    std::vector<std::unique_ptr<Program>> programs_;
    std::atomic<std::size_t> next_{0};
};

}  // namespace gatehouse::process
