// SPDX-License-Identifier: Apache-2.0
// The outline of a configuration; see instances.hpp.
#include "core/config/instances.hpp"

#include "core/config/table_reader.hpp"
#include "core/util/suggest.hpp"

#include <gatehouse/name_pattern.hpp>

#include <algorithm>
#include <sstream>

namespace gatehouse::core {

namespace {

const std::vector<std::string> core_tables = {"server", "admin", "upstream", "log", "metrics", "plugins"};

bool is_one_of(const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

const std::string& string_of(const Table& table, std::string_view name) {
    static const std::string none;
    const Value* value = table.find(name);
    return value ? *std::get_if<std::string>(&value->data) : none;
}

const SourceLocation& place_in(const Placed& placed, std::string_view name) {
    const auto found = std::ranges::find(placed.inside, name, &Placed::name);
    return found == placed.inside.end() ? placed.where : found->where;
}

Error unknown_table(const ConfigFile& file, const toml::key& name) {
    std::vector<std::string> allowed = core_tables;
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
Result<void> check_patterns(const ConfigFile& file, const InstanceConfig& config, const Placed& placed) {
    for (const auto& [pattern, options] : config.provider.per_model) {
        if (is_name_pattern(pattern)) continue;
        const auto map = std::ranges::find(placed.inside, "per_model", &Placed::name);
        return file.error(place_in(*map, pattern),
                          "per_model." + as_key(pattern) + ": " + std::string(name_pattern_rule));
    }
    return {};
}

Result<void> check_price(const ConfigFile& file, const RouteOptions& options, const Placed& placed,
                         const std::string& path) {
    if (!options.price) return {};
    const Placed& price = *std::ranges::find(placed.inside, "price", &Placed::name);
    for (const auto& [key, value] :
         {std::pair{"input", options.price->input}, std::pair{"output", options.price->output}})
        if (const std::string wrong = wrong_price(value); !wrong.empty())
            return file.error(place_in(price, key), path + "price." + key + " " + wrong);
    return {};
}

Result<void> check_prices(const ConfigFile& file, const InstanceConfig& config, const Placed& placed) {
    if (auto ok = check_price(file, config.provider, placed, ""); !ok) return ok;
    for (const auto& [pattern, options] : config.provider.per_model) {
        const auto map = std::ranges::find(placed.inside, "per_model", &Placed::name);
        const auto model = std::ranges::find(map->inside, pattern, &Placed::name);
        if (auto ok = check_price(file, options, *model, "per_model." + as_key(pattern) + "."); !ok)
            return ok;
    }
    return {};
}

Result<InstanceConfig> instance(const ConfigFile& file, const std::string& kind, const toml::key& name,
                                const toml::node& node) {
    InstanceConfig out{.kind = kind,
                       .name = std::string(name.str()),
                       .use = {},
                       .signer = {},
                       .store = {},
                       .where = {},
                       .use_where = {},
                       .signer_where = {},
                       .store_where = {}};
    const toml::table* table = node.as_table();
    if (!table && node.is_array())
        return file.error(
            place_of(name.source()),
            kind + "." + out.name + " must be a table, not a list: write [" + kind + "." + out.name + "]");
    if (!table)
        return file.error(place_of(name.source()), "[" + kind + "] holds named instances: put " +
                                                       as_key(out.name) + " into [" + kind + ".NAME]");
    if (!is_plain_name(out.name))
        return file.error(place_of(name.source()),
                          "the name of an instance is made of letters, digits, \"_\" and \"-\", not " +
                              toml_quoted(out.name));
    out.where = place_of(table->source());

    Placed placed{.name = {}, .where = out.where, .inside = {}};
    static const std::vector<Key> no_keys;
    auto read = TableReader(file).table(*table, {core_keys(kind), no_keys, true}, out.title(), "", placed);
    if (!read) return read.error();
    out.use = string_of(*read, "use");
    out.use_where = place_in(placed, "use");
    if (!is_plain_name(out.use))
        return file.error(out.use_where,
                          "use must be the name of a plugin, made of letters, digits, \"_\" and \"-\", not " +
                              toml_quoted(out.use));
    if (read->find("signer")) {
        out.signer = string_of(*read, "signer");
        out.signer_where = place_in(placed, "signer");
    }
    if (read->find("store")) {
        out.store = string_of(*read, "store");
        out.store_where = place_in(placed, "store");
    }
    if (kind == "provider") out.provider = gatehouse::read(provider_fields, *read);
    if (auto ok = check_patterns(file, out, placed); !ok) return ok.error();
    if (auto ok = check_prices(file, out, placed); !ok) return ok.error();
    if (kind == "store" && out.name == no_store)
        return file.error(out.where, "a store cannot have the name \"none\", which means no store");
    if (kind == "provider" || kind == "store") out.text = text_of(*table);
    return out;
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

Result<void> check_signers(const ConfigFile& file, const std::vector<InstanceConfig>& all) {
    const std::vector<std::string> signers = names_of(all, "signer");
    for (const InstanceConfig& one : all)
        if (one.signer_where.line != 0 && !is_one_of(signers, one.signer))
            return no_instance(file, one.signer_where, "signer", one.signer, signers);
    return {};
}

Result<void> check_stores(const ConfigFile& file, const std::vector<InstanceConfig>& all) {
    const std::vector<std::string> stores = names_of(all, "store");
    for (const InstanceConfig& one : all) {
        if (one.store_where.line != 0 && one.store != no_store && !is_one_of(stores, one.store))
            return no_instance(file, one.store_where, "store", one.store, stores);
        if (one.kind == "dialect" && one.store.empty() && stores.size() > 1)
            return file.error(one.where, one.title() + " must name its store, because there are several: " +
                                             "store = \"" + stores[0] + "\", or store = \"none\"");
    }
    return {};
}

}  // namespace

const std::vector<std::string>& instance_kinds() {
    static const std::vector<std::string> kinds = {"authenticator", "signer", "provider", "mapper",
                                                   "dialect",       "hook",   "store"};
    return kinds;
}

const std::vector<Key>& core_keys(std::string_view kind) {
    static const Key use{
        .name = "use", .required = true, .doc = "Which plugin this is, such as use = \"my_plugin\"."};
    static const Key signer{
        .name = "signer",
        .doc =
            "The [signer.NAME] that signs the requests to this provider.  Requests are not signed if "
            "left out."};
    static const Key store{.name = "store",
                           .doc =
                               "The [store.NAME] in which this instance keeps records, or \"none\".  If left "
                               "out, a dialect uses the only store or [plugins] default_store."};
    static const std::vector<Key> only_use = {use}, all = {use, store}, provider = [] {
        std::vector<Key> keys = keys_of(provider_fields);
        keys.insert(keys.begin(), {use, signer, store});
        return keys;
    }();
    if (kind == "store") return only_use;
    return kind == "provider" ? provider : all;
}

Result<std::vector<InstanceConfig>> instances(const ConfigFile& file) {
    std::vector<InstanceConfig> out;
    for (const auto& [name, node] : in_order(file.document().root)) {
        const std::string kind(name->str());
        if (is_one_of(core_tables, kind)) continue;
        if (!is_one_of(instance_kinds(), kind)) return unknown_table(file, *name);
        const toml::table* table = node->as_table();
        if (!table)
            return file.error(place_of(name->source()),
                              kind + " must be a table of instances, [" + kind + ".NAME]");
        for (const auto& [inner_name, inner] : in_order(*table)) {
            auto one = instance(file, kind, *inner_name, *inner);
            if (!one) return one.error();
            out.push_back(*std::move(one));
        }
    }
    std::ranges::stable_sort(out, [](const InstanceConfig& a, const InstanceConfig& b) {
        return std::pair(a.where.line, a.where.column) < std::pair(b.where.line, b.where.column);
    });
    if (auto ok = check_signers(file, out); !ok) return ok.error();
    if (auto ok = check_stores(file, out); !ok) return ok.error();
    return out;
}

}  // namespace gatehouse::core
