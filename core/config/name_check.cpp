// SPDX-License-Identifier: Apache-2.0
#include "core/config/name_check.hpp"

#include "core/config/parts.hpp"
#include "core/util/suggest.hpp"

#include <gatehouse/value.hpp>

#include <algorithm>

namespace gatehouse::core {

void collect_texts(const ConfigFile& file, const toml::node& node, std::vector<std::string>& out) {
    if (const auto* text = node.as_string()) {
        if (auto value = substitute(file, text->get())) out.push_back(*std::move(value));
    } else if (const auto* list = node.as_array()) {
        for (const toml::node& item : *list) collect_texts(file, item, out);
    } else if (const auto* table = node.as_table()) {
        for (const auto& [key, inner] : *table) {
            out.emplace_back(key.str());
            collect_texts(file, inner, out);
        }
    }
}

NameCheck::NameCheck(const ConfigFile& file, const std::vector<InstanceConfig>& all,
                     const SourceLocation& table, const KnownRoutes& known, Mistakes& mistakes)
    : file_(file), known_(known), warnings_(file, table, "more names that match no request", mistakes) {
    for (const InstanceConfig& one : all) {
        if (one.kind != "mapper") continue;
        mapper_ = one.title();
        collect_texts(file, table_of(file, one), mapped_);
    }
}

void NameCheck::model(const std::string& name, const toml::node& at) {
    if (std::ranges::count(known_.models, name) > 0 || std::ranges::count(mapped_, name) > 0 ||
        (known_.maps_model && known_.maps_model(name)))
        return;
    warn(at, mapper_ + " has no model " + toml_quoted(name) +
                 (warnings_.has_room() ? suggestion(name, known_.models) : ""));
}

}  // namespace gatehouse::core
