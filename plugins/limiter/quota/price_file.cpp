// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/price_file.hpp"

#include "plugins/common/files/files.hpp"

#include <gatehouse/name_pattern.hpp>
#include <gatehouse/price_list.hpp>
#include <gatehouse/sha256.hpp>

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

FilePrices from_toml(const std::string& text) {
    const auto fields = price_fields();
    const std::vector<Key> keys = keys_of(fields);
    FilePrices read_file;
    const toml::table all = toml::parse(text);
    for (const auto& [name, node] : all) {
        const auto* table = node.as_table();
        if (!table)
            throw std::runtime_error(place(node.source()) + ": expected a table with the name of a route");
        read_file.prices.emplace(name.str(), read(fields, TomlReader().table(*table, keys)));
    }
    return read_file;
}

/// One mistake of a list that others maintain must not take away all other prices.
FilePrices from_list(const std::string& text) {
    const auto fields = price_fields();
    FilePrices read_list;
    each_listed_price(text, [&](const std::string& name, const ListedPrice& price) {
        if (!is_name_pattern(name)) return;
        if (!price.unusable.empty()) {
            // Entries without a price are usual, such as those of services by the second.
            if (price.unusable != no_listed_price) read_list.mistakes.push_back(name + ": " + price.unusable);
            return;
        }
        try {
            const PriceOptions options = read(fields, price.keys);
            (void)RoutePrice(options, "price");
            read_list.prices.emplace(name, options);
        } catch (const KeyError& error) {
            read_list.mistakes.push_back(name + ": " + error.path + ": " + error.what());
        }
    });
    return read_list;
}

}  // namespace

Result<FilePrices> read_prices(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first != text.npos && text[first] == '{') {
        if (auto ok = read_json(text); !ok) return Error{ErrorKind::bad_config, ok.error().message};
        return from_list(text);
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

FilePrices prices_of_file(const std::string& path, Host& host) {
    if (path.empty()) return {};
    const auto text = read_file(path, most_file_bytes);
    if (!text) throw KeyError("prices_file", "cannot read " + path + ": " + text.error().message);
    auto read = read_prices(*text);
    if (!read) throw KeyError("prices_file", path + ": " + read.error().message);
    if (!read->mistakes.empty())
        host.log(Level::warning, "prices left out",
                 {{"file", path},
                  {"entries", std::to_string(read->mistakes.size())},
                  {"first", read->mistakes.front()}});
    return *std::move(read);
}

PriceTable table_of_file(const std::string& path, const FilePrices& file) {
    try {
        return PriceTable(file.prices);
    } catch (const KeyError& error) {
        throw KeyError("prices_file", path + ": " + error.path + ": " + error.what());
    }
}

/// Prices have at most nine digits after the point.
std::string text_of(double price) { return std::to_string(std::llround(price * 1e9)); }

void hash(Sha256& sum, const TierOptions& tier) {
    for (const std::optional<double>& price :
         {std::optional(tier.input), std::optional(tier.output), tier.cached_input, tier.cache_write_input,
          tier.reasoning_output, tier.audio_input, tier.audio_output, tier.image_input, tier.image_output})
        sum.update(price ? text_of(*price) : "-").update(" ");
    sum.update(std::to_string(tier.above_prompt_tokens)).update("\n");
}

std::string name_for(const std::map<std::string, PriceOptions>& own,
                     const std::map<std::string, PriceOptions>& file) {
    Sha256 sum;
    for (const auto* prices : {&own, &file})
        for (const auto& [route, price] : *prices) {
            sum.update(route).update("\n").update(text_of(price.per_request)).update(" ");
            sum.update(text_of(price.per_image)).update("\n");
            hash(sum, price);
            for (const TierOptions& tier : price.tiers) hash(sum, tier);
        }
    return to_hex(sum.digest().substr(0, 8));
}

}  // namespace

Prices::Prices(const Options& options, Host& host)
    : Prices(options, prices_of_file(options.prices_file, host)) {
    if (!options.prices_file.empty())
        host.log(Level::info, "prices read",
                 {{"file", options.prices_file}, {"prices", std::to_string(file_.size())}});
}

Prices::Prices(const Options& options, const FilePrices& file)
    : own_(options.prices),
      file_(table_of_file(options.prices_file, file)),
      name_(name_for(options.prices, file.prices)) {}

Prices::Prices(const std::map<std::string, PriceOptions>& prices)
    : own_(prices), file_({}), name_(name_for(prices, {})) {}

}  // namespace gatehouse::quota
