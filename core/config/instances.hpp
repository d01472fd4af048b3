// SPDX-License-Identifier: Apache-2.0
// The outline of a configuration: the plugin instances of a file.
//
// This checks the top level of the file.  The content of an instance's table is checked
// later, when the keys of its plugin are known.
#pragma once

#include "core/config/file.hpp"
#include "core/config/mistakes.hpp"
#include "core/config/route_options.hpp"

#include <gatehouse/schema.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// One `[kind.name]` of a file.
struct InstanceConfig {
    std::string kind, name;
    std::string use;       // the plugin's name
    std::string signer;    // for a provider or a hook: the [signer.…] table; may be empty
    std::string store;     // the [store.…] table or "none"; empty: not named
    SourceLocation where;  // the header's
    SourceLocation use_where, signer_where, store_where;
    ProviderOptions provider = {};  // for a provider
    std::string text = {};          // provider or store: the table's text, to compare with another file
    /// How much of the table could be read.  name: other tables may name the instance.  keys: also its
    /// plugin, against whose keys the table can be checked.
    enum class Known { all, keys, name } known = Known::all;

    std::string title() const { return "[" + kind + "." + name + "]"; }
};

/// The kinds, in the order in which `explain` and `plugins` show them.
const std::vector<std::string>& instance_kinds();

/// Whether an instance of the kind has a store if its table names none.
inline bool uses_default_store(std::string_view kind) { return kind == "dialect" || kind == "limiter"; }

/// The value of the key `store` for an instance without a store.
inline constexpr std::string_view no_store = "none";

/// The keys of a `[kind.name]` table that belong to the core and not to the plugin.
const std::vector<Key>& core_keys(std::string_view kind);

/// The names of the instances of a kind, in the order of the file.
std::vector<std::string> names_of(const std::vector<InstanceConfig>& all, std::string_view kind);

/// The error for a name of an instance that does not exist.  `names`: those of the kind that exist.
Error no_instance(const ConfigFile& file, const SourceLocation& where, const std::string& kind,
                  const std::string& name, const std::vector<std::string>& names);

/// Returns every instance of the file in the order of the headers.  Checks the top level, the
/// names of the instances and their core keys, and adds every mistake.
std::vector<InstanceConfig> instances(const ConfigFile& file, Mistakes& mistakes);
/// The same, with all mistakes as one error.
Result<std::vector<InstanceConfig>> instances(const ConfigFile& file);

}  // namespace gatehouse::core
