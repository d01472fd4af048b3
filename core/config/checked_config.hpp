// SPDX-License-Identifier: Apache-2.0
// Checks a table of the file against declared keys.  The core's own tables and the
// tables of all plugins use this code.
//
// Values become the SDK's, with env:, file: and ~/ replaced.  [main thread]
#pragma once

#include "core/config/file.hpp"
#include "core/config/instances.hpp"
#include "core/config/mistakes.hpp"

#include <gatehouse/schema.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// The location of a value in the file, and of the values in it.
struct Placed {
    std::string name;  // a key, or "[0]", "[1]", … in a list
    SourceLocation where;
    std::vector<Placed> inside;
    std::filesystem::path secret_in = {};  // for a secret: the file that contains it, if any
    std::string doubt = {};                // for a secret: why it is probably wrong
};

/// A secret that is probably wrong.
struct Doubt {
    std::string key, reason;  // "keys[1].key"; see secret_doubt.hpp
};

/// A secret in a file that other users may read.
struct Exposed {
    std::filesystem::path file;
    SourceLocation where;  // the key's
};

/// Whether the file lets other users read secrets.
enum class Exposure { refused, allowed };

/// A valid table.  Plain value; keeps the file's text alive for its errors.
class CheckedConfig final : public Config {
public:
    std::string_view instance() const override { return instance_; }
    const Table& table() const override { return table_; }

    /// `path` names keys as in the file: "region", "keys[1].key", "models.fast".
    /// A key with dots may be quoted, `models."fast-4.1"`, or not: the longest matching key is
    /// used.  If there is no value at the path, the error points at its last existing table.
    Error error(std::string_view path, std::string message) const override;

    /// Overwrites the values, among them secrets, after the plugin has copied them.  Errors can
    /// still be made.
    void forget_values();

    /// The secrets that other users may read, each file once.
    std::vector<Exposed> exposed() const;
    /// The same as an error, at its key.
    Error error(const Exposed& exposed, Exposure exposure) const;

    /// The secrets that are probably wrong.
    std::vector<Doubt> doubts() const;

private:
    friend std::optional<CheckedConfig> check(const ConfigFile&, std::string_view, const std::vector<Key>&,
                                              Mistakes&, const std::vector<Key>&);
    friend std::optional<CheckedConfig> check(const ConfigFile&, const InstanceConfig&,
                                              const std::vector<Key>&, Mistakes&);
    CheckedConfig(ConfigFile file, std::string instance)
        : file_(std::move(file)), instance_(std::move(instance)) {}

    ConfigFile file_;
    std::string instance_;
    Table table_;
    Placed endpoints_;
};

/// A table of the core, such as "server" or "server.tls".  A missing table is empty.
/// `elsewhere` are names in it that are read separately.  Adds every mistake in the table, and returns
/// nothing if there is one.
std::optional<CheckedConfig> check(const ConfigFile& file, std::string_view table,
                                   const std::vector<Key>& keys, Mistakes& mistakes,
                                   const std::vector<Key>& elsewhere = {});
/// The same, with all mistakes as one error.
Result<CheckedConfig> check(const ConfigFile& file, std::string_view table, const std::vector<Key>& keys);
bool has_table(const ConfigFile& file, std::string_view table);
/// An error at a key of a table of the core, for a problem that shows itself after the reading.  Points
/// at the table, or only names the file, if the key or the table is missing.
Error error_at(const ConfigFile& file, std::string_view table, std::string_view key,
               const std::string& message);

/// Whether users other than its owner may read a file with a secret, and the message about it.
bool others_may_read(const std::filesystem::path& file);
std::string exposed_message(const std::filesystem::path& file, Exposure exposure);
LogForm exposed_log(const std::string& instance, const std::filesystem::path& file);

/// Checks the table of an instance against the keys of its plugin.  Skips core keys.
std::optional<CheckedConfig> check(const ConfigFile& file, const InstanceConfig& instance,
                                   const std::vector<Key>& keys, Mistakes& mistakes);
Result<CheckedConfig> check(const ConfigFile& file, const InstanceConfig& instance,
                            const std::vector<Key>& keys);

}  // namespace gatehouse::core
