// SPDX-License-Identifier: Apache-2.0
// Warns of names in a table that match no request, such as a misspelt model.  A plugin does not know the
// other tables, so the core checks.  Only the sources of core/config include this.  [main thread]
#pragma once

#include "core/config/bounded_warnings.hpp"
#include "core/config/document.hpp"
#include "core/config/instances.hpp"
#include "core/config/known_routes.hpp"
#include "core/config/mistakes.hpp"
#include "core/config/substitute.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::core {

/// Checks the names of one table.  The arguments must outlive it.
class NameCheck {
public:
    /// `all` are the instances of `file`, `table` the location of the table.
    NameCheck(const ConfigFile& file, const std::vector<InstanceConfig>& all, const SourceLocation& table,
              const KnownRoutes& known, Mistakes& mistakes);

    /// Warns if no request for the model `name` has a route.
    void model(const std::string& name, const toml::node& at);

    /// Calls `check` with each text of `list` that has no star.  Null is an empty list.
    template <typename Check>
    void each_text(const toml::array* list, const Check& check) const {
        if (!list) return;
        for (const toml::node& item : *list)
            if (const auto value = text(item)) check(*value, item);
    }
    /// Empty for another type, and for a text with a star.
    std::optional<std::string> text(const toml::node& node) const {
        const auto* text = node.as_string();
        if (!text) return std::nullopt;
        auto value = substitute(file_, text->get());
        return value && is_complete(*value) ? std::optional(*std::move(value)) : std::nullopt;
    }

    /// Adds the warning, up to a number of them.
    template <typename Node>
    void warn(const Node& at, const std::string& message) {
        warnings_.add(place_of(at.source(), SourceLocation::Show::always), message);
    }
    /// Adds a warning with the number of those above the bound.  To be called at the end.
    void finish() { warnings_.finish(); }

    /// "[mapper.models]"
    const std::string& mapper() const { return mapper_; }
    /// The keys and the texts of the mapper's table.
    const std::vector<std::string>& mapped() const { return mapped_; }
    static bool is_complete(std::string_view name) { return name.find('*') == name.npos; }

private:
    const ConfigFile& file_;
    const KnownRoutes& known_;
    BoundedWarnings warnings_;
    std::string mapper_ = {};
    std::vector<std::string> mapped_ = {};
};

/// Appends all keys and texts of `node`.
void collect_texts(const ConfigFile& file, const toml::node& node, std::vector<std::string>& out);

}  // namespace gatehouse::core
