// SPDX-License-Identifier: Apache-2.0
#include "core/config/references.hpp"

#include "core/config/parts.hpp"
#include "core/config/substitute.hpp"

namespace gatehouse::core {

namespace {

class References {
public:
    explicit References(const ConfigFile& file) : file_(file) {}

    void table(const toml::table& table, const std::string& path) {
        for (const auto& [name, node] : in_order(table)) value(*node, joined_path(path, name->str()));
    }

    std::string title;
    std::vector<FileReference> found = {};

private:
    void value(const toml::node& node, const std::string& path) {
        if (const auto* text = node.as_string()) {
            if (auto named = referenced_file(file_, text->get()); !named.empty())
                found.push_back({title + " " + path, std::move(named)});
        } else if (const auto* inner = node.as_table()) {
            table(*inner, path);
        } else if (const auto entries = named_entries(node)) {
            // The name of the entry is enough for its values.
            for (const auto& [name, entry] : *entries)
                for (const auto& [key, member] : in_order(*entry)) value(*member, entry_path(path, name));
        } else if (const auto* list = node.as_array()) {
            std::size_t index = 0;
            for (const toml::node& item : *list) value(item, path + "[" + std::to_string(index++) + "]");
        }
    }

    const ConfigFile& file_;
};

}  // namespace

std::vector<FileReference> file_references(const ConfigFile& file) {
    References references(file);
    for (const auto& [title, table] : parts_of(file)) {
        references.title = title;
        references.table(*table, "");
    }
    return std::move(references.found);
}

}  // namespace gatehouse::core
