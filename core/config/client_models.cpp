// SPDX-License-Identifier: Apache-2.0
#include "core/config/client_models.hpp"

#include "core/config/name_check.hpp"
#include "core/config/parts.hpp"

namespace gatehouse::core {

namespace {

void check_models(const toml::table& table, NameCheck& names) {
    names.each_text(table["models"].as_array(),
                    [&](const std::string& name, const toml::node& at) { names.model(name, at); });
}

}  // namespace

void check_client_models(const ConfigFile& file, const std::vector<InstanceConfig>& all,
                         const KnownRoutes& known, Mistakes& mistakes) {
    for (const InstanceConfig& one : all) {
        if (one.kind != "authenticator") continue;
        NameCheck names(file, all, one.where, known, mistakes);
        const toml::table& table = table_of(file, one);
        check_models(table, names);
        for (const auto& [key, node] : in_order(table))
            if (const auto* list = node->as_array())
                for (const toml::node& item : *list)
                    if (const auto* entry = item.as_table()) check_models(*entry, names);
        names.finish();
    }
}

}  // namespace gatehouse::core
