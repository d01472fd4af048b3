// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/options.hpp"

namespace gatehouse::quota {

namespace {

constexpr std::int64_t most = 1'000'000'000;
constexpr const char* scope_doc =
    "Whom it counts: \"all\" clients together, \"key:NAME\" (a client), \"group:NAME\", \"model:NAME\" (the client's name "
    "of a model) or \"route:PROVIDER/MODEL\". If NAME ends in *, each matching client, group, model or route has its own "
    "counter: \"key:*\".";
constexpr const char* models_doc =
    "The rule counts only requests for these models. Give the names that clients send; a star at the end matches any text. All models, "
    "if omitted.";
constexpr const char* routes_doc =
    "The rule counts only attempts at these routes, as \"provider/model\"; a star at the end matches any text. All routes, if "
    "omitted.";
constexpr const char* shadow_doc = "Count and report, and never refuse.";

Fields<LimitOptions> limit_fields() {
    return {
        optional("for", &LimitOptions::scope, scope_doc),
        optional("models", &LimitOptions::models, models_doc),
        optional("routes", &LimitOptions::routes, routes_doc),
        ranged("requests_per_minute", &LimitOptions::requests_per_minute, 0, most,
               "Requests in a minute; 0: no limit."),
        ranged("burst_requests", &LimitOptions::burst_requests, 0, most,
               "Requests that may pass at once; 0: as many as in a minute."),
        ranged("tokens_per_minute", &LimitOptions::tokens_per_minute, 0, most,
               "Tokens of prompts and responses in a minute; 0: no limit."),
        ranged("running", &LimitOptions::running, 0, most,
               "Requests that run at the same time in this gateway; 0: no limit."),
        optional("shadow", &LimitOptions::shadow, shadow_doc),
    };
}

Fields<BudgetOptions> budget_fields() {
    return {
        optional("for", &BudgetOptions::scope, scope_doc),
        optional("models", &BudgetOptions::models, models_doc),
        optional("routes", &BudgetOptions::routes, routes_doc),
        required("amount", &BudgetOptions::amount, "Money in a window, such as 500.00."),
        choice("per", &BudgetOptions::per, {"hour", "day", "week", "month", "year"},
               "The window, by the calendar of time_zone. Weeks begin on Monday."),
        optional("hard", &BudgetOptions::hard,
                 "Reserve the highest cost of a request, so that the budget is never exceeded. If false, "
                 "reserve the likely cost."),
        ranged("warn_at", &BudgetOptions::warn_at, 0, 100,
               "Percentage at which the log has a warning; 0: none."),
        choice("near_limit", &BudgetOptions::near_limit, {"refuse", "shorten"},
               "If only a shorter response fits: refuse the request, or lower its limit of output tokens."),
        optional(
            "cut_streams", &BudgetOptions::cut_streams,
            "Reserve the likely cost of a stream, reserve more while it runs, and end it with an error if "
            "the budget is spent."),
        optional("shadow", &BudgetOptions::shadow, shadow_doc),
    };
}

}  // namespace

const Fields<Options> fields = {
    optional("currency", &Options::currency, "The currency of all prices and budgets."),
    optional("time_zone", &Options::time_zone,
             "The time zone in which the windows of budgets begin, such as \"Europe/Berlin\"."),
    choice(
        "unpriced", &Options::unpriced, {"refuse", "free"},
        "Requests that a budget counts and whose route has no price: refuse them, or let them cost nothing."),
    choice(
        "on_store_failure", &Options::on_store_failure, {"refuse", "local", "allow"},
        "Requests while the store does not answer: refuse them with 503, apply this gateway's share of each "
        "limit, or admit all of them. The cost of what is admitted is counted later."),
    ranged("gateways", &Options::gateways, 1, 10'000,
           "Number of gateways that share the store, for on_store_failure = \"local\"."),
    ranged("store_timeout_ms", &Options::store_timeout_ms, 1, 10'000,
           "Time for the store to answer, in milliseconds; after it on_store_failure applies."),
    ranged(
        "default_output_tokens", &Options::default_output_tokens, 1, most,
        "Tokens that are assumed as the longest response if neither the client nor the price has a limit."),
    ranged(
        "shorten_min_tokens", &Options::shorten_min_tokens, 1, most,
        "The lowest limit of output tokens that near_limit = \"shorten\" sets; below it a request is refused."),
    ranged("image_tokens", &Options::image_tokens, 1, most,
           "Tokens that a hard budget reserves for an image in a prompt."),
    ranged(
        "file_tokens", &Options::file_tokens, 1, most,
        "Tokens that are assumed for a file that a request names by its id, and for a body that is not JSON."),
    optional("ledger_file", &Options::ledger_file,
             "A file with one line of JSON for each request: attempts, tokens and cost. Empty: none."),
    optional(
        "resource", &Options::resource,
        "The name of the resource in the admin API that shows limits and sums of the ledger; empty: none."),
    tables("limits", &Options::limits, limit_fields(), "Limits of requests and tokens."),
    tables("budgets", &Options::budgets, budget_fields(), "Limits of money."),
    table_map(
        "prices", &Options::prices, price_fields(),
        "Prices of routes, by \"provider/model\", or by the name of a model alone; a star at the end matches any text. "
        "A route without an entry has the price of prices_file, else of its provider's table."),
    optional(
        "prices_file", &Options::prices_file,
        "A file of more prices: TOML tables as in prices, or LiteLLM's public list as JSON. Read at start and at "
        "each reload. Empty: none."),
};

}  // namespace gatehouse::quota
