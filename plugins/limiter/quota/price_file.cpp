// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/price_file.hpp"

#include "plugins/common/files/files.hpp"

#include <gatehouse/name_pattern.hpp>
#include <gatehouse/price_list.hpp>

#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace gatehouse::quota {

namespace {

constexpr std::size_t most_file_bytes = 67'108'864;

std::string place(const toml::source_region& source) {
    return "line " + std::to_string(source.begin.line) + ", column " + std::to_string(source.begin.column);
}

/// Converts tables of TOML by their declared keys.  Throws std::runtime_error.
class TomlReader {
public:
    Table table(const toml::table& source, const std::vector<Key>& keys) const {
        Table out;
        for (const auto& [name, node] : source) {
            const auto key = std::ranges::find(keys, name.str(), &Key::name);
            if (key == keys.end()) fail(node, "there is no key \"" + std::string(name.str()) + "\"");
            out.entries.push_back({key->name, value(node, *key)});
        }
        for (const Key& key : keys)
            if (key.required && !out.find(key.name)) fail(source, "the key \"" + key.name + "\" is missing");
        return out;
    }

private:
    [[noreturn]] static void fail(const toml::node& node, const std::string& message) {
        throw std::runtime_error(place(node.source()) + ": " + message);
    }

    Value value(const toml::node& node, const Key& key) const {
        if (key.type == ValueType::table_list) {
            const auto* list = node.as_array();
            if (!list) fail(node, key.name + " must be an array of tables");
            std::vector<Table> tables;
            for (const toml::node& one : *list) {
                if (!one.is_table()) fail(one, key.name + " must be an array of tables");
                tables.push_back(table(*one.as_table(), key.keys));
            }
            return Value{std::move(tables)};
        }
        const auto number = node.value<double>();
        if (!node.is_number() || !number || !std::isfinite(*number))
            fail(node, key.name + " must be a number");
        if (key.type == ValueType::number) return Value{*number};
        const auto whole = node.value<std::int64_t>();
        if (!node.is_integer() || *whole < key.minimum || *whole > key.maximum)
            fail(node, key.name + " must be a whole number between " + std::to_string(key.minimum) + " and " +
                           std::to_string(key.maximum));
        return Value{*whole};
    }
};

std::map<std::string, PriceOptions> from_toml(const std::string& text) {
    const auto fields = price_fields();
    const std::vector<Key> keys = keys_of(fields);
    std::map<std::string, PriceOptions> prices;
    const toml::table all = toml::parse(text);
    for (const auto& [name, node] : all) {
        const auto* table = node.as_table();
        if (!table)
            throw std::runtime_error(place(node.source()) + ": expected a table with the name of a route");
        prices.emplace(name.str(), read(fields, TomlReader().table(*table, keys)));
    }
    return prices;
}

}  // namespace

Result<std::map<std::string, PriceOptions>> read_prices(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first != text.npos && text[first] == '{') {
        if (auto ok = read_json(text); !ok) return Error{ErrorKind::bad_config, ok.error().message};
        const auto fields = price_fields();
        std::map<std::string, PriceOptions> prices;
        each_listed_price(text, [&](const std::string& name, const ListedPrice& price) {
            if (price.unusable.empty() && is_name_pattern(name))
                prices.emplace(name, read(fields, price.keys));
        });
        return prices;
    }
    try {
        return from_toml(text);
    } catch (const toml::parse_error& error) {
        return Error{ErrorKind::bad_config, place(error.source()) + ": " + std::string(error.description())};
    } catch (const std::runtime_error& error) {
        return Error{ErrorKind::bad_config, error.what()};
    }
}

namespace {

PriceTable table_of_file(const std::string& path, Host& host) {
    if (path.empty()) return PriceTable({});
    const auto text = read_file(path, most_file_bytes);
    if (!text) throw KeyError("prices_file", "cannot read " + path + ": " + text.error().message);
    const auto prices = read_prices(*text);
    if (!prices) throw KeyError("prices_file", path + ": " + prices.error().message);
    try {
        PriceTable table(*prices);
        host.log(Level::info, "prices read", {{"file", path}, {"prices", std::to_string(table.size())}});
        return table;
    } catch (const KeyError& error) {
        throw KeyError("prices_file", path + ": " + error.path + ": " + error.what());
    }
}

}  // namespace

Prices::Prices(const Options& options, Host& host)
    : own_(options.prices), file_(table_of_file(options.prices_file, host)) {}

}  // namespace gatehouse::quota
