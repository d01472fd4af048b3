// SPDX-License-Identifier: Apache-2.0
// The limits and budgets of the configuration as rules, and the counters that a request changes.
// Read-only after their construction, except for the windows: any thread.
#pragma once

#include "plugins/limiter/quota/model_names.hpp"
#include "plugins/limiter/quota/options.hpp"
#include "plugins/limiter/quota/window.hpp"

#include <gatehouse/name_pattern.hpp>
#include <gatehouse/sdk.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace gatehouse::quota {

enum class Unit { requests, tokens, running, money };

/// A request or a token in the counters of rates, so that a drain loses no more than a millionth of it.
inline constexpr std::int64_t micro = 1'000'000;

/// Whom a rule counts.
struct Scope {
    enum class Kind { all, key, group, model, route } kind = Kind::all;
    std::string pattern = {};
    std::string text = "all";  // as in the file

    /// Throws KeyError.
    static Scope parse(const std::string& text, const std::string& path);
    /// Whether its counters are those of many clients, which must not see the use of each other.
    bool is_shared() const { return kind != Kind::key && kind != Kind::group; }

    /// A counter of a request.
    struct Owner {
        std::string id = {};
        std::string shown = {};  // for a message to its client
        std::string route = {};  // the only route that it counts; empty: all
    };
    /// `names` limits the number of counters; null: it does not.
    std::vector<Owner> owners(const LimitRequest& request, ModelNames* names) const;
};

struct Rule {
    Unit unit = Unit::requests;
    Scope scope = {};
    std::vector<std::string> models = {}, routes = {};
    std::int64_t limit = 0;  // in micro-requests, micro-tokens, requests, or nano-units
    Drain drain = {};
    bool shadow = false, hard = false, shortens = false, cuts = false;
    std::int64_t warn_at = 0;  // percent
    std::string per = {};      // a budget's: "month"
    std::shared_ptr<Windows> windows = {};
    std::string id = {};  // begins the names of its counters

    bool applies(const LimitRequest& request) const;
    /// `route` is "provider/model".
    bool counts(const std::string& route) const {
        return routes.empty() || matches_any_pattern(routes, route);
    }
    /// A lifetime for a counter with `value`: twice the time in which it drains, at least a day.
    std::chrono::milliseconds lifetime(std::int64_t value) const;
    /// Whether the log warns of the budget.
    bool warns() const { return unit == Unit::money && warn_at > 0; }
};

/// The time in which a counter loses `amount`; 0 if it does not drain.
std::chrono::milliseconds time_to_lose(std::int64_t amount, const Drain& drain);

/// A counter, as many requests share it.
struct CounterName {
    StoreKey key = {};
    std::string shown = {};  // its owner: key "ci", all clients
    std::string route = {};  // the only route that it counts; empty: all of the rule
    Window window = {};      // a budget's
    std::string per = {};    // a budget's: "month"
};

/// A change of a counter, without a copy of its name.
struct NamedChange {
    const CounterName* name = nullptr;
    std::int64_t amount = 0;
    std::chrono::milliseconds keep_for{};
    Drain drain = {};

    Count count() const { return {.key = name->key, .amount = amount, .keep_for = keep_for, .drain = drain}; }
};

/// A counter that a request changes.  The rule and the name outlive it.
struct Charge {
    const Rule* rule = nullptr;
    const CounterName* name = nullptr;
    std::chrono::milliseconds keep_for{};
    std::int64_t reserved = 0, actual = 0;  // in the unit of the rule

    /// Whether it counts all routes of the request.
    bool counts_all() const { return name->route.empty() && rule->routes.empty(); }
    bool counts(const Route& at) const {
        if (counts_all()) return true;
        const std::string text = name_of(at);
        return (name->route.empty() || name->route == text) && rule->counts(text);
    }
    /// Whether it ends a stream that it does not cover.
    bool is_cut() const { return rule->cuts && !rule->shadow; }
    NamedChange change(std::int64_t amount) const { return {name, amount, keep_for, rule->drain}; }
    Count count(std::int64_t amount) const { return change(amount).count(); }
};

/// The counters of a request, with their names.
struct Charges {
    std::vector<Charge> all = {};  // in the order of the rules
    std::vector<std::unique_ptr<const CounterName>> names = {};
    bool has_others = false;  // a model or a route has no counter of its own
};

/// All rules.  The time to find those of a request does not depend on the number of rules for complete names.
class Rules {
public:
    /// Throws KeyError.
    explicit Rules(const Options& options);

    const std::vector<Rule>& all() const { return all_; }
    bool has_budgets() const;
    Charges charges(const LimitRequest& request, Seconds now, ModelNames* names) const;

private:
    void charge(const Rule& rule, const LimitRequest& request, Seconds now, ModelNames* names,
                Charges& charges) const;

    std::vector<Rule> all_;
    std::vector<std::size_t> open_;  // rules for all clients, or with a star
    std::unordered_map<std::string, std::vector<std::size_t>> exact_;  // by the text of the scope
};

}  // namespace gatehouse::quota
