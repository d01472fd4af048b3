// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/ledger.hpp"

#include <gatehouse/json_writer.hpp>

namespace gatehouse::quota {

std::string ledger_line(const Plan& plan, const Bill& bill, const Actual& actual, const Context& context) {
    using std::chrono::milliseconds;
    const auto now = std::chrono::floor<milliseconds>(context.host.now()).time_since_epoch();
    std::string line;
    JsonWriter json(line);
    json.begin_object().member("time_ms", std::int64_t{now.count()}).member("request", plan.id());
    json.member("client", plan.client()).member("model", plan.model()).member("status", bill.status);
    json.member("prompt_tokens", actual.prompt).member("completion_tokens", actual.completion);
    json.member("cost", money_text(actual.cost)).member("currency", context.options.currency);
    if (actual.estimated) json.member("estimated", true);
    if (bill.client_left) json.member("client_left", true);
    json.key("attempts").begin_array();
    for (const BilledAttempt& attempt : bill.attempts) {
        const Actual own = Taken::actual_of(plan, {.attempts = {attempt}});
        json.begin_object().member("route", attempt.route.provider + "/" + attempt.route.model);
        json.member("prompt_tokens", own.prompt).member("completion_tokens", own.completion);
        json.member("cost", money_text(own.cost));
        if (own.estimated) json.member("estimated", true);
        json.end_object();
    }
    json.end_array().member("ms", std::int64_t{bill.total.count() / 1'000}).end_object();
    return line + "\n";
}

}  // namespace gatehouse::quota
