// SPDX-License-Identifier: Apache-2.0
#include "core/config/model_names.hpp"

#include "core/config/name_check.hpp"
#include "core/config/parts.hpp"

namespace gatehouse::core {

namespace {

void check_models(const toml::table& table, NameCheck& names) {
    names.each_text(table["models"].as_array(),
                    [&](const std::string& name, const toml::node& at) { names.model(name, at); });
}

void check_clients(const toml::table& table, NameCheck& names) {
    check_models(table, names);
    for (const auto& [key, node] : in_order(table))
        if (const auto* list = node->as_array())
            for (const toml::node& item : *list)
                if (const auto* entry = item.as_table()) check_models(*entry, names);
}

void check_dialect(const toml::table& table, NameCheck& names) {
    const toml::node* const at = table.get("stored_objects");
    const auto name = at ? names.text(*at) : std::nullopt;
    if (name && !name->empty()) names.model(*name, *at);
}

}  // namespace

void check_model_names(const ConfigFile& file, const std::vector<InstanceConfig>& all,
                       const KnownRoutes& known, Mistakes& mistakes) {
    for (const InstanceConfig& one : all) {
        if (one.kind != "authenticator" && one.kind != "dialect") continue;
        NameCheck names(file, all, one.where, known, mistakes);
        if (one.kind == "authenticator") check_clients(table_of(file, one), names);
        if (one.kind == "dialect") check_dialect(table_of(file, one), names);
        names.finish();
    }
}

}  // namespace gatehouse::core
