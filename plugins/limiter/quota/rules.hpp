// SPDX-License-Identifier: Apache-2.0
// The limits and budgets of the configuration as rules, and the counters that a request changes.
// Read-only after their construction, except for the windows: any thread.
#pragma once

#include "plugins/limiter/quota/options.hpp"
#include "plugins/limiter/quota/window.hpp"

#include <gatehouse/sdk.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::quota {

enum class Unit { requests, tokens, running, money };

/// A request or a token in the counters of rates, so that a drain loses no more than a millionth of it.
inline constexpr std::int64_t micro = 1'000'000;

/// Whom a rule counts.
struct Scope {
    enum class Kind { all, key, group, model } kind = Kind::all;
    std::string pattern = {};
    std::string text = "all";  // as in the file

    /// Throws KeyError.
    static Scope parse(const std::string& text, const std::string& path);
    /// Calls each(id, shown) for each counter of the request; `shown` is for a message to its client.
    void each(const LimitRequest& request,
              const std::function<void(const std::string& id, const std::string& shown)>& each) const;
};

struct Rule {
    Unit unit = Unit::requests;
    Scope scope = {};
    std::vector<std::string> models = {};
    std::int64_t limit = 0;  // in micro-requests, micro-tokens, requests, or nano-units
    Drain drain = {};
    bool shadow = false, hard = false, shortens = false, cuts = false;
    std::int64_t warn_at = 0;  // percent
    std::string per = {};      // a budget's: "month"
    std::shared_ptr<Windows> windows = {};
    std::string id = {};  // begins the names of its counters

    bool applies(const LimitRequest& request) const;
    /// A lifetime for a counter with `value`: twice the time in which it drains, at least a day.
    std::chrono::milliseconds lifetime(std::int64_t value) const;
};

/// The time in which a counter loses `amount`; 0 if it does not drain.
std::chrono::milliseconds time_to_lose(std::int64_t amount, const Drain& drain);

/// Throws KeyError.
std::vector<Rule> rules_of(const Options& options);

/// A counter that a request changes.
struct Charge {
    const Rule* rule = nullptr;
    StoreKey key = {};
    std::string shown = {};  // its owner: key "ci", all clients
    std::chrono::milliseconds keep_for{};
    Window window = {};         // a budget's
    std::int64_t reserved = 0;  // in the unit of the rule

    Count count(std::int64_t amount) const {
        return {.key = key, .amount = amount, .keep_for = keep_for, .drain = rule->drain};
    }
};

std::vector<Charge> charges_of(const std::vector<Rule>& rules, const LimitRequest& request, Seconds now);

}  // namespace gatehouse::quota
