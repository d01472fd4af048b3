// SPDX-License-Identifier: Apache-2.0
#include "core/config/parts.hpp"

#include "core/config/instances.hpp"
#include "core/util/suggest.hpp"

#include <gatehouse/schema.hpp>

#include <algorithm>

namespace gatehouse::core {

std::vector<std::pair<std::string, const toml::table*>> parts_of(const ConfigFile& file) {
    std::vector<std::pair<std::string, const toml::table*>> found;
    for (const auto& [name, node] : in_order(file.document().root)) {
        const auto* table = node->as_table();
        if (!table) continue;
        const bool holds_instances = std::ranges::count(instance_kinds(), std::string(name->str())) > 0;
        if (!holds_instances) {
            found.emplace_back("[" + as_key(name->str()) + "]", table);
            continue;
        }
        for (const auto& [inner_name, inner] : in_order(*table))
            if (inner->is_table())
                found.emplace_back("[" + as_key(name->str()) + "." + as_key(inner_name->str()) + "]",
                                   inner->as_table());
    }
    return found;
}

const toml::table& table_of(const ConfigFile& file, const InstanceConfig& instance) {
    return *file.document().root.get(instance.kind)->as_table()->get(instance.name)->as_table();
}

std::string joined_path(const std::string& path, std::string_view key) {
    return (path.empty() ? "" : path + ".") + as_key(key);
}

std::optional<std::vector<std::pair<std::string, const toml::table*>>> named_entries(const toml::node& list) {
    const toml::array* array = list.as_array();
    if (!array) return std::nullopt;
    std::vector<std::pair<std::string, const toml::table*>> entries;
    for (const toml::node& item : *array) {
        const toml::table* table = item.as_table();
        const toml::node* name = table ? table->get("name") : nullptr;
        const auto* text = name ? name->as_string() : nullptr;
        if (!text) return std::nullopt;
        for (const auto& [other, of_other] : entries)
            if (other == text->get()) return std::nullopt;
        entries.emplace_back(text->get(), table);
    }
    return entries;
}

std::string entry_path(const std::string& path, std::string_view name) {
    return path + " " + toml_quoted(name);
}

}  // namespace gatehouse::core
