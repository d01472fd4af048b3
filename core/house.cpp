// SPDX-License-Identifier: Apache-2.0
#include "core/house.hpp"

#include "core/config/check.hpp"
#include "core/plugin/guard.hpp"
#include "core/plugin/library.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

namespace {

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? "none" : text;
}

}  // namespace

Result<std::shared_ptr<const House>> House::build(const ConfigFile& file, const Finder& finder,
                                                  Services& services) {
    auto house = std::make_shared<House>();
    if (auto made = house->make(file, finder, services, house); !made) return made.error();
    return std::shared_ptr<const House>(std::move(house));
}

Result<void> House::make(const ConfigFile& file, const Finder& finder, Services& services,
                         const std::weak_ptr<const void>& self) {
    auto configs = instances(file);
    if (!configs) return configs.error();
    std::optional<CheckedConfig> mapper_config;

    for (const InstanceConfig& config : *configs) {
        auto found = finder.find(config.kind, config.use);
        if (!found) return file.error(config.use_where, found.error().message);
        auto keys = declared_keys(*found->descriptor);
        if (!keys) return file.error(config.use_where, keys.error().message);
        auto checked = check(file, config, *keys);
        if (!checked) return checked.error();

        Instance instance;
        instance.host = std::make_unique<InstanceHost>(config.name, services, self);
        auto plugin = guard(config.name, [&] { return found->descriptor->create(*checked, *instance.host); });
        if (!plugin)
            return plugin.error().kind == ErrorKind::internal ? checked->error("", plugin.error().detail)
                                                              : plugin.error();
        instance.plugin = *std::move(plugin);
        if (config.kind == "mapper" && mapper_)
            return file.error(config.where, "a second mapper: only one [mapper.*] is allowed, and [mapper." +
                                                mapper_name_ + "] is there already");
        if (auto settled = settle(config, *instance.plugin); !settled) return settled.error();
        if (config.kind == "mapper") mapper_config = *std::move(checked);
        instances_.push_back(std::move(instance));
    }

    // Signers may stand below the providers that use them.
    for (const InstanceConfig& config : *configs)
        if (!config.signer.empty()) providers_.at(config.name).signer = signers_.at(config.signer);

    auto missing = [&](std::string_view kind, std::string_view why) {
        return file.error({}, "no [" + std::string(kind) + ".…] table: " + std::string(why));
    };
    if (dialects_.empty()) return missing("dialect", "without a dialect no client can be answered");
    if (!mapper_) return missing("mapper", "without a mapper no model name leads anywhere");
    if (providers_.empty()) return missing("provider", "without a provider there is nobody to answer");
    routing_ = std::make_unique<Routing>(std::move(dialects_));
    return check_routes(*mapper_config);
}

Result<void> House::settle(const InstanceConfig& config, Plugin& plugin) {
    const std::string& name = config.name;
    if (config.kind == "authenticator") {
        authenticators_.push_back({name, static_cast<Authenticator*>(&plugin)});
    } else if (config.kind == "signer") {
        signers_.emplace(name, static_cast<Signer*>(&plugin));
    } else if (config.kind == "provider") {
        providers_.emplace(name,
                           NamedProvider{name, static_cast<Provider*>(&plugin), nullptr, config.signer});
    } else if (config.kind == "mapper") {
        mapper_ = static_cast<ModelMapper*>(&plugin);
        mapper_name_ = name;
    } else if (config.kind == "hook") {
        hooks_.push_back({name, static_cast<Hook*>(&plugin)});
    } else {
        auto* dialect = static_cast<Dialect*>(&plugin);
        auto endpoints = guard(name, [&] { return dialect->endpoints(); });
        if (!endpoints) return endpoints.error();
        dialects_.push_back({name, dialect, *std::move(endpoints)});
    }
    return {};
}

Result<void> House::check_routes(const CheckedConfig& config) const {
    auto named = guard(mapper_name_, [&] { return mapper_->providers(); });
    if (!named) return config.error("", named.error().detail);
    for (const std::string& name : *named)
        if (!provider(name))
            return config.error("", "a route leads to the provider \"" + name +
                                        "\", but there is no [provider." + name +
                                        "] (there are: " + listed(provider_names()) + ")");
    return {};
}

const NamedProvider* House::provider(std::string_view name) const {
    auto entry = providers_.find(name);
    return entry == providers_.end() ? nullptr : &entry->second;
}

std::vector<std::string> House::provider_names() const {
    std::vector<std::string> names;
    for (const auto& [name, provider] : providers_) names.push_back(name);
    return names;
}

}  // namespace gatehouse::core
