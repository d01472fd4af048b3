// SPDX-License-Identifier: Apache-2.0
// Checks a table of the file against declared keys.  The core's own tables and the
// tables of all plugins use this code.
//
// Values come out as the SDK's, with env:, file: and ~/ replaced.  The
// first mistake in the order of the file is the error.  [main thread]
#pragma once

#include "core/config/file.hpp"
#include "core/config/instances.hpp"

#include <gatehouse/schema.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// A value's place in the file, and those of what it holds.
struct Placed {
    std::string name;  // a key, or "[0]", "[1]", … in a list
    SourceLocation where;
    std::vector<Placed> inside;
    std::filesystem::path secret_in = {};  // for a secret: the file in which it stands, if it does
};

/// A secret that more people can read than its owner.
struct Exposed {
    std::filesystem::path file;
    SourceLocation where;  // of the key
};

/// A table that passed.  Plain value; keeps the file's text alive for its errors.
class CheckedConfig final : public Config {
public:
    std::string_view instance() const override { return instance_; }
    const Table& table() const override { return table_; }

    /// `path` names keys as in the file: "region", "keys[1].key", "models.fast".
    /// A key with dots may be quoted, `models."fast-4.1"`, or not: the longest key
    /// that fits is taken.  Where a path leads to nothing, the error points at the
    /// last table on the way.
    Error error(std::string_view path, std::string message) const override;

    /// Overwrites the values, among them secrets, which the plugin has taken by now.
    /// Errors can be made as before.
    void forget_values();

    /// The secrets that others may read, each file once.
    std::vector<Exposed> exposed() const;
    /// The same as an error, at its key.
    Error error(const Exposed& exposed) const;

private:
    friend Result<CheckedConfig> check(const ConfigFile&, std::string_view, const std::vector<Key>&,
                                       const std::vector<Key>&);
    friend Result<CheckedConfig> check(const ConfigFile&, const InstanceConfig&, const std::vector<Key>&);
    CheckedConfig(ConfigFile file, std::string instance)
        : file_(std::move(file)), instance_(std::move(instance)) {}

    ConfigFile file_;
    std::string instance_;
    Table table_;
    Placed endpoints_;
};

/// A table of the core, such as "server" or "server.tls".  One that is not there is
/// empty.  `elsewhere` are names in it that are read by themselves.
Result<CheckedConfig> check(const ConfigFile& file, std::string_view table, const std::vector<Key>& keys,
                            const std::vector<Key>& elsewhere = {});
bool has_table(const ConfigFile& file, std::string_view table);

/// Whether others than its owner may read a file with a secret, and what to say of it.
bool others_may_read(const std::filesystem::path& file);
std::string exposed_message(const std::filesystem::path& file);

/// The table of an instance against the keys of its plugin; core keys are left out.
Result<CheckedConfig> check(const ConfigFile& file, const InstanceConfig& instance,
                            const std::vector<Key>& keys);

}  // namespace gatehouse::core
