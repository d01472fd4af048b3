// SPDX-License-Identifier: Apache-2.0
// The plugin under check: its library, its keys, a configuration that it takes, and
// instances made of it as the core makes them.
//
// Lives in the process of one part.  [the part's thread]
#pragma once

#include "core/config/checked_config.hpp"
#include "core/plugin_check/check_host.hpp"

#include <gatehouse/plugin.hpp>

#include <filesystem>
#include <memory>
#include <optional>

namespace gatehouse::core::plugin_check {

/// The target's options on the command line.
struct Given {
    std::filesystem::path library;
    std::optional<std::filesystem::path> config, answers;
    std::string model;
};

/// An instance and its host, going in the order in which the core lets them go.
template <typename Interface>
class Made {
public:
    Made() = default;
    Made(std::unique_ptr<CheckHost> host, std::unique_ptr<Plugin> plugin, std::shared_ptr<int> owner)
        : owner_(std::move(owner)), host_(std::move(host)), plugin_(std::move(plugin)) {}
    Made(Made&&) noexcept = default;
    Made& operator=(Made&&) = delete;
    ~Made() {
        owner_.reset();
        plugin_.reset();
    }

    explicit operator bool() const { return plugin_ != nullptr; }
    // load() has checked that the plugin is of this kind.
    Interface& operator*() const { return *static_cast<Interface*>(plugin_.get()); }
    Interface* operator->() const { return &**this; }

private:
    std::shared_ptr<int> owner_;
    std::unique_ptr<CheckHost> host_;
    std::unique_ptr<Plugin> plugin_;
};

/// How an instance failed to be made.
struct Refusal {
    Error error;
    std::string path;      // the key at which the plugin puts it; empty: the table itself
    bool by_core = false;  // the declared keys forbid it, so that the plugin never sees it
};

class Target {
public:
    /// Loads the library; the error is that of core::load().
    static Result<Target> load(const Given& given);

    const Given& given() const { return given_; }
    const Descriptor& descriptor() const { return *descriptor_; }
    const std::vector<Key>& keys() const { return keys_; }
    std::string kind() const;
    const Confidential& confidential() const { return *confidential_; }
    const Network& network() const { return *network_; }

    /// The table that make() uses from now on.
    void use(Table table, std::string instance = "check");
    const Table& table() const { return table_; }

    /// The table of the file of --config that is for this plugin.
    Result<void> use_file();

    /// Makes an instance of the active table.  Returns nothing after a reported failure.
    template <typename Interface>
    Made<Interface> make(Check& check, const Limits& limits = {}) {
        auto [host, plugin, owner] = instance(check, table_, limits, nullptr);
        return Made<Interface>(std::move(host), std::move(plugin), std::move(owner));
    }
    /// Whether `table` makes an instance, which goes at once.
    std::optional<Refusal> refusal(Check& check, const Table& table);

    /// Tables written as TOML; secrets stay hidden if `for_eyes`.
    std::string toml(const Table& table, bool for_eyes) const;
    /// The table of what toml(…, false) has written.
    Result<Table> parsed(const std::string& toml) const;

private:
    struct Instance {
        std::unique_ptr<CheckHost> host;
        std::unique_ptr<Plugin> plugin;
        std::shared_ptr<int> owner;
    };
    Instance instance(Check& check, const Table& table, const Limits& limits, std::optional<Refusal>* why);
    Result<CheckedConfig> checked(const Table& table) const;

    Given given_;
    const Descriptor* descriptor_ = nullptr;
    std::vector<Key> keys_;
    std::string instance_name_ = "check";
    Table table_;
    std::shared_ptr<Network> network_ = std::make_shared<Network>();
    std::shared_ptr<Confidential> confidential_ = std::make_shared<Confidential>();
};

}  // namespace gatehouse::core::plugin_check
