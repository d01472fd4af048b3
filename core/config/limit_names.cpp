// SPDX-License-Identifier: Apache-2.0
#include "core/config/limit_names.hpp"

#include "core/config/document.hpp"
#include "core/config/parts.hpp"
#include "core/config/substitute.hpp"
#include "core/util/suggest.hpp"

#include <gatehouse/value.hpp>

#include <algorithm>
#include <optional>

namespace gatehouse::core {

namespace {

using Names = std::vector<std::string>;

bool has(const Names& names, std::string_view name) { return std::ranges::count(names, name) > 0; }

/// All keys and texts of `node`.
void collect(const ConfigFile& file, const toml::node& node, Names& out) {
    if (const auto* text = node.as_string()) {
        if (auto value = substitute(file, text->get())) out.push_back(*std::move(value));
    } else if (const auto* list = node.as_array()) {
        for (const toml::node& item : *list) collect(file, item, out);
    } else if (const auto* table = node.as_table()) {
        for (const auto& [key, inner] : *table) {
            out.emplace_back(key.str());
            collect(file, inner, out);
        }
    }
}

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
                if (const toml::node* groups = entry->get("groups")) collect(file, *groups, clients.groups);
            }
        }
        if (clients.names.size() == before) return std::nullopt;  // it has clients of another source
    }
    if (clients.names.empty()) return std::nullopt;
    return clients;
}

class LimitNames {
public:
    LimitNames(const ConfigFile& file, const std::vector<InstanceConfig>& all, const KnownRoutes& known,
               Mistakes& mistakes)
        : file_(file),
          providers_(names_of(all, "provider")),
          clients_(clients_of(file, all)),
          known_(known),
          mistakes_(mistakes) {
        for (const InstanceConfig& one : all) {
            if (one.kind != "mapper") continue;
            mapper_ = one.title();
            collect(file, table_of(file, one), mapped_);
        }
    }

    void check(const toml::table& limiter) {
        for (const auto& [key, node] : in_order(limiter)) {
            if (const auto* table = node->as_table())
                for (const auto& [name, entry] : in_order(*table)) price(*name);
            if (const auto* list = node->as_array())
                for (const toml::node& item : *list)
                    if (const auto* rule = item.as_table()) this->rule(*rule);
        }
    }

private:
    void rule(const toml::table& rule) {
        if (const auto* whom = rule["for"].as_string()) scope(*whom);
        each_text(rule["models"].as_array(),
                  [&](const std::string& name, const toml::node& at) { model(name, at); });
        each_text(rule["routes"].as_array(),
                  [&](const std::string& name, const toml::node& at) { route(name, at); });
    }

    template <typename Check>
    void each_text(const toml::array* list, const Check& check) {
        if (!list) return;
        for (const toml::node& item : *list)
            if (const auto* text = item.as_string())
                if (const auto value = substitute(file_, text->get()); value && is_complete(*value))
                    check(*value, item);
    }

    void scope(const toml::value<std::string>& node) {
        const auto text = substitute(file_, node.get());
        if (!text || !is_complete(*text)) return;
        const std::size_t colon = text->find(':');
        if (colon == text->npos) return;
        const std::string word = text->substr(0, colon), name = text->substr(colon + 1);
        if (word == "route") return route(name, node);
        if (word == "model") return model(name, node);
        if (!clients_) return;
        if (word == "key" && !has(clients_->names, name))
            warn(node,
                 "no authenticator has the client " + toml_quoted(name) + suggestion(name, clients_->names));
        if (word == "group" && !has(clients_->groups, name))
            warn(node, "no client has the group " + toml_quoted(name) + suggestion(name, clients_->groups));
    }

    void model(const std::string& name, const toml::node& at) {
        if (has(known_.models, name) || has(mapped_, name) || (known_.maps_model && known_.maps_model(name)))
            return;
        warn(at, mapper_ + " has no model " + toml_quoted(name) + suggestion(name, known_.models));
    }

    /// A route of a rule must be possible.
    void route(const std::string& name, const toml::node& at) {
        const std::string provider = name.substr(0, name.find('/'));
        if (!has(providers_, provider)) return warn(at, no_provider(provider));
        if (!is_reached(name, provider)) warn(at, no_route(name));
    }

    /// An entry may also be a model name with a slash, or a price for a route that is not configured yet.
    /// Therefore an unknown route is reported only if it is similar to a known one.
    void price(const toml::key& key) {
        const std::string name(key.str());
        const std::string provider = name.substr(0, name.find('/'));
        if (provider.size() == name.size() || !is_complete(provider) || is_model_alone(name)) return;
        const bool there = has(providers_, provider);
        if (!there &&
            (!nearest(provider, providers_).empty() ||
             !std::ranges::any_of(providers_, [&](const std::string& one) { return is_open(one); })))
            return warn(key, no_provider(provider));
        if (there && is_complete(name) && !is_reached(name, provider) &&
            !nearest(name, known_.routes).empty())
            warn(key, no_route(name));
    }

    bool is_model_alone(const std::string& name) const {
        return std::ranges::any_of(known_.routes, [&](const std::string& route) {
            return route.substr(route.find('/') + 1) == name;
        });
    }
    static bool is_complete(std::string_view name) { return name.find('*') == name.npos; }
    /// Whether a text of the mapper admits models that are not in the file.
    bool is_open(const std::string& provider) const {
        return has(mapped_, provider) || std::ranges::any_of(mapped_, [&](const std::string& text) {
                   return text.starts_with(provider + "/") && text.find('*') != text.npos;
               });
    }
    bool is_reached(const std::string& route, const std::string& provider) const {
        return has(known_.routes, route) || has(mapped_, route) || is_open(provider);
    }

    std::string no_provider(const std::string& name) const {
        return "there is no [provider." + as_key(name) + "]" + suggestion(name, providers_) +
               " (there are: " + joined(providers_) + ")";
    }
    std::string no_route(const std::string& name) const {
        return "no model of " + mapper_ + " leads to the route " + toml_quoted(name) +
               suggestion(name, known_.routes);
    }

    template <typename Node>
    void warn(const Node& at, const std::string& message) {
        mistakes_.warn(file_.error(place_of(at.source(), SourceLocation::Show::always), message));
    }

    const ConfigFile& file_;
    const Names providers_;
    const std::optional<Clients> clients_;
    const KnownRoutes& known_;
    Mistakes& mistakes_;
    std::string mapper_ = {};
    Names mapped_ = {};  // the keys and the texts of the mapper's table
};

}  // namespace

void check_limit_names(const ConfigFile& file, const std::vector<InstanceConfig>& all,
                       const InstanceConfig& limiter, const KnownRoutes& known, Mistakes& mistakes) {
    LimitNames(file, all, known, mistakes).check(table_of(file, limiter));
}

}  // namespace gatehouse::core
