// SPDX-License-Identifier: Apache-2.0
// The configuration keys of the plugin.
#pragma once

#include "plugins/limiter/quota/prices.hpp"

#include <gatehouse/schema.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gatehouse::quota {

struct LimitOptions {
    std::string scope = "all";
    std::vector<std::string> models = {}, routes = {};
    std::int64_t requests_per_minute = 0, burst_requests = 0, tokens_per_minute = 0, running = 0;
    bool shadow = false;
};

struct BudgetOptions {
    std::string scope = "all";
    std::vector<std::string> models = {}, routes = {};
    double amount = 0;
    std::string per = "month", near_limit = "refuse";
    std::int64_t warn_at = 80;
    bool hard = true, cut_streams = false, shadow = false;
};

struct Options {
    std::string currency = "USD", time_zone = "UTC", unpriced = "refuse", on_store_failure = "refuse";
    std::string ledger_file = {}, prices_file = {}, resource = "limits";
    std::int64_t gateways = 1, store_timeout_ms = 100, default_output_tokens = 4'096,
                 shorten_min_tokens = 256, image_tokens = 5'000, file_tokens = 10'000;
    std::vector<LimitOptions> limits = {};
    std::vector<BudgetOptions> budgets = {};
    std::map<std::string, PriceOptions> prices = {};
};

extern const Fields<Options> fields;

}  // namespace gatehouse::quota
