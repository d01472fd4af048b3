// SPDX-License-Identifier: Apache-2.0
// Compares texts only.  The list of the keys that need a restart is keep_until_restart() in
// read_settings.cpp.
#include "core/config/diff.hpp"

#include "core/config/parts.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>

namespace gatehouse::core {

namespace {

using Lines = std::vector<std::string>;

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

/// Names the entries that came, went and changed.  Returns false if no entry did, or if the entries have no
/// names.
bool compare_entries(const toml::node& before, const toml::node& after, const std::string& path,
                     Lines& lines) {
    const auto old = named_entries(before), now = named_entries(after);
    if (!old || !now) return false;
    const std::size_t known = lines.size();
    auto find = [](const auto& all, const std::string& name) {
        return std::ranges::find(all, name, [](const auto& entry) { return entry.first; });
    };
    for (const auto& [name, entry] : *old)
        if (find(*now, name) == now->end()) lines.push_back("- " + entry_path(path, name));
    for (const auto& [name, entry] : *now) {
        const auto was = find(*old, name);
        if (was == old->end())
            lines.push_back("+ " + entry_path(path, name));
        else if (!same(*was->second, *entry))
            lines.push_back("~ " + entry_path(path, name));
    }
    return lines.size() > known;
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
            if (!with_values && compare_entries(*old, *node, title + " " + key, lines)) continue;
            line('~', key, with_values ? " = " + shown(*node) + " (was " + shown(*old) + ")" : "");
        }
    }
}

}  // namespace

std::vector<std::string> difference(const ConfigFile& before, const ConfigFile& after, bool routes) {
    Lines lines;
    const auto old = parts_of(before), now = parts_of(after);
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
            compare(*was, *table, title, "", routes && title.starts_with("[mapper."), lines);
    }
    return lines;
}

}  // namespace gatehouse::core
