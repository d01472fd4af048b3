// SPDX-License-Identifier: Apache-2.0
// The outline of a configuration; see instances.hpp.
#include "core/config/instances.hpp"

#include "core/config/core_tables.hpp"
#include "core/config/store_check.hpp"
#include "core/config/table_reader.hpp"
#include "core/util/suggest.hpp"

#include <gatehouse/name_pattern.hpp>

#include <algorithm>
#include <sstream>

namespace gatehouse::core {

namespace {

/// The names of the core's tables at the top level.
const std::vector<std::string>& core_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (CoreTable& table : core_tables())
            if (table.name.find('.') == table.name.npos) all.push_back(std::move(table.name));
        return all;
    }();
    return names;
}

bool is_one_of(const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

std::string string_of(const Table& table, std::string_view name) {
    const Value* value = table.find(name);
    return value ? *std::get_if<std::string>(&value->data) : std::string();
}

const SourceLocation& place_in(const Placed& placed, std::string_view name) {
    const auto found = std::ranges::find(placed.inside, name, &Placed::name);
    return found == placed.inside.end() ? placed.where : found->where;
}

Error unknown_table(const ConfigFile& file, const toml::key& name) {
    std::vector<std::string> allowed = core_names();
    allowed.insert(allowed.end(), instance_kinds().begin(), instance_kinds().end());
    return file.error(place_of(name.source()), "unknown table [" + as_key(name.str()) + "]" +
                                                   suggestion(name.str(), allowed) +
                                                   " (allowed: " + joined(allowed) + ")");
}

std::string text_of(const toml::table& table) {
    std::ostringstream text;
    text << table;
    return text.str();
}

/// A star that is not at the end would be part of the name.
void check_patterns(const ConfigFile& file, const InstanceConfig& config, const Placed& placed,
                    Mistakes& mistakes) {
    for (const auto& [pattern, options] : config.provider.per_model) {
        if (is_name_pattern(pattern)) continue;
        const auto map = std::ranges::find(placed.inside, "per_model", &Placed::name);
        mistakes.add(file.error(place_in(*map, pattern),
                                "per_model." + as_key(pattern) + ": " + std::string(name_pattern_rule)));
    }
}

void check_price(const ConfigFile& file, const RouteOptions& options, const Placed& placed,
                 const std::string& path, Mistakes& mistakes) {
    if (!options.price) return;
    const Placed& price = *std::ranges::find(placed.inside, "price", &Placed::name);
    for (const auto& [key, value] :
         {std::pair{"input", options.price->input}, std::pair{"output", options.price->output}})
        if (const std::string wrong = wrong_price(value); !wrong.empty())
            mistakes.add(file.error(place_in(price, key), path + "price." + key + " " + wrong));
}

void check_prices(const ConfigFile& file, const InstanceConfig& config, const Placed& placed,
                  Mistakes& mistakes) {
    check_price(file, config.provider, placed, "", mistakes);
    for (const auto& [pattern, options] : config.provider.per_model) {
        const auto map = std::ranges::find(placed.inside, "per_model", &Placed::name);
        const auto model = std::ranges::find(map->inside, pattern, &Placed::name);
        check_price(file, options, *model, "per_model." + as_key(pattern) + ".", mistakes);
    }
}

/// An instance whose table cannot be read.
InstanceConfig only_named(const std::string& kind, const toml::key& name) {
    InstanceConfig out;
    out.kind = kind;
    out.name = name.str();
    out.where = place_of(name.source());
    out.known = InstanceConfig::Known::name;
    return out;
}

/// Reads the core keys of `table`.
void read_core_keys(const ConfigFile& file, const toml::table& table, InstanceConfig& out,
                    Mistakes& mistakes) {
    Placed placed{.name = {}, .where = out.where, .inside = {}};
    static const std::vector<Key> no_keys;
    const std::size_t before = mistakes.count();
    const Table read = TableReader(file, mistakes)
                           .table(table, {core_keys(out.kind), no_keys, true}, out.title(), "", placed);
    const bool complete = mistakes.count() == before;
    out.use = string_of(read, "use");
    out.use_where = place_in(placed, "use");
    if (read.find("use") && !is_plain_name(out.use)) {
        mistakes.add(
            file.error(out.use_where,
                       "use must be the name of a plugin, made of letters, digits, \"_\" and \"-\", not " +
                           toml_quoted(out.use)));
        out.use.clear();
    }
    if (read.find("signer")) {
        out.signer = string_of(read, "signer");
        out.signer_where = place_in(placed, "signer");
    }
    if (read.find("store")) {
        out.store = string_of(read, "store");
        out.store_where = place_in(placed, "store");
    }
    if (out.kind == "provider" && complete) {
        out.provider = gatehouse::read(provider_fields, read);
        check_patterns(file, out, placed, mistakes);
        check_prices(file, out, placed, mistakes);
    }
    if (out.kind == "store" && out.name == no_store)
        mistakes.add(file.error(out.where, "a store cannot have the name \"none\", which means no store"));
    if (mistakes.count() > before)
        out.known = out.use.empty() ? InstanceConfig::Known::name : InstanceConfig::Known::keys;
}

InstanceConfig instance(const ConfigFile& file, const std::string& kind, const toml::key& name,
                        const toml::node& node, Mistakes& mistakes) {
    InstanceConfig out = only_named(kind, name);
    const toml::table* table = node.as_table();
    if (!table && node.is_array()) {
        mistakes.add(file.error(out.where, kind + "." + out.name + " must be a table, not a list: write [" +
                                               kind + "." + out.name + "]"));
    } else if (!table) {
        mistakes.add(file.error(out.where, "[" + kind + "] holds named instances: put " + as_key(out.name) +
                                               " into [" + kind + ".NAME]"));
    } else if (!is_plain_name(out.name)) {
        mistakes.add(file.error(out.where,
                                "the name of an instance is made of letters, digits, \"_\" and \"-\", not " +
                                    toml_quoted(out.name)));
    } else {
        out.where = place_of(table->source());
        out.known = InstanceConfig::Known::all;
        read_core_keys(file, *table, out, mistakes);
        if (kind == "provider" || kind == "store") out.text = text_of(*table);
    }
    return out;
}

void check_signers(const ConfigFile& file, const std::vector<InstanceConfig>& all, Mistakes& mistakes) {
    const std::vector<std::string> signers = names_of(all, "signer");
    for (const InstanceConfig& one : all)
        if (one.signer_where.line != 0 && !is_one_of(signers, one.signer))
            mistakes.add(no_instance(file, one.signer_where, "signer", one.signer, signers));
}

/// The kind that an unknown table's name is meant to be; empty if none is near.
std::string meant_kind(std::string_view name) {
    std::vector<std::string> allowed = core_names();
    allowed.insert(allowed.end(), instance_kinds().begin(), instance_kinds().end());
    const std::string meant = nearest(name, allowed);
    return is_one_of(instance_kinds(), meant) ? meant : std::string();
}

}  // namespace

