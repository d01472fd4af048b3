// SPDX-License-Identifier: Apache-2.0
#include "plugins/mapper/table/rule.hpp"

#include "plugins/mapper/table/conversations.hpp"

#include <gatehouse/name_pattern.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace gatehouse::table {

namespace {

std::string at(const std::string& list, std::size_t index) {
    return list + "[" + std::to_string(index) + "]";
}

void check_patterns(const std::vector<std::string>& patterns, const std::string& path) {
    for (std::size_t i = 0; i < patterns.size(); ++i)
        if (!is_name_pattern(patterns[i])) throw KeyError(at(path, i), std::string(name_pattern_rule));
}

void check_values(const std::map<std::string, std::vector<std::string>>& values, const std::string& path) {
    for (const auto& [name, patterns] : values) check_patterns(patterns, path + "." + toml_quoted(name));
}

/// The first of `names` that is `model`; a star is never empty.  Returns null if no name fits.
const std::string* find(const std::vector<std::string>& names, std::string_view model) {
    for (const std::string& name : names)
        if (matches_pattern(name, model) && (!is_prefix_pattern(name) || model.size() >= name.size()))
            return &name;
    return nullptr;
}

bool share_one(const std::vector<std::string>& wanted, const std::vector<std::string>& given) {
    return std::any_of(given.begin(), given.end(),
                       [&](const std::string& value) { return matches_any_pattern(wanted, value); });
}

bool has_attributes(const Identity& who, const std::map<std::string, std::vector<std::string>>& wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const auto& entry) {
        const auto found = who.attributes.find(entry.first);
        return found != who.attributes.end() && share_one(entry.second, found->second);
    });
}

bool has_headers(const http::Headers& headers,
                 const std::map<std::string, std::vector<std::string>>& wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const auto& entry) {
        return headers.has(entry.first) && matches_any_pattern(entry.second, headers.get(entry.first));
    });
}

bool is(const std::optional<bool>& wanted, bool given) { return !wanted || *wanted == given; }

/// Weighted rendezvous hashing: of all routes this one wins with a probability that is
/// proportional to its weight, and no route moves because another one is removed.
double score(std::int64_t weight, const Route& route, std::uint64_t seed) {
    const std::uint64_t hash = stable_hash(route.provider + "/" + route.model, seed);
    const double uniform = (static_cast<double>(hash >> 11) + 0.5) * 0x1.0p-53;
    return -static_cast<double>(weight) / std::log(uniform);
}

/// The tokens of a request, for its price.
struct Tokens {
    double input = 0, output = 0;
};
Tokens tokens_of(const RouteQuery& query) {
    return {static_cast<double>(query.estimated_tokens()), static_cast<double>(query.likely_output_tokens())};
}

/// Less is better.
double burden(const RouteHealth& health, const std::string& prefer, const Tokens& tokens) {
    const double unknown = 1e30, much = 1e31;
    if (health.open) return much;
    if (prefer == "least_busy") return static_cast<double>(health.running);
    if (prefer == "cheapest")
        return health.price ? tokens.input * static_cast<double>(health.price->input) +
                                  tokens.output * static_cast<double>(health.price->output)
                            : unknown;
    return health.first_byte ? static_cast<double>(health.first_byte->count()) : 0;  // 0: find it out
}

// Functions, because the keys of the table are made before the constants of this file.
Fields<ConditionOptions> condition_fields() {
    return {
        optional("client", &ConditionOptions::client,
                 "Names of clients; a star at the end matches any text."),
        optional("group", &ConditionOptions::group, "Groups of which the client is in one."),
        string_lists("attribute", &ConditionOptions::attribute,
                     "Values by the name of a client's attribute; one of them must match."),
        string_lists("header", &ConditionOptions::header,
                     "Values by the name of a header; one of them must match."),
        optional(
            "kind", &ConditionOptions::kind,
            "Kinds of requests: chat, count_tokens, embeddings, rerank, moderations, images/generations."),
        optional("larger_than", &ConditionOptions::larger_than,
                 "The request's text has more than this number of tokens, at four bytes per token."),
        optional("tools", &ConditionOptions::tools, "Whether the request has tools."),
        optional("images", &ConditionOptions::images, "Whether the request has images."),
        optional("stream", &ConditionOptions::stream, "Whether the client wants a stream."),
    };
}
Fields<WeightedRoute> route_fields() {
    return {
        required("to", &WeightedRoute::to, "The route, \"provider/model\"."),
        ranged(
            "weight", &WeightedRoute::weight, 0, 1'000'000,
            "The share of requests whose first route is this one. 0: only if the others fail, in the order "
            "of the list."),
    };
}

}  // namespace

