// SPDX-License-Identifier: Apache-2.0
// Maps the model names of clients by a table of the configuration: exact names,
// then the longest prefix.  Rules choose and order the routes.  Built once at start,
// read-only afterwards, except for the conversations that have moved.
#include "plugins/common/text/text.hpp"
#include "plugins/mapper/table/conversations.hpp"
#include "plugins/mapper/table/route_template.hpp"
#include "plugins/mapper/table/rule.hpp"

#include <gatehouse/name_pattern.hpp>
#include <gatehouse/sdk.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace gatehouse::table {

namespace {

using Lists = std::vector<std::pair<std::string, std::vector<std::string>>>;

struct Options {
    Lists models = {};
    std::string unknown = "error";
    std::vector<RuleOptions> rules = {};
    std::vector<std::string> session_headers = {"x-session-id", "session-id", "session_id",
                                                "x-conversation-id", "conversation-id"};
    std::int64_t sticky_minutes = 60;
};

const Fields<Options> fields = {
    string_lists(
        "models", &Options::models,
        "Routes by the client's model name: \"provider/model\", or a list to be tried in order.  A name "
        "may end in *, which matches any text; a * in the route is replaced by that text."),
    optional("unknown", &Options::unknown,
             "The action for other names: \"error\", or a route, in which * is the full name."),
    tables("rules", &Options::rules, rule_fields(),
           "Rules for the routes of some requests.  The first rule that holds applies."),
    optional("session_headers", &Options::session_headers,
             "Headers that name a conversation, for sticky rules.  A prompt_cache_key has precedence; the "
             "last choice is user."),
    ranged("sticky_minutes", &Options::sticky_minutes, 1, 10'080,
           "A conversation that has moved returns to its first route after this number of minutes without a "
           "request."),
};

/// `name` as it may stand in a message: bounded, without control characters,
/// and not cut within a character.
std::string shown(std::string_view name) {
    constexpr std::size_t longest = 100;
    std::string out;
    for (char c : common::beginning(name, longest))
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
    return name.size() > longest ? out + "…" : out;
}

}  // namespace

class TableMapper final : public ModelMapper {
public:
    TableMapper(Options options, Host& host)
        : host_(host),
          created_(std::chrono::duration_cast<std::chrono::seconds>(host.now().time_since_epoch()).count()),
          session_headers_(std::move(options.session_headers)),
          conversations_(std::chrono::minutes(options.sticky_minutes)) {
        for (const auto& [name, routes] : options.models) add(name, routes);
        std::stable_sort(wildcards_.begin(), wildcards_.end(), [](const Wildcard& a, const Wildcard& b) {
            return a.prefix.size() > b.prefix.size();
        });
        if (options.unknown != "error") {
            if (!wildcards_.empty() && wildcards_.back().prefix.empty())
                throw KeyError("unknown",
                               "no name is unknown if there is a name \"*\"; remove one of the two");
            unknown_ = parse_route(options.unknown, true, "unknown");
            note_provider(unknown_->provider);
        } else if (options.models.empty() && options.rules.empty()) {
            throw KeyError("models",
                           "no models; every request would fail; give \"name\" = \"provider/model\"");
        }
        for (std::size_t i = 0; i < options.rules.size(); ++i)
            add_rule(std::move(options.rules[i]), "rules[" + std::to_string(i) + "]");
    }

    Result<std::vector<Route>> map(const RouteQuery& query) const override {
        const Rule* rule = rule_for(query);
        std::vector<Route> routes = rule ? rule->routes(query.model) : std::vector<Route>();
        if (routes.empty()) routes = listed_routes(query.model);
        if (routes.empty()) return unknown_model(query.model);
        if (rule) arrange(*rule, query, routes);
        return routes;
    }

    void moved(const RouteQuery& query, const Route& route) const override {
        const Rule* rule = rule_for(query);
        if (!rule || !rule->options().sticky) return;
        if (const auto conversation = conversation_of(query))
            conversations_.remember(*conversation, hash_of(route), host_.now());
    }

    bool measures() const override {
        return std::any_of(rules_.begin(), rules_.end(), [](const Rule& rule) { return rule.measures(); });
    }

