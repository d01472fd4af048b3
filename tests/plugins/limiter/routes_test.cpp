// SPDX-License-Identifier: Apache-2.0
// Rules that count only some routes, and the number of counters where names are free.
#include "tests/plugins/limiter/limited.hpp"

using namespace gatehouse;
using namespace gatehouse::testing;

namespace {

Table for_routes(const char* pattern, std::vector<Entry> more) {
    Table table{{{"for", toml("key:*")}, {"routes", Value{std::vector<std::string>{pattern}}}}};
    table.entries.insert(table.entries.end(), more.begin(), more.end());
    return table;
}

std::string left_for(const LimitDecision& decision) {
    return std::string(decision.standing.headers.get("x-gatehouse-budget-remaining"));
}

Bill at(std::vector<Route> routes) {
    Bill bill{.status = 200};
    for (Route& route : routes)
        bill.attempts.push_back({.route = std::move(route),
                                 .usage = Usage{.prompt = 100, .completion = 10},
                                 .sent = true,
                                 .consumed = true});
    return bill;
}

}  // namespace

TEST_CASE_FIXTURE(Limited, "a budget of routes pays for the attempts at them only") {
    routes = {{"oci", "gpt"}, {"dear", "x"}};
    use({{{"budgets", tables({for_routes("dear/*", {{"amount", toml(1.0)}})})},
          {"prices", Value{Table{{{"oci/*", Value{price(1, 10)}}, {"dear/*", Value{price(10, 100)}}}}}}}});
    auto first = grant(), second = grant(), third = grant();
    first->settle(at({{"oci", "gpt"}}));
    second->settle(at({{"oci", "gpt"}, {"dear", "x"}}));
    third->settle(at({{"dear", "x"}}));
    routes = {{"dear", "x"}};
    const LimitDecision after = decide();
    const double reserved = 1.0 - std::stod(left_for(after)) - 2 * 0.002;
    CHECK(reserved > 0.0119);
    CHECK(reserved < 0.015);
    routes = {{"oci", "gpt"}};
    CHECK(left_for(decide()).empty());
}

TEST_CASE_FIXTURE(Limited, "a route without a price matters only to the budgets that count it") {
    routes = {{"oci", "gpt"}, {"lab", "x"}};
    use({{{"budgets", tables({for_routes("oci/*", {{"amount", toml(1.0)}})})},
          {"prices", Value{Table{{{"oci/*", Value{price(1, 10)}}}}}}}});
    CHECK(passes());
    use({{{"budgets", tables({for_routes("lab/*", {{"amount", toml(1.0)}})})},
          {"prices", Value{Table{{{"oci/*", Value{price(1, 10)}}}}}}}});
    CHECK(refusal().code == "model_not_priced");
}

TEST_CASE_FIXTURE(Limited, "requests to other routes are given back to a rate of routes") {
    routes = {{"oci", "gpt"}, {"dear", "x"}};
    limits({for_routes("dear/*", {{"requests_per_minute", toml(std::int64_t{2})}})});
    for (int i = 0; i < 5; ++i) grant()->settle(at({{"oci", "gpt"}}));
    grant()->settle(at({{"oci", "gpt"}, {"dear", "x"}}));
    CHECK(passes());
    CHECK_FALSE(passes());
    routes = {{"oci", "gpt"}};
    CHECK(passes());
}

TEST_CASE_FIXTURE(Limited, "each route has its own counter") {
    limits({{{{"for", toml("route:*")}, {"requests_per_minute", toml(std::int64_t{1})}}}});
    routes = {{"a", "x"}};
    CHECK(passes());
    const Error refused = refusal();
    CHECK(refused.message.starts_with("requests per minute of route \"a/x\": 1 of 1 used"));
    routes = {{"a", "y"}};
    CHECK(passes());
}

TEST_CASE_FIXTURE(Limited, "names that clients invent share a counter") {
    limits({{{{"for", toml("model:*")}, {"requests_per_minute", toml(std::int64_t{1'000})}}}});
    for (int i = 0; i < 1'000; ++i) {
        model = "invented-" + std::to_string(i);
        CHECK(passes());
    }
    CHECK(store.size().records < 300);
    who.name = "another";
    model = "real";
    CHECK(decide().standing.requests->remaining == 999);
    who.name = "ci";
    CHECK(decide().standing.requests->remaining == 998);
}

TEST_CASE_FIXTURE(Limited, "the rules of a request are found among ten thousand") {
    std::vector<Table> rules;
    for (int i = 0; i < 10'000; ++i)
        rules.push_back({{{"for", toml(("key:k" + std::to_string(i)).c_str())},
                          {"requests_per_minute", toml(std::int64_t{1})}}});
    rules.push_back({{{"for", toml("group:team:blue")}, {"requests_per_minute", toml(std::int64_t{2})}}});
    limits(std::move(rules));
    who = {.name = "k7", .groups = {"team:blue"}};
    CHECK(passes());
    CHECK(refusal().message.find("key \"k7\"") != std::string::npos);
    who.name = "other";
    CHECK(passes());
    CHECK(refusal().message.find("group \"team:blue\"") != std::string::npos);
}

TEST_CASE_FIXTURE(Limited, "mistakes in routes are named") {
    CHECK(error({{{"limits", tables({for_routes("a*b", {{"requests_per_minute", toml(std::int64_t{1})}})})}}})
              .starts_with("limits[0].routes: must be a name"));
}
