// SPDX-License-Identifier: Apache-2.0
#include "core/cli/import/upstreams.hpp"

#include "core/cli/import/addresses.hpp"
#include "core/cli/output.hpp"

#include <gatehouse/value.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>

namespace gatehouse::core {

namespace {

/// The keys that the deployment sets, by the names of the table.
Keys given_keys(const OrderedJson& table, InputMembers& parameters) {
    Keys keys;
    for (const auto& [theirs, ours] : table.at("keys").items())
        if (const std::string text = parameters.take_text(theirs); !text.empty())
            keys.emplace(ours.get<std::string>(), reference_of(text));
    return keys;
}

void add_defaults(const OrderedJson& table, Keys& keys) {
    const auto found = table.find("defaults");
    if (found == table.end()) return;
    for (const auto& [ours, value] : found->items()) keys.emplace(ours, value.get<std::string>());
}

std::string lines(const OrderedJson& table, const Keys& keys) {
    std::string text = "use = " + toml_quoted(table.at("use").get<std::string>()) + '\n';
    for (const auto& [name, value] : keys) text += name + " = " + toml_quoted(value) + '\n';
    return text;
}

std::string decimal(double number) {
    char text[64];
    std::snprintf(text, sizeof text, "%.9g", number);
    return text;
}

}  // namespace

std::string reference_of(const std::string& text) {
    constexpr std::string_view environment = "os.environ/";
    if (text.starts_with(environment)) return "env:" + text.substr(environment.size());
    if (text.starts_with("${") && text.ends_with("}")) return "env:" + text.substr(2, text.size() - 3);
    return text;
}

std::string Upstreams::fresh_name(const std::string& kind) const {
    std::string name;
    for (const char c : kind) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    const auto same = std::ranges::count(providers_, kind, &Provider::kind);
    return same == 0 ? name : name + "_" + std::to_string(same + 1);
}

Result<std::string> Upstreams::instance(const std::string& kind, std::string& model,
                                        InputMembers& parameters) {
    const OrderedJson& table = known_.at(kind);
    Upstream upstream{.provider = given_keys(table, parameters)};
    const auto signer_table = table.find("signer");
    if (signer_table != table.end()) upstream.signer = given_keys(*signer_table, parameters);
    const bool elsewhere = upstream.provider.contains("base_url");  // the usual key is not for another server
    const bool has_usual_key =
        signer_table != table.end() && signer_table->contains("defaults") && !elsewhere;
    const bool has_signer = !upstream.signer.empty() || has_usual_key;
    if (auto ok = choose_address(table, upstream); !ok) return ok.error();
    choose_api(table, model, upstream.provider);
    add_defaults(table, upstream.provider);
    upstream.provider.erase(upstream.without);
    if (has_signer) add_defaults(*signer_table, upstream.signer);
    if (!upstream.provider.contains("base_url") && !upstream.provider.contains("region"))
        return refused("needs an api_base");
    const std::string provider = lines(table, upstream.provider),
                      signer = has_signer ? lines(*signer_table, upstream.signer) : "";
    for (const Provider& one : providers_)
        if (one.kind == kind && one.provider == provider && one.signer == signer) return one.name;
    providers_.push_back({.kind = kind, .name = fresh_name(kind), .provider = provider, .signer = signer});
    return providers_.back().name;
}

void Upstreams::set(const std::string& instance, const std::string& model, const std::string& key,
                    const std::string& value) {
    const auto found = std::ranges::find(providers_, instance, &Provider::name);
    if (found != providers_.end()) found->models[model][key] = value;
}

void Upstreams::set_price(const std::string& instance, const std::string& model, double input,
                          double output) {
    set(instance, model, "price", "{ input = " + decimal(input) + ", output = " + decimal(output) + " }");
}

std::string Upstreams::toml() const {
    std::string text;
    for (const Provider& one : providers_) {
        if (!one.signer.empty()) text += "[signer." + one.name + "]\n" + one.signer + '\n';
        text += "[provider." + one.name + "]\n" + one.provider;
        if (!one.signer.empty()) text += "signer = " + toml_quoted(one.name) + '\n';
        text += '\n';
        for (const auto& [model, keys] : one.models) {
            text += "[provider." + one.name + ".per_model." + toml_quoted(model) + "]\n";
            for (const auto& [key, value] : keys) text += key + " = " + value + '\n';
            text += '\n';
        }
    }
    return text;
}

}  // namespace gatehouse::core
