// SPDX-License-Identifier: Apache-2.0
// The plugin instances of one configuration.
//
// Made on the main thread, then read-only and shared by all workers; kept by
// the flows that began under it, so that a later configuration can take over
// without disturbing them.
#pragma once

#include "core/attempt.hpp"
#include "core/config/check.hpp"
#include "core/config/instances.hpp"
#include "core/hooks.hpp"
#include "core/plugin/finder.hpp"
#include "core/plugin/host.hpp"
#include "core/routing.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::core {

struct NamedAuthenticator {
    std::string name;
    Authenticator* authenticator;
};

class House {
public:
    /// Makes every instance of the file.  The first thing that is wrong ends it,
    /// with file, line and column.
    static Result<std::shared_ptr<const House>> build(const ConfigFile& file, const Finder& finder,
                                                      Services& services);

    /// In the order of the file.
    const std::vector<NamedAuthenticator>& authenticators() const { return authenticators_; }
    const std::vector<NamedHook>& hooks() const { return hooks_; }
    const Routing& routing() const { return *routing_; }
    const ModelMapper& mapper() const { return *mapper_; }
    const std::string& mapper_name() const { return mapper_name_; }
    /// Null if there is none of that name.
    const NamedProvider* provider(std::string_view name) const;
    std::vector<std::string> provider_names() const;

private:
    struct Instance {
        std::unique_ptr<InstanceHost> host;
        std::unique_ptr<Plugin> plugin;  // goes before its host
    };

    Result<void> make(const ConfigFile& file, const Finder& finder, Services& services,
                      const std::weak_ptr<const void>& self);
    Result<void> settle(const InstanceConfig& config, Plugin& plugin);
    Result<void> check_routes(const CheckedConfig& config) const;

    std::vector<Instance> instances_;
    std::vector<NamedAuthenticator> authenticators_;
    std::map<std::string, Signer*, std::less<>> signers_;
    std::map<std::string, NamedProvider, std::less<>> providers_;
    std::vector<NamedHook> hooks_;
    std::vector<NamedDialect> dialects_;
    std::unique_ptr<Routing> routing_;
    const ModelMapper* mapper_ = nullptr;
    std::string mapper_name_;
};

}  // namespace gatehouse::core
