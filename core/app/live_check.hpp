// SPDX-License-Identifier: Apache-2.0
// Tests whether the stores can be used and the upstreams respond: reads from each store, requests the list of
// models of each provider that has one, and sends one short chat request to each model of the mapper's table.
// Warnings in a provider's inventory become advice: to a model that a route names, and to the provider.
//
// Owned by Gateway.  Runs on the main thread, which waits; the requests run on a loop.
#pragma once

#include "core/app/provider_inventory.hpp"
#include "core/instances/plugin_instances.hpp"

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace gatehouse::core {

struct Finding {
    std::string subject;  // "store keys", "provider backup", "model fast"
    std::string where;    // "backup/fast-5"; empty for a store or a provider
    bool good = true;
    std::string text;    // the result, or the error
    std::string advice;  // lines for the operator
    std::chrono::milliseconds took{};
};

class LiveCheck {
public:
    /// All arguments must outlive this object.
    LiveCheck(const PluginInstances& instances, const WorkerServices& worker, Log& log)
        : instances_(instances), worker_(worker), log_(log) {}

    /// `running` is the process that runs this configuration, or 0: a store that is not shared belongs to it.
    /// Reports each finding at once.  Returns false if any finding is bad.
    bool run(pid_t running, const std::function<void(const Finding&)>& report);

private:
    static Finding read(const StoreInstance& store, pid_t running);
    Finding list(const NamedProvider& provider);
    Finding question(const std::string& model, const Route& route);
    Finding answer_of(const std::string& model, const Route& route);
    void note_warnings(const NamedProvider& provider, const ProviderInventory& inventory);

    const PluginInstances& instances_;
    const WorkerServices worker_;
    Log& log_;
    std::map<std::pair<std::string, std::string>, std::string> warnings_ = {};  // by provider and model
};

}  // namespace gatehouse::core
