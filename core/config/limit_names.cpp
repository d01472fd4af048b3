// SPDX-License-Identifier: Apache-2.0
#include "core/config/limit_names.hpp"

#include "core/config/name_check.hpp"
#include "core/config/parts.hpp"
#include "core/util/suggest.hpp"

#include <gatehouse/value.hpp>

#include <algorithm>
#include <optional>

namespace gatehouse::core {

namespace {

using Names = std::vector<std::string>;

bool has(const Names& names, std::string_view name) { return std::ranges::count(names, name) > 0; }

/// The clients and their groups, if the file has all of them.
struct Clients {
    Names names = {}, groups = {};
};
std::optional<Clients> clients_of(const ConfigFile& file, const std::vector<InstanceConfig>& all) {
    Clients clients;
    for (const InstanceConfig& one : all) {
        if (one.kind != "authenticator") continue;
        const std::size_t before = clients.names.size();
        for (const auto& [key, node] : table_of(file, one)) {
            const auto entries = named_entries(node);
            if (!entries) continue;
            for (const auto& [name, entry] : *entries) {
                auto value = substitute(file, name);
                if (!value) return std::nullopt;
                clients.names.push_back(*std::move(value));
                if (const toml::node* groups = entry->get("groups"))
                    collect_texts(file, *groups, clients.groups);
            }
        }
        if (clients.names.size() == before) return std::nullopt;  // it has clients of another source
    }
    if (clients.names.empty()) return std::nullopt;
    return clients;
}

class LimitNames {
public:
    LimitNames(const ConfigFile& file, const std::vector<InstanceConfig>& all, const InstanceConfig& limiter,
               const KnownRoutes& known, Mistakes& mistakes)
        : file_(file),
          providers_(names_of(all, "provider")),
          clients_(clients_of(file, all)),
          known_(known),
          names_(file, all, limiter.where, known, mistakes) {}

    void check(const toml::table& limiter) {
        for (const auto& [key, node] : in_order(limiter)) {
            if (const auto* table = node->as_table())
                for (const auto& [name, entry] : in_order(*table)) price(*name);
            if (const auto* list = node->as_array())
                for (const toml::node& item : *list)
                    if (const auto* rule = item.as_table()) this->rule(*rule);
        }
        names_.finish();
    }

private:
    void rule(const toml::table& rule) {
        if (const auto* whom = rule["for"].as_string()) scope(*whom);
        names_.each_text(rule["models"].as_array(),
                         [&](const std::string& name, const toml::node& at) { names_.model(name, at); });
        names_.each_text(rule["routes"].as_array(),
                         [&](const std::string& name, const toml::node& at) { route(name, at); });
    }

    void scope(const toml::value<std::string>& node) {
        const auto text = substitute(file_, node.get());
        if (!text || !NameCheck::is_complete(*text)) return;
        const std::size_t colon = text->find(':');
        if (colon == text->npos) return;
        const std::string word = text->substr(0, colon), name = text->substr(colon + 1);
        if (word == "route") return route(name, node);
        if (word == "model") return names_.model(name, node);
        if (!clients_) return;
        if (word == "key" && !has(clients_->names, name))
            names_.warn(node, "no authenticator has the client " + toml_quoted(name) +
                                  suggestion(name, clients_->names));
        if (word == "group" && !has(clients_->groups, name))
            names_.warn(node,
                        "no client has the group " + toml_quoted(name) + suggestion(name, clients_->groups));
    }

    /// A route of a rule must be possible.
    void route(const std::string& name, const toml::node& at) {
        const std::string provider = name.substr(0, name.find('/'));
        if (!has(providers_, provider)) return names_.warn(at, no_provider(provider));
        if (!is_reached(name, provider)) names_.warn(at, no_route(name));
    }

    /// An entry may also be a model name with a slash, or a price for a route that is not configured yet.
    /// Therefore an unknown route is reported only if it is similar to a known one.
    void price(const toml::key& key) {
        const std::string name(key.str());
        const std::string provider = name.substr(0, name.find('/'));
        if (provider.size() == name.size() || !NameCheck::is_complete(provider) || is_model_alone(name))
            return;
        const bool there = has(providers_, provider);
        if (!there &&
            (!nearest(provider, providers_).empty() ||
             !std::ranges::any_of(providers_, [&](const std::string& one) { return is_open(one); })))
            return names_.warn(key, no_provider(provider));
        if (there && NameCheck::is_complete(name) && !is_reached(name, provider) &&
            !nearest(name, known_.routes).empty())
            names_.warn(key, no_route(name));
    }

    bool is_model_alone(const std::string& name) const {
        return std::ranges::any_of(known_.routes, [&](const std::string& route) {
            return route.substr(route.find('/') + 1) == name;
        });
    }
    /// Whether a text of the mapper admits models that are not in the file.
    bool is_open(const std::string& provider) const {
        return has(names_.mapped(), provider) ||
               std::ranges::any_of(names_.mapped(), [&](const std::string& text) {
                   return text.starts_with(provider + "/") && text.find('*') != text.npos;
               });
    }
    bool is_reached(const std::string& route, const std::string& provider) const {
        return has(known_.routes, route) || has(names_.mapped(), route) || is_open(provider);
    }

    std::string no_provider(const std::string& name) const {
        return "there is no [provider." + as_key(name) + "]" + suggestion(name, providers_) +
               " (there are: " + joined(providers_) + ")";
    }
    std::string no_route(const std::string& name) const {
        return "no model of " + names_.mapper() + " leads to the route " + toml_quoted(name) +
               suggestion(name, known_.routes);
    }

    const ConfigFile& file_;
    const Names providers_;
    const std::optional<Clients> clients_;
    const KnownRoutes& known_;
    NameCheck names_;
};

}  // namespace

void check_limit_names(const ConfigFile& file, const std::vector<InstanceConfig>& all,
                       const InstanceConfig& limiter, const KnownRoutes& known, Mistakes& mistakes) {
    LimitNames(file, all, limiter, known, mistakes).check(table_of(file, limiter));
}

}  // namespace gatehouse::core