    std::vector<ModelInfo> models(const Identity&, const Discovered& discovered) const override {
        std::vector<ModelInfo> all = models_;
        if (discovered.empty()) return all;
        std::unordered_set<std::string> listed;
        for (ModelInfo& model : all) {
            listed.insert(model.id);
            learn(model, exact_.find(model.id)->second.front(), discovered);
        }
        for (const Wildcard& wildcard : wildcards_)
            for (const Template& route : wildcard.routes) list(wildcard, route, discovered, listed, all);
        if (unknown_) list({"", {*unknown_}}, *unknown_, discovered, listed, all);
        return all;
    }

    std::vector<std::string> providers() const override { return providers_; }

private:
    struct Wildcard {
        std::string prefix;
        Templates routes;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };

    /// Returns the provider's description of the model of `route`.
    static void learn(ModelInfo& model, const Template& route, const Discovered& discovered) {
        const auto known = discovered.find(route.provider);
        if (known == discovered.end()) return;
        for (const ModelInfo& info : *known->second) {
            if (info.id != route.before) continue;
            const std::string id = std::move(model.id);
            model = info;
            model.id = id;
            return;
        }
    }

    /// Adds the models that names of `wildcard` reach by `route`.
    void list(const Wildcard& wildcard, const Template& route, const Discovered& discovered,
              std::unordered_set<std::string>& listed, std::vector<ModelInfo>& all) const {
        const auto known = discovered.find(route.provider);
        if (!route.has_star || known == discovered.end()) return;
        for (const ModelInfo& info : *known->second) {
            const std::string_view id = info.id;
            if (id.size() <= route.before.size() + route.after.size() || !id.starts_with(route.before) ||
                !id.ends_with(route.after))
                continue;
            std::string name = wildcard.prefix;
            name += id.substr(route.before.size(), id.size() - route.before.size() - route.after.size());
            // A request for this name must reach this model, not the route of a longer prefix.
            const Wildcard* first = find(name);
            if (first && first->prefix != wildcard.prefix) continue;
            if (!listed.insert(name).second) continue;
            all.push_back(info);
            all.back().id = std::move(name);
        }
    }

    /// Returns the wildcard that matches a name without an exact entry, or null.
    const Wildcard* find(std::string_view model) const {
        for (const Wildcard& wildcard : wildcards_)  // the longest prefix first; a star is never empty
            if (model.size() > wildcard.prefix.size() && model.starts_with(wildcard.prefix)) return &wildcard;
        return nullptr;
    }

    /// The routes of `models` and `unknown`; empty if neither has one.
    std::vector<Route> listed_routes(std::string_view model) const {
        if (const auto exact = exact_.find(model); exact != exact_.end()) return fill_all(exact->second, {});
        if (const Wildcard* wildcard = find(model))
            return fill_all(wildcard->routes, model.substr(wildcard->prefix.size()));
        if (unknown_ && !model.empty()) return {unknown_->fill(model)};
        return {};
    }

    static Error unknown_model(std::string_view model) {
        return {.kind = ErrorKind::not_found,
                .message = "The model '" + shown(model) + "' does not exist or you do not have access to it.",
                .code = "model_not_found",
                .param = "model"};
    }

    const Rule* rule_for(const RouteQuery& query) const {
        for (const Rule& rule : rules_)
            if (rule.holds(query)) return &rule;
        return nullptr;
    }

    static std::uint64_t hash_of(const Route& route) {
        return stable_hash(route.model, stable_hash(route.provider));
    }

    /// Conversations of different clients differ, even if the clients give them the same name.
    std::optional<std::uint64_t> conversation_of(const RouteQuery& query) const {
        const std::string_view session = query.session(session_headers_);
        if (session.empty()) return std::nullopt;
        return stable_hash(session, stable_hash(query.model, stable_hash(query.who.name)));
    }

    void arrange(const Rule& rule, const RouteQuery& query, std::vector<Route>& routes) const {
        const auto conversation = rule.options().sticky ? conversation_of(query) : std::nullopt;
        rule.order(routes, query, conversation ? *conversation : next_seed(),
                   [this](const Route& route) { warn_of_missing_price(route); });
        if (!conversation) return;
        const auto place = conversations_.find(*conversation, host_.now());
        const auto kept = std::find_if(routes.begin(), routes.end(),
                                       [&](const Route& route) { return place && hash_of(route) == *place; });
        if (kept != routes.end()) std::rotate(routes.begin(), kept, kept + 1);
    }

