// SPDX-License-Identifier: Apache-2.0
// Compares texts only.  The list of the keys that need a restart is keep_until_restart() in
// read_settings.cpp.
#include "core/config/diff.hpp"

#include "core/config/document.hpp"
#include "core/config/instances.hpp"
#include "core/util/suggest.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>

namespace gatehouse::core {

namespace {

using Lines = std::vector<std::string>;

std::string joined_path(const std::string& path, std::string_view key) {
    return (path.empty() ? "" : path + ".") + as_key(key);
}

/// A route as written in the file: names of providers and models, no secrets.
std::string shown(const toml::node& node) {
    std::ostringstream text;
    if (auto* string = node.as_string())
        text << *string;
    else if (auto* array = node.as_array())
        text << *array;
    else
        return description(node);
    return text.str();
}

bool same(const toml::node& a, const toml::node& b) {
    if (a.type() != b.type()) return false;
    std::ostringstream x, y;
    a.visit([&](const auto& node) { x << node; });
    b.visit([&](const auto& node) { y << node; });
    return x.str() == y.str();
}

/// `with_values`: the target of a route may be shown.
void compare(const toml::table& before, const toml::table& after, const std::string& title,
             const std::string& path, bool with_values, Lines& lines) {
    auto line = [&](char mark, const std::string& key, const std::string& more) {
        lines.push_back(std::string(1, mark) + " " + title + " " + key + more);
    };
    for (const auto& [name, node] : in_order(before))
        if (!after.contains(name->str()))
            line('-', joined_path(path, name->str()), with_values ? " (was " + shown(*node) + ")" : "");
    for (const auto& [name, node] : in_order(after)) {
        const std::string key = joined_path(path, name->str());
        const toml::node* old = before.get(name->str());
        if (!old) {
            line('+', key, with_values ? " = " + shown(*node) : "");
        } else if (old->is_table() && node->is_table()) {
            compare(*old->as_table(), *node->as_table(), title, key, with_values, lines);
        } else if (!same(*old, *node)) {
            line('~', key, with_values ? " = " + shown(*node) + " (was " + shown(*old) + ")" : "");
        }
    }
}

/// Every table that is compared separately: "[server]", "[provider.backup]".
std::vector<std::pair<std::string, const toml::table*>> parts(const ConfigFile& file) {
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

}  // namespace

std::vector<std::string> difference(const ConfigFile& before, const ConfigFile& after) {
    Lines lines;
    const auto old = parts(before), now = parts(after);
    auto find = [](const auto& all, const std::string& title) {
        const auto found = std::ranges::find(all, title, [](const auto& part) { return part.first; });
        return found == all.end() ? nullptr : found->second;
    };
    for (const auto& [title, table] : old)
        if (!find(now, title)) lines.push_back("- " + title);
    for (const auto& [title, table] : now) {
        const toml::table* was = find(old, title);
        if (!was)
            lines.push_back("+ " + title);
        else
            compare(*was, *table, title, "", title.starts_with("[mapper."), lines);
    }
    return lines;
}

}  // namespace gatehouse::core
