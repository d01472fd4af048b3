// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/rules.hpp"

#include <gatehouse/name_pattern.hpp>
#include <gatehouse/sha256.hpp>

#include <algorithm>

namespace gatehouse::quota {

namespace {

constexpr std::chrono::milliseconds minute{60'000};
constexpr std::size_t longest_id = 600;

std::string path_of(const char* list, std::size_t index) {
    return std::string(list) + "[" + std::to_string(index) + "]";
}

void check_models(const std::vector<std::string>& models, const std::string& path) {
    for (const std::string& model : models)
        if (!is_name_pattern(model)) throw KeyError(path + ".models", std::string(name_pattern_rule));
}

std::string joined(const std::vector<std::string>& models) {
    std::string text;
    for (const std::string& model : models) text += model + ",";
    return text;
}

class Rules {
public:
    explicit Rules(const Options& options) : options_(options) {}

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
        const auto same = [&](const Rule& other) { return other.id == rule.id; };
        if (std::ranges::any_of(rules_, same))
            throw KeyError(path, "there is another rule of the same kind with these `for` and `models`");
        rules_.push_back(std::move(rule));
    }

    void add_limits(const LimitOptions& options, const std::string& path) {
        check_models(options.models, path);
        Rule rule{.scope = Scope::parse(options.scope, path + ".for"),
                  .models = options.models,
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
        check_models(options.models, path);
        Rule rule{.unit = Unit::money,
                  .scope = Scope::parse(options.scope, path + ".for"),
                  .models = options.models,
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
};

}  // namespace

Scope Scope::parse(const std::string& text, const std::string& path) {
    Scope scope{.text = text};
    if (text == "all") return scope;
    const std::size_t colon = text.find(':');
    const std::string word = text.substr(0, colon);
    if (colon == text.npos || (word != "key" && word != "group" && word != "model"))
        throw KeyError(path, "expected \"all\", \"key:NAME\", \"group:NAME\" or \"model:NAME\"");
    scope.kind = word == "key" ? Kind::key : word == "group" ? Kind::group : Kind::model;
    scope.pattern = text.substr(colon + 1);
    if (!is_name_pattern(scope.pattern)) throw KeyError(path, std::string(name_pattern_rule));
    return scope;
}

void Scope::each(const LimitRequest& request,
                 const std::function<void(const std::string&, const std::string&)>& each) const {
    const Identity& who = request.who;
    switch (kind) {
        case Kind::all: return each("", "all clients");
        case Kind::key:
            if (matches_pattern(pattern, who.name) || (!who.id.empty() && matches_pattern(pattern, who.id)))
                each(owner_of(request.authenticator, who), "key \"" + who.name + "\"");
            return;
        case Kind::group:
            for (const std::string& group : who.groups)
                if (matches_pattern(pattern, group)) each(group, "group \"" + group + "\"");
            return;
        case Kind::model:
            if (matches_pattern(pattern, request.model))
                each(std::string(request.model), "model \"" + std::string(request.model) + "\"");
            return;
    }
}

bool Rule::applies(const LimitRequest& request) const {
    return models.empty() || matches_any_pattern(models, request.model);
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

std::vector<Rule> rules_of(const Options& options) { return Rules(options).all(); }

std::vector<Charge> charges_of(const std::vector<Rule>& rules, const LimitRequest& request, Seconds now) {
    std::vector<Charge> charges;
    for (const Rule& rule : rules) {
        if (!rule.applies(request)) continue;
        rule.scope.each(request, [&](const std::string& id, const std::string& shown) {
            Charge charge{.rule = &rule, .shown = shown};
            std::string name = rule.id + id;
            if (name.size() > longest_id) name = to_hex(sha256(name));
            charge.keep_for = std::chrono::hours(1);
            if (rule.windows) {
                charge.window = rule.windows->current(now);
                name += "|" + std::to_string(charge.window.start);
                charge.keep_for = std::chrono::seconds(charge.window.end - now) + std::chrono::hours(48);
            } else if (rule.drain.amount > 0) {
                charge.keep_for = rule.lifetime(rule.limit);
            }
            charge.key = {.space = "limits", .id = std::move(name)};
            if (std::ranges::count(charges, charge.key, &Charge::key) == 0)  // a group may be named twice
                charges.push_back(std::move(charge));
        });
    }
    return charges;
}

}  // namespace gatehouse::quota
