// SPDX-License-Identifier: Apache-2.0
// Whether the upstreams would answer: one list of models for each provider that
// has one, one short question for each model of the mapper's table.
//
// Runs on the main thread, which waits; the questions run on a loop.
#pragma once

#include "core/instances/plugin_instances.hpp"
#include "core/request/background_request.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace gatehouse::core {

struct Finding {
    std::string subject;  // "provider backup", "model fast"
    std::string where;    // "backup/fast-5"; empty for a provider
    bool good = true;
    std::string text;    // what was found, or the error
    std::string advice;  // lines for the operator
    std::chrono::milliseconds took{};
};

class LiveCheck {
public:
    /// All must outlive it.
    LiveCheck(const PluginInstances& instances, const WorkerServices& worker, Log& log)
        : instances_(instances), worker_(worker), log_(log) {}

    /// Reports each finding as soon as there is one.  False if any is bad.
    bool run(const std::function<void(const Finding&)>& report);

private:
    Finding list(const NamedProvider& provider);
    Finding question(const std::string& model, const Route& route);
    BackgroundRequest::Outcome ask(const NamedProvider& provider, Operation operation);

    const PluginInstances& instances_;
    const WorkerServices worker_;
    Log& log_;
};

}  // namespace gatehouse::core
