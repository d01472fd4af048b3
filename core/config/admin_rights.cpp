// SPDX-License-Identifier: Apache-2.0
#include "core/config/admin_rights.hpp"

#include "core/config/document.hpp"
#include "core/util/suggest.hpp"

#include <gatehouse/value.hpp>

#include <algorithm>

namespace gatehouse::core {

void check_rights(const ConfigFile& file, const std::vector<std::string>& known, Mistakes& mistakes) {
    const auto* tokens = file.document().root["admin"]["tokens"].as_array();
    if (!tokens) return;
    for (const toml::node& entry : *tokens) {
        const auto* token = entry.as_table();
        const auto* may = token ? (*token)["may"].as_array() : nullptr;
        if (!may) continue;
        for (const toml::node& node : *may) {
            const auto* right = node.as_string();
            if (!right || std::ranges::count(known, right->get()) > 0) continue;
            mistakes.warn(file.error(place_of(node.source(), SourceLocation::Show::always),
                                     "no resource of the admin API needs the right " +
                                         toml_quoted(right->get()) + suggestion(right->get(), known) +
                                         " (there are: " + joined(known) + ")"));
        }
    }
}

}  // namespace gatehouse::core
