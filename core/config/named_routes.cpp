// SPDX-License-Identifier: Apache-2.0
#include "core/config/named_routes.hpp"

#include "core/config/document.hpp"
#include "core/config/parts.hpp"
#include "core/config/substitute.hpp"

#include <algorithm>

namespace gatehouse::core {

namespace {

bool names(std::string_view text, std::string_view provider) {
    return text.starts_with(provider) && (text.size() == provider.size() || text[provider.size()] == '/');
}

void collect(const ConfigFile& file, const toml::node& node, std::string_view provider,
             std::vector<SourceLocation>& out) {
    if (const auto* text = node.as_string()) {
        const auto value = substitute(file, text->get());
        if (value && names(*value, provider))
            out.push_back(place_of(node.source(), SourceLocation::Show::always));
    } else if (const auto* list = node.as_array()) {
        for (const toml::node& item : *list) collect(file, item, provider, out);
    } else if (const auto* table = node.as_table()) {
        for (const auto& [key, inner] : in_order(*table)) collect(file, *inner, provider, out);
    }
}

}  // namespace

std::vector<SourceLocation> places_naming(const ConfigFile& file, const InstanceConfig& mapper,
                                          std::string_view provider) {
    std::vector<SourceLocation> places;
    for (const auto& [key, node] : in_order(table_of(file, mapper)))
        if (!std::ranges::count(core_keys(mapper.kind), key->str(), &Key::name))
            collect(file, *node, provider, places);
    return places;
}

}  // namespace gatehouse::core
