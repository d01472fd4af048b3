// SPDX-License-Identifier: Apache-2.0
// The outline of a configuration: which plugin instances a file asks for.
//
// Everything at the file's top level is checked here; what an instance's table
// holds is checked later, once its plugin has said which keys it has.
#pragma once

#include "core/config/file.hpp"
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
    std::string signer;    // for a provider: the [signer.…] table; may be empty
    SourceLocation where;  // the header's
    SourceLocation use_where, signer_where;
    ProviderOptions provider = {};  // for a provider
    std::string text = {};          // the table as it stands there, to compare with another file's

    std::string title() const { return "[" + kind + "." + name + "]"; }
};

/// The six kinds, in the order in which `explain` and `plugins` show them.
const std::vector<std::string>& instance_kinds();

/// The keys of a `[kind.name]` table that belong to the core and not to the plugin.
const std::vector<Key>& core_keys(std::string_view kind);

/// Every instance of the file in the order of its headers, after a check of the
/// top level, of the instances' names and of their core keys.
Result<std::vector<InstanceConfig>> instances(const ConfigFile& file);

}  // namespace gatehouse::core