    /// Once for each route.  A client can choose the model behind a star, so the number is bounded.
    void warn_of_missing_price(const Route& route) const {
        constexpr std::size_t most = 100;
        const std::string name = route.provider + "/" + route.model;
        {
            const std::lock_guard lock(unpriced_mutex_);
            if (unpriced_.size() >= most || !unpriced_.insert(name).second) return;
        }
        host_.log(Level::warning, "route without a price comes after those with one", {{"route", name}});
    }

    /// Different for each request.
    std::uint64_t next_seed() const { return stable_hash("", requests_.fetch_add(1)); }

    void add_rule(RuleOptions options, const std::string& path) {
        Rule rule(std::move(options), path);
        for (std::size_t i = 0; i < rules_.size(); ++i)
            if (!rules_[i].has_condition() && covers(rules_[i], rule))
                throw KeyError(path, "the rule is never reached, because rules[" + std::to_string(i) +
                                         "] holds for all its models without a condition");
        if (!rule.has_routes()) check_names(rule, path + ".models");
        for (const std::string& provider : rule.providers()) note_provider(provider);
        rules_.push_back(std::move(rule));
    }

    /// A rule without routes orders those of the table, so that each of its names needs some.
    void check_names(const Rule& rule, const std::string& path) const {
        const auto& names = rule.options().models;
        for (std::size_t i = 0; i < names.size(); ++i)
            if (!has_routes(names[i]))
                throw KeyError(path + "[" + std::to_string(i) + "]",
                               "the rule has no routes, and neither `models` nor `unknown` of the mapper has "
                               "one for " +
                                   toml_quoted(names[i]) + ": correct the name, or give the rule routes");
    }

    /// Whether a model that `pattern` matches has routes without a rule.
    bool has_routes(const std::string& pattern) const {
        if (!is_prefix_pattern(pattern)) return !listed_routes(pattern).empty();
        const std::string_view prefix = prefix_of(pattern);
        const auto overlaps = [&](const Wildcard& one) {
            return one.prefix.starts_with(prefix) || prefix.starts_with(one.prefix);
        };
        const auto fits = [&](const ModelInfo& one) {
            return one.id.size() > prefix.size() && one.id.starts_with(prefix);
        };
        return unknown_ || std::any_of(wildcards_.begin(), wildcards_.end(), overlaps) ||
               std::any_of(models_.begin(), models_.end(), fits);
    }

    static bool covers(const Rule& first, const Rule& second) {
        const auto& names = second.options().models;
        return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
            return matches_any_pattern(first.options().models, name);
        });
    }

    void add(const std::string& name, const std::vector<std::string>& routes) {
        const std::string path = "models." + toml_quoted(name);
        if (!is_name_pattern(name)) throw KeyError(path, std::string(name_pattern_rule));
        const bool is_wildcard = is_prefix_pattern(name);
        if (routes.empty()) throw KeyError(path, "an empty list: expected at least one \"provider/model\"");

        Templates parsed;
        for (std::size_t i = 0; i < routes.size(); ++i) {
            const std::string at = routes.size() == 1 ? path : path + "[" + std::to_string(i) + "]";
            parsed.push_back(parse_route(routes[i], is_wildcard, at));
            note_provider(parsed.back().provider);
        }
        if (is_wildcard) {
            wildcards_.push_back({std::string(prefix_of(name)), std::move(parsed)});
            return;
        }
        models_.push_back({.id = name, .owned_by = parsed.front().provider, .created = created_});
        exact_.emplace(name, std::move(parsed));
    }

    void note_provider(const std::string& name) {
        if (std::find(providers_.begin(), providers_.end(), name) == providers_.end())
            providers_.push_back(name);
    }

    Host& host_;
    const std::int64_t created_;
    const std::vector<std::string> session_headers_;
    std::vector<Rule> rules_;
    mutable Conversations conversations_;
    mutable std::atomic<std::uint64_t> requests_{0};
    mutable std::mutex unpriced_mutex_;
    mutable std::unordered_set<std::string> unpriced_;  // under unpriced_mutex_
    std::unordered_map<std::string, Templates, Hash, std::equal_to<>> exact_;
    std::vector<Wildcard> wildcards_;
    std::optional<Template> unknown_;
    std::vector<ModelInfo> models_;
    std::vector<std::string> providers_;
};

}  // namespace gatehouse::table

GATEHOUSE_PLUGIN(gatehouse::table::TableMapper, gatehouse::table::Options, gatehouse::table::fields, "table",
                 "1.0.0");
