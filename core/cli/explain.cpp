// SPDX-License-Identifier: Apache-2.0
// `gatehouse explain`: the keys of the core's tables and of every plugin, from
// the same declarations that check the file.
#include "core/cli/fragment.hpp"
#include "core/cli/output.hpp"
#include "core/cli/tables.hpp"
#include "core/config/core_tables.hpp"
#include "core/config/instances.hpp"
#include "core/plugin/library.hpp"
#include "core/util/suggest.hpp"

#include <algorithm>
#include <iostream>

namespace gatehouse::core {

namespace {

const char* type_name(ValueType type) {
    switch (type) {
        case ValueType::boolean: return "boolean";
        case ValueType::integer: return "integer";
        case ValueType::number: return "number";
        case ValueType::string: return "string";
        case ValueType::string_list: return "list of strings";
        case ValueType::table_list: return "list of tables";
        case ValueType::table_map: return "table of tables";
        case ValueType::string_list_map: return "table of lists of strings";
        case ValueType::table: return "table";
    }
    return "?";
}

std::string default_of(const Key& key) {
    if (key.required) return "required";
    return key.fallback.empty() ? "none" : key.fallback;
}

void print_keys(const std::vector<Key>& keys, std::size_t indent) {
    for (const Key& key : keys) {
        std::cout << std::string(indent, ' ')
                  << padded(as_key(key.name), 34 - std::min<std::size_t>(indent, 20))
                  << padded(type_name(key.type), 27) << default_of(key) << '\n';
        const std::string more = remarks(key);
        std::cout << wrapped(key.doc + " " + more, std::string(indent + 6, ' '));
        print_keys(key.keys, indent + 4);
    }
}

void print_header() { std::cout << "  " << padded("KEY", 32) << padded("TYPE", 27) << "DEFAULT\n"; }

int explain_core(const CoreTable& table, bool as_toml) {
    if (as_toml) {
        std::cout << wrapped(table.doc, "# ") << toml_fragment(table.name, "", table.keys);
        return exit_status::ok;
    }
    std::cout << '[' << table.name << "]  " << table.doc << "\n\n";
    print_header();
    print_keys(table.keys, 2);
    return exit_status::ok;
}

/// The keys that a provider takes from [upstream] get the defaults of that table.
void inherit(std::vector<Key>& keys, const std::vector<Key>& upstream) {
    for (Key& key : keys) {
        const auto found = std::ranges::find(upstream, key.name, &Key::name);
        if (found != upstream.end() && key.fallback.empty()) key.fallback = found->fallback;
        inherit(key.keys, upstream);
    }
}

void inherit_upstream(std::vector<Key>& keys) {
    const std::vector<CoreTable> tables = core_tables();
    const auto upstream = std::ranges::find_if(
        tables, [](const CoreTable& one) { return one.name == std::string_view("upstream"); });
    if (upstream != tables.end()) inherit(keys, upstream->keys);
}

int explain_plugin(const Finder& finder, const std::string& kind, const std::string& name, bool as_toml) {
    auto found = finder.find(kind, name);
    if (!found) return fail(exit_status::usage, found.error().message);
    auto keys = declared_keys(*found->descriptor);
    if (!keys) return fail(exit_status::usage, found->path.string() + ": " + keys.error().message);
    if (as_toml) {
        std::vector<Key> all = core_keys(kind);
        std::erase_if(all, [](const Key& key) { return key.name == "use"; });
        all.insert(all.end(), keys->begin(), keys->end());
        if (kind == "provider") inherit_upstream(all);
        std::cout << wrapped(kind + " " + name + " " + found->descriptor->version +
                                 ": the commented lines are optional and have their defaults; fill in " +
                                 std::string(placeholder) + ".",
                             "# ")
                  << toml_fragment(kind + "." + as_key(name), name, all);
        return exit_status::ok;
    }
    std::cout << '[' << kind << ".NAME]  " << name << ' ' << found->descriptor->version << ", "
              << found->path.string() << "\n\n";
    print_header();
    print_keys(core_keys(kind), 2);
    print_keys(*keys, 2);
    return exit_status::ok;
}

/// The plugins of one kind, or of all.
void print_plugins(const Finder& finder, const std::string& only_kind) {
    const std::vector<ListedPlugin> all = finder.list();
    for (const std::string& kind : instance_kinds()) {
        if (!only_kind.empty() && kind != only_kind) continue;
        std::cout << "  " << padded("[" + kind + ".NAME]", 24);
        const std::vector<std::string> names = plugin_names(all, kind);
        std::cout << (names.empty() ? "no plugin found" : joined(names)) << '\n';
    }
}

int explain_all(const Finder& finder) {
    std::cout << "Tables of the core: gatehouse explain TABLE\n\n";
    for (const CoreTable& table : core_tables())
        std::cout << "  " << padded("[" + std::string(table.name) + "]", 24) << table.doc << '\n';
    std::cout << "\nTables of plugins: gatehouse explain KIND PLUGIN\n\n";
    print_plugins(finder, "");
    std::cout
        << "\nIn every string: env:NAME and env:NAME:-default stand for the value of a variable, file:PATH\n"
           "and credential:NAME (of systemd) for the content of a file, and a leading ~/ for the home folder.\n";
    return exit_status::ok;
}

}  // namespace

int explain(const PluginFolders& where, const std::string& kind, const std::string& name, bool as_toml) {
    const std::vector<CoreTable> tables = core_tables();
    const auto table = std::ranges::find_if(tables, [&](const CoreTable& one) { return kind == one.name; });
    if (table != tables.end()) {
        if (name.empty()) return explain_core(*table, as_toml);
        return fail(exit_status::usage,
                    "[" + kind + "] is a table of the core and has no plugins: gatehouse explain " + kind);
    }
    std::vector<std::string> known = instance_kinds();
    if (!kind.empty() && !std::ranges::count(known, kind)) {
        for (const CoreTable& one : tables) known.push_back(one.name);
        return fail(exit_status::usage, "there is no table or kind " + toml_quoted(kind) +
                                            suggestion(kind, known) + " (there are: " + joined(known) + ")");
    }
    auto finder = make_finder(where);
    if (!finder) return fail(exit_status::usage, finder.error().message);
    if (!name.empty()) return explain_plugin(*finder, kind, name, as_toml);
    if (as_toml)
        return fail(exit_status::usage, "--toml needs a plugin too: gatehouse explain " +
                                            (kind.empty() ? "KIND" : kind) + " PLUGIN --toml");
    if (kind.empty()) return explain_all(*finder);
    print_plugins(*finder, kind);
    return exit_status::ok;
}

}  // namespace gatehouse::core