const std::vector<std::string>& instance_kinds() {
    static const std::vector<std::string> kinds = {
        "authenticator", "signer", "provider", "mapper", "dialect", "hook", "limiter", "observer", "store"};
    return kinds;
}

const std::vector<Key>& core_keys(std::string_view kind) {
    static const Key use{
        .name = "use", .required = true, .doc = "Which plugin this is, such as use = \"my_plugin\"."};
    static const Key signer{
        .name = "signer",
        .doc =
            "The [signer.NAME] that signs the requests of this provider or hook.  Requests are not signed if "
            "left out."};
    static const Key store{.name = "store",
                           .doc =
                               "The [store.NAME] in which this instance keeps records, or \"none\".  If left "
                               "out, a dialect or a limiter uses the only store that belongs to no "
                               "authenticator, or [plugins] default_store."};
    static const std::vector<Key> only_use = {use}, all = {use, store}, hook = {use, signer, store},
                                  provider = [] {
                                      std::vector<Key> keys = keys_of(provider_fields);
                                      keys.insert(keys.begin(), {use, signer, store});
                                      return keys;
                                  }();
    if (kind == "store") return only_use;
    if (kind == "hook") return hook;
    return kind == "provider" ? provider : all;
}

std::vector<std::string> names_of(const std::vector<InstanceConfig>& all, std::string_view kind) {
    std::vector<std::string> names;
    for (const InstanceConfig& one : all)
        if (one.kind == kind) names.push_back(one.name);
    return names;
}

Error no_instance(const ConfigFile& file, const SourceLocation& where, const std::string& kind,
                  const std::string& name, const std::vector<std::string>& names) {
    return file.error(where,
                      "there is no [" + kind + "." + as_key(name) + "]" + suggestion(name, names) + " (" +
                          (names.empty() ? "the file has no " + kind : "there is: " + joined(names)) + ")");
}

std::vector<InstanceConfig> instances(const ConfigFile& file, Mistakes& mistakes) {
    std::vector<InstanceConfig> out;
    for (const auto& [name, node] : in_order(file.document().root)) {
        std::string kind(name->str());
        const toml::table* table = node->as_table();
        if (mistakes.full() || is_one_of(core_names(), kind)) continue;
        const bool known = is_one_of(instance_kinds(), kind);
        if (!known) {
            mistakes.add(unknown_table(file, *name));
            kind = meant_kind(kind);
        } else if (!table) {
            mistakes.add(file.error(place_of(name->source()),
                                    kind + " must be a table of instances, [" + kind + ".NAME]"));
        }
        if (!table || kind.empty()) continue;
        for (const auto& [inner_name, inner] : in_order(*table))
            out.push_back(known ? instance(file, kind, *inner_name, *inner, mistakes)
                                : only_named(kind, *inner_name));
    }
    std::ranges::stable_sort(out, [](const InstanceConfig& a, const InstanceConfig& b) {
        return std::pair(a.where.line, a.where.column) < std::pair(b.where.line, b.where.column);
    });
    check_signers(file, out, mistakes);
    check_stores(file, out, mistakes);
    return out;
}

Result<std::vector<InstanceConfig>> instances(const ConfigFile& file) {
    Mistakes mistakes(file.path());
    auto all = instances(file, mistakes);
    return mistakes.empty() ? Result<std::vector<InstanceConfig>>(std::move(all)) : mistakes.error();
}

}  // namespace gatehouse::core
