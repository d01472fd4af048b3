// SPDX-License-Identifier: Apache-2.0
// `gatehouse prices import`: the public list of prices as tables of TOML.  Nothing is fetched.
#include "core/cli/admin/operator_commands.hpp"
#include "core/cli/output.hpp"
#include "core/util/text_file.hpp"

#include <gatehouse/price_list.hpp>

#include <fstream>
#include <iostream>
#include <sstream>

namespace gatehouse::core {

namespace {

constexpr std::size_t largest_list = 64 << 20;  // the list of 2026 has 2 MB

/// An entry of the list and its provider here.
struct Choice {
    std::string provider, prefix;  // empty: all, by their own names
};

Result<std::vector<Choice>> choices_of(const std::vector<std::string>& texts) {
    std::vector<Choice> choices;
    for (const std::string& text : texts) {
        const std::size_t sign = text.find('=');
        if (sign == std::string::npos || sign == 0)
            return refused("--for needs PROVIDER=PREFIX, such as main=lab/, not \"" + text + "\"");
        choices.push_back({text.substr(0, sign), text.substr(sign + 1)});
    }
    if (choices.empty()) choices.push_back({});
    return choices;
}

/// The route of an entry; empty if the choice is of others.  PREFIX begins the entry's name, or is the list's
/// word for its provider.
std::string route_of(const Choice& choice, const std::string& name, const ListedPrice& price) {
    if (choice.provider.empty()) return name;
    std::string model;
    if (!choice.prefix.empty() && name.starts_with(choice.prefix)) model = name.substr(choice.prefix.size());
    if (price.provider == choice.prefix)
        model = name.starts_with(choice.prefix + "/") ? model.substr(1) : name;
    return model.empty() ? std::string() : choice.provider + "/" + model;
}

void write_keys(std::ostream& out, const Table& keys) {
    for (const Entry& entry : keys.entries)
        if (!std::holds_alternative<std::vector<Table>>(entry.value.data))
            out << entry.name << " = " << to_toml(entry.value) << "\n";
}

void write_price(std::ostream& out, const std::string& route, const Table& keys) {
    out << "\n[" << toml_quoted(route) << "]\n";
    write_keys(out, keys);
    if (const Value* tiers = keys.find("tiers"))
        for (const Table& tier : std::get<std::vector<Table>>(tiers->data)) {
            out << "[[" << toml_quoted(route) << ".tiers]]\n";
            write_keys(out, tier);
        }
}

}  // namespace

int import_prices(const PricesOptions& asked) {
    if (asked.action != "import") return fail(exit_status::usage, "expected import");
    const auto choices = choices_of(asked.choices);
    if (!choices) return fail(exit_status::usage, choices.error().message);
    const auto list = read_text_file(asked.file, largest_list);
    if (!list) return fail(exit_status::usage, asked.file.string() + ": " + list.error().message);
    const auto top = read_json(*list);
    if (!top || !top->is(JsonType::object))
        return fail(exit_status::failure, asked.file.string() + ": " +
                                              (top ? "expected an object of prices" : top.error().message));
    std::ostringstream toml;
    toml << "# Prices of a million tokens in USD, converted from the public list of BerriAI/litellm.\n";
    std::vector<std::string> without;
    std::map<std::string, Table> prices;
    each_listed_price(*list, [&](const std::string& name, const ListedPrice& price) {
        for (const Choice& choice : *choices) {
            const std::string route = route_of(choice, name, price);
            if (route.empty()) continue;
            if (price.unusable.empty())
                prices.insert_or_assign(route, price.keys);
            else
                without.push_back(name + ": " + price.unusable);
        }
    });
    for (const auto& [route, keys] : prices) write_price(toml, route, keys);
    if (asked.output.empty()) {
        std::cout << toml.str();
    } else {
        std::ofstream out(asked.output);
        out << toml.str();
        if (!out.flush()) return fail(exit_status::failure, "cannot write " + asked.output.string());
    }
    for (const std::string& line : without) std::cerr << "left out " << line << "\n";
    std::cerr << prices.size() << " prices, " << without.size() << " left out\n";
    return exit_status::ok;
}

}  // namespace gatehouse::core