Fields<RuleOptions> rule_fields() {
    return {
        optional("models", &RuleOptions::models, "Names of models to which the rule applies."),
        one_table("when", &RuleOptions::when, condition_fields(),
                  "Conditions, all of which must hold; without one the rule always holds."),
        tables("routes", &RuleOptions::routes, route_fields(),
               "Routes instead of those in `models` of the table."),
        optional("sticky", &RuleOptions::sticky,
                 "Whether a conversation stays on the route that holds its prompt cache, and on the next "
                 "one after that has failed."),
        choice(
            "prefer", &RuleOptions::prefer, {"first", "fastest", "least_busy", "cheapest"},
            "The best route: by order and weight, the time to the first byte, the running requests, or the "
            "price of the request."),
    };
}

Rule::Rule(RuleOptions options, const std::string& path) : options_(std::move(options)) {
    if (options_.models.empty()) throw KeyError(path + ".models", "no models; the rule would never hold");
    check_patterns(options_.models, path + ".models");
    check_patterns(options_.when.client, path + ".when.client");
    check_patterns(options_.when.group, path + ".when.group");
    check_patterns(options_.when.kind, path + ".when.kind");
    check_values(options_.when.attribute, path + ".when.attribute");
    check_values(options_.when.header, path + ".when.header");
    if (options_.when.larger_than && *options_.when.larger_than < 1)
        throw KeyError(path + ".when.larger_than", "expected at least 1 token");
    if (options_.routes.empty() && !options_.sticky && !compares())
        throw KeyError(path, "the rule changes nothing; give routes, sticky or prefer");
    if (options_.sticky && compares())
        throw KeyError(path + ".prefer",
                       "prefer moves conversations, and sticky keeps them; remove one of the two");
    const bool star_allowed = std::all_of(options_.models.begin(), options_.models.end(),
                                          [](const std::string& name) { return is_prefix_pattern(name); });
    for (std::size_t i = 0; i < options_.routes.size(); ++i) {
        const std::string route = at(path + ".routes", i);
        templates_.push_back(parse_route(options_.routes[i].to, star_allowed, route + ".to"));
        if (compares() && options_.routes[i].weight > 0)
            throw KeyError(route + ".weight", "a weight has no effect with prefer; remove one of the two");
    }
}

bool Rule::has_condition() const {
    const ConditionOptions& when = options_.when;
    return !when.client.empty() || !when.group.empty() || !when.kind.empty() || !when.attribute.empty() ||
           !when.header.empty() || when.larger_than || when.tools || when.images || when.stream;
}

bool Rule::holds(const RouteQuery& query) const {
    return find(options_.models, query.model) && fits(options_.when, query);
}

// The size comes last, because it looks at every message.
bool Rule::fits(const ConditionOptions& when, const RouteQuery& query) const {
    if (!when.client.empty() && !matches_any_pattern(when.client, query.who.name)) return false;
    if (!when.group.empty() && !share_one(when.group, query.who.groups)) return false;
    if (!when.kind.empty() && !matches_any_pattern(when.kind, query.kind())) return false;
    if (!has_attributes(query.who, when.attribute) || !has_headers(query.head.headers, when.header))
        return false;
    if (!is(when.tools, query.tools()) || !is(when.stream, query.stream())) return false;
    if (!is(when.images, query.images())) return false;
    return !when.larger_than || query.estimated_tokens() > static_cast<std::uint64_t>(*when.larger_than);
}

std::vector<Route> Rule::routes(std::string_view model) const {
    if (templates_.empty()) return {};
    const std::string* name = find(options_.models, model);
    const bool has_star = name && is_prefix_pattern(*name);
    return fill_all(templates_, has_star ? model.substr(prefix_of(*name).size()) : std::string_view());
}

void Rule::order(std::vector<Route>& routes, const RouteQuery& query, std::uint64_t seed,
                 const std::function<void(const Route&)>& unpriced) const {
    const bool by_price = options_.prefer == "cheapest";
    const Tokens tokens = by_price ? tokens_of(query) : Tokens{};
    std::vector<std::pair<double, Route>> ranked;  // the least first
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const std::int64_t weight = templates_.empty() ? 0 : options_.routes[i].weight;
        double rank = 0;
        if (compares()) {
            const RouteHealth health = query.healths.of(routes[i].provider, routes[i].model);
            rank = burden(health, options_.prefer, tokens);
            if (by_price && !health.price) unpriced(routes[i]);
        } else if (weight > 0) {
            rank = -score(weight, routes[i], seed);
        }
        ranked.emplace_back(rank, std::move(routes[i]));
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < routes.size(); ++i) routes[i] = std::move(ranked[i].second);
}

std::vector<std::string> Rule::providers() const {
    std::vector<std::string> names;
    for (const Template& route : templates_) names.push_back(route.provider);
    return names;
}

}  // namespace gatehouse::table
