// SPDX-License-Identifier: Apache-2.0
// A rule of the table: for which requests it holds, and how it orders their routes.
// Made at start, then read only: [any thread].
#pragma once

#include "plugins/mapper/table/route_template.hpp"

#include <gatehouse/sdk.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::table {

/// The keys of `when`.  Each key that is given must hold.
struct ConditionOptions {
    std::vector<std::string> client = {}, group = {}, kind = {};
    std::map<std::string, std::vector<std::string>> attribute = {}, header = {};
    std::optional<std::int64_t> larger_than = {};
    std::optional<bool> tools = {}, images = {}, stream = {};
};
struct WeightedRoute {
    std::string to;
    std::int64_t weight = 0;
};
struct RuleOptions {
    std::vector<std::string> models = {"*"};
    ConditionOptions when = {};
    std::vector<WeightedRoute> routes = {};
    bool sticky = false;
    std::string prefer = "first";
};
Fields<RuleOptions> rule_fields();

class Rule {
public:
    /// `path` is that of the rule, such as "rules[0]".  Throws KeyError.
    Rule(RuleOptions options, const std::string& path);

    bool holds(const RouteQuery& query) const;
    /// The rule's own routes for the model; empty if it has none.
    std::vector<Route> routes(std::string_view model) const;
    /// Puts the best route first.  `seed` is the same for all requests of a conversation.  Calls
    /// unpriced(route) for each route whose price is needed and missing.
    void order(std::vector<Route>& routes, const RouteQuery& query, std::uint64_t seed,
               const std::function<void(const Route&)>& unpriced) const;

    const RuleOptions& options() const { return options_; }
    /// Whether each request compares the routes.
    bool compares() const { return options_.prefer != "first"; }
    /// Whether it compares measurements.
    bool measures() const { return options_.prefer == "fastest" || options_.prefer == "least_busy"; }
    bool has_condition() const;
    bool has_routes() const { return !templates_.empty(); }
    std::vector<std::string> providers() const;

private:
    bool fits(const ConditionOptions& when, const RouteQuery& query) const;

    RuleOptions options_;
    Templates templates_;
};

}  // namespace gatehouse::table
