// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/rules.hpp"

#include <gatehouse/sha256.hpp>

#include <algorithm>
#include <map>
#include <unordered_set>

namespace gatehouse::quota {

namespace {

constexpr std::chrono::milliseconds minute{60'000};
constexpr std::size_t longest_id = 600;

std::string path_of(const char* list, std::size_t index) {
    return std::string(list) + "[" + std::to_string(index) + "]";
}

void check(const std::vector<std::string>& patterns, const std::string& path) {
    for (const std::string& pattern : patterns)
        if (!is_name_pattern(pattern)) throw KeyError(path, std::string(name_pattern_rule));
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += name + ",";
    return text;
}

/// Makes the rules of a configuration.
class LimitReader {
public:
    explicit LimitReader(const Options& options) : options_(options) {}

    std::vector<Rule> all() {
        for (std::size_t i = 0; i < options_.limits.size(); ++i)
            add_limits(options_.limits[i], path_of("limits", i));
        if (options_.budgets.empty()) return std::move(rules_);
        auto zone = TimeZone::find(options_.time_zone);
        if (!zone) throw KeyError("time_zone", zone.error().message);
        for (std::size_t i = 0; i < options_.budgets.size(); ++i)
            add_budget(options_.budgets[i], *zone, path_of("budgets", i));
        return std::move(rules_);
    }

private:
    void add(Rule rule, const char* unit, const std::string& path) {
        rule.id =
            unit + std::string("|") + rule.per + "|" + rule.scope.text + "|" + joined(rule.models) + "|";
        if (!rule.routes.empty()) rule.id += "at:" + joined(rule.routes) + "|";
        if (!ids_.insert(rule.id).second)
            throw KeyError(path,
                           "there is another rule of the same kind with these `for`, `models` and `routes`");
        rules_.push_back(std::move(rule));
    }

    void add_limits(const LimitOptions& options, const std::string& path) {
        check(options.models, path + ".models");
        check(options.routes, path + ".routes");
        Rule rule{.scope = Scope::parse(options.scope, path + ".for"),
                  .models = options.models,
                  .routes = options.routes,
                  .shadow = options.shadow};
        const std::int64_t rate = options.requests_per_minute, tokens = options.tokens_per_minute;
        if (rate == 0 && tokens == 0 && options.running == 0)
            throw KeyError(path, "sets no limit: give requests_per_minute, tokens_per_minute or running");
        if (options.burst_requests > 0 && rate == 0)
            throw KeyError(path + ".burst_requests", "needs requests_per_minute");
        if (rate > 0) {
            rule.unit = Unit::requests;
            rule.limit = (options.burst_requests ? options.burst_requests : rate) * micro;
            rule.drain = {rate * micro, minute};
            add(rule, "requests", path);
        }
        if (tokens > 0) {
            rule.unit = Unit::tokens;
            rule.limit = tokens * micro;
            rule.drain = {tokens * micro, minute};
            add(rule, "tokens", path);
        }
        if (options.running == 0) return;
        rule.unit = Unit::running;
        rule.limit = options.running;
        rule.drain = {};
        add(rule, "running", path);
    }

    void add_budget(const BudgetOptions& options, const TimeZone& zone, const std::string& path) {
        check(options.models, path + ".models");
        check(options.routes, path + ".routes");
        Rule rule{.unit = Unit::money,
                  .scope = Scope::parse(options.scope, path + ".for"),
                  .models = options.models,
                  .routes = options.routes,
                  .shadow = options.shadow,
                  .hard = options.hard,
                  .shortens = options.near_limit == "shorten",
                  .cuts = options.cut_streams,
                  .warn_at = options.warn_at,
                  .per = options.per,
                  .windows = std::make_shared<Windows>(period_of(options.per), zone)};
        if (!read_amount(options.amount, rule.limit) || rule.limit == 0)
            throw KeyError(
                path + ".amount",
                "expected more than 0 and at most 9007199.25, with at most nine digits after the point");
        add(std::move(rule), "money", path);
    }

    const Options& options_;
    std::vector<Rule> rules_;
    std::unordered_set<std::string> ids_;
};

std::string client_of(const Identity& who) { return who.id.empty() ? who.name : who.id; }

}  // namespace

Scope Scope::parse(const std::string& text, const std::string& path) {
    Scope scope{.text = text};
    if (text == "all") return scope;
    const std::size_t colon = text.find(':');
    const std::string word = text.substr(0, colon);
    static const std::map<std::string, Kind> kinds = {
        {"key", Kind::key}, {"group", Kind::group}, {"model", Kind::model}, {"route", Kind::route}};
    const auto kind = kinds.find(word);
    if (colon == text.npos || kind == kinds.end())
        throw KeyError(
            path,
            "expected \"all\", \"key:NAME\", \"group:NAME\", \"model:NAME\" or \"route:PROVIDER/MODEL\"");
    scope.kind = kind->second;
    scope.pattern = text.substr(colon + 1);
    if (!is_name_pattern(scope.pattern)) throw KeyError(path, std::string(name_pattern_rule));
    return scope;
}

std::vector<Scope::Owner> Scope::owners(const LimitRequest& request, ModelNames* names) const {
    const Identity& who = request.who;
    std::vector<Owner> owners;
    // A complete name is in the configuration, and its counters are therefore bounded.
    auto counted = [&](std::string_view name) {
        return names && is_prefix_pattern(pattern) ? names->counted(client_of(who), name) : std::string(name);
    };
    switch (kind) {
        case Kind::all: return {{.shown = "all clients"}};
        case Kind::key:
            if (matches_pattern(pattern, who.name) || (!who.id.empty() && matches_pattern(pattern, who.id)))
                return {{.id = owner_of(request.authenticator, who), .shown = "key \"" + who.name + "\""}};
            break;
        case Kind::group:
            for (const std::string& group : who.groups)
                if (matches_pattern(pattern, group))
                    owners.push_back({.id = group, .shown = "group \"" + group + "\""});
            break;
        case Kind::model:
            if (matches_pattern(pattern, request.model))
                return {
                    {.id = counted(request.model), .shown = "model \"" + std::string(request.model) + "\""}};
            break;
        case Kind::route:
            for (const Route& route : request.routes)
                if (const std::string name = name_of(route); matches_pattern(pattern, name))
                    owners.push_back({.id = counted(name), .shown = "route \"" + name + "\"", .route = name});
            break;
    }
    return owners;
}

bool Rule::applies(const LimitRequest& request) const {
    if (!models.empty() && !matches_any_pattern(models, request.model)) return false;
    if (routes.empty()) return !request.routes.empty();
    return std::ranges::any_of(request.routes, [&](const Route& route) { return counts(name_of(route)); });
}

std::chrono::milliseconds Rule::lifetime(std::int64_t value) const {
    constexpr std::chrono::hours day(24);
    return std::clamp<std::chrono::milliseconds>(2 * time_to_lose(value, drain), day, 3'650 * day);
}

std::chrono::milliseconds time_to_lose(std::int64_t amount, const Drain& drain) {
    if (amount <= 0 || drain.amount <= 0) return std::chrono::milliseconds(0);
    const double ms = static_cast<double>(amount) * static_cast<double>(drain.time.count()) /
                      static_cast<double>(drain.amount);
    return std::chrono::milliseconds(static_cast<std::int64_t>(ms) + 1);
}

Rules::Rules(const Options& options) : all_(LimitReader(options).all()) {
    for (std::size_t i = 0; i < all_.size(); ++i) {
        const Scope& scope = all_[i].scope;
        const bool open = scope.kind == Scope::Kind::all || is_prefix_pattern(scope.pattern);
        (open ? open_ : exact_[scope.text]).push_back(i);
    }
}

bool Rules::has_budgets() const {
    return std::ranges::any_of(all_, [](const Rule& rule) { return rule.unit == Unit::money; });
}

Charges Rules::charges(const LimitRequest& request, Seconds now, ModelNames* names) const {
    std::vector<std::size_t> found = open_;
    auto add = [&](const std::string& scope) {
        if (const auto list = exact_.find(scope); list != exact_.end())
            found.insert(found.end(), list->second.begin(), list->second.end());
    };
    if (!exact_.empty()) {
        add("key:" + request.who.name);
        if (!request.who.id.empty() && request.who.id != request.who.name) add("key:" + request.who.id);
        for (const std::string& group : request.who.groups) add("group:" + group);
        add("model:" + std::string(request.model));
        for (const Route& route : request.routes) add("route:" + name_of(route));
        std::ranges::sort(found);
        found.erase(std::unique(found.begin(), found.end()), found.end());
    }
    Charges charges;
    charges.all.reserve(found.size());
    for (const std::size_t index : found)
        if (all_[index].applies(request)) charge(all_[index], request, now, names, charges);
    return charges;
}

void Rules::charge(const Rule& rule, const LimitRequest& request, Seconds now, ModelNames* names,
                   Charges& charges) const {
    for (Scope::Owner& owner : rule.scope.owners(request, names)) {
        // A route that another pattern of the rule excludes.
        if (!owner.route.empty() && !rule.counts(owner.route)) continue;
        charges.has_others = charges.has_others || owner.id == ModelNames::others;
        Charge charge{.rule = &rule};
        CounterName own{.shown = std::move(owner.shown), .route = std::move(owner.route), .per = rule.per};
        std::string name;
        name.reserve(rule.id.size() + owner.id.size() + 24);  // and the start of a window
        name.append(rule.id).append(owner.id);
        if (name.size() > longest_id) name = to_hex(sha256(name));
        charge.keep_for = std::chrono::hours(1);
        if (rule.windows) {
            own.window = rule.windows->current(now);
            name.append("|").append(std::to_string(own.window.start));
        } else if (rule.drain.amount > 0) {
            charge.keep_for = rule.lifetime(rule.limit);
        }
        own.key = {.space = "limits", .id = std::move(name)};
        // A group or a route may be named twice.  Two routes may share the counter of all other names.
        const auto same = [&](const Charge& one) {
            return one.name->key == own.key && one.name->route == own.route;
        };
        if (std::ranges::any_of(charges.all, same)) continue;
        charge.name = charges.names.emplace_back(std::make_unique<CounterName>(std::move(own))).get();
        charges.all.push_back(charge);
    }
}

}  // namespace gatehouse::quota
