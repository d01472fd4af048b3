// SPDX-License-Identifier: Apache-2.0
// The plugin instances of one configuration.
//
// Made on the main thread, then read-only and shared by all workers; kept by
// the flows that began under it, so that a later configuration can take over
// without disturbing them.
#pragma once

#include "core/config/file.hpp"
#include "core/instances/named_hook.hpp"
#include "core/instances/named_provider.hpp"
#include "core/instances/routing.hpp"
#include "core/plugin/finder.hpp"
#include "core/plugin/host.hpp"
#include "core/retry/health.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::core {

struct NamedAuthenticator {
    std::string name;
    Authenticator* authenticator;
};

/// Who lives in a instances.  Lists are in the order of the file.
struct InstanceTable {
    std::vector<NamedAuthenticator> authenticators = {};
    std::map<std::string, NamedProvider, std::less<>> providers = {};
    std::vector<NamedHook> hooks = {};
    std::vector<NamedDialect> dialects = {};
    const ModelMapper* mapper = nullptr;
    std::string mapper_name = {};
};

class PluginInstances {
public:
    /// Makes every instance of the file.  The first thing that is wrong ends it,
    /// with file, line and column.
    static Result<std::shared_ptr<const PluginInstances>> build(const ConfigFile& file, const Finder& finder,
                                                                Services& services, const Limits& limits,
                                                                const Settings& settings, Healths& healths);

    /// A house of instances that `owner` keeps alive.  REQUIRES: a mapper, and at
    /// least one dialect.
    PluginInstances(InstanceTable residents, std::shared_ptr<const void> owner);

    const std::vector<NamedAuthenticator>& authenticators() const { return table_.authenticators; }
    const std::vector<NamedHook>& hooks() const { return table_.hooks; }
    const Routing& routing() const { return routing_; }
    const ModelMapper& mapper() const { return *table_.mapper; }
    const std::string& mapper_name() const { return table_.mapper_name; }
    /// Null if there is none of that name.
    const NamedProvider* provider(std::string_view name) const;
    std::vector<std::string> provider_names() const;

private:
    std::shared_ptr<const void> owner_;
    InstanceTable table_;
    Routing routing_;
};

}  // namespace gatehouse::core
